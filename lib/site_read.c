/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a site file (doc/carbon-site.5) by the tables of site_fields.c. Runs inside slurmctld: strict, so that
 * a file that is not understood in full changes nothing.
 */
#include "lib/site.h"

#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/sealed.h"
#include "lib/site_fields.h"

struct reading {
	struct carbon_lines lines;
	struct carbon_err *err;
	struct carbon_site site;
	const struct carbon_site_field *field;	   /* the next one that may come */
	const struct carbon_site_section *section; /* the one that is being read; NULL: none yet */
};

static int refuse(const struct reading *r, const struct carbon_word *word, const char *why)
{
	char shown[CARBON_WORD_SHOWN];

	return carbon_err_set(r->err, "line %lu: \"%s\" %s", r->lines.number,
			      carbon_word_show(word, shown), why);
}

static int refuse_value(const struct reading *r, const struct carbon_site_field *field,
			const struct carbon_word *value)
{
	char right[CARBON_FIELD_TEXT], shown[CARBON_WORD_SHOWN];

	carbon_site_field_describe(field, right);
	return carbon_err_set(r->err, "line %lu: %s \"%s\" should be %s", r->lines.number, field->key,
			      carbon_word_show(value, shown), right);
}

static int read_value(const struct reading *r, const struct carbon_site_field *field,
		      const struct carbon_word *value, void *base)
{
	if (field->type->parse(value, field, (char *)base + field->offset))
		return refuse_value(r, field, value);
	return 0;
}

/* --- key=value pairs --- */

static bool is_gpu(const struct reading *r, const struct carbon_word *key)
{
	size_t length = strlen(CARBON_SITE_GPU);

	return carbon_site_section_is_places(r->section) && key->length > length &&
	       !memcmp(key->text, CARBON_SITE_GPU, length);
}

static int read_gpu(const struct reading *r, const struct carbon_word *key,
		    const struct carbon_word *value, struct carbon_power_model *power)
{
	size_t length = strlen(CARBON_SITE_GPU);
	struct carbon_word name = {key->text + length, key->length - length};
	struct carbon_gpu_type gpu = {.power_w = 0};

	if (carbon_word_copy(&name, gpu.name, sizeof(gpu.name)) ||
	    !carbon_name_is_valid(gpu.name, sizeof(gpu.name)))
		return refuse(r, key, "should be gpu. and a GRES type of at most 23 characters");
	if (power->gpu_types == CARBON_GPU_TYPES_MAX)
		return refuse(r, key, "is one GPU type too many: a partition has at most 16");
	for (size_t i = 0; i < power->gpu_types; i++)
		if (!strcmp(power->gpu_type[i].name, gpu.name))
			return refuse(r, key, "is there twice");
	if (read_value(r, &carbon_site_gpu_field, value, &gpu))
		return -1;
	power->gpu_type[power->gpu_types++] = gpu;
	return 0;
}

/* In the order of the table, each once at most; GPUs behind them. */
static int read_pairs(const struct reading *r, struct carbon_word *line, void *item)
{
	const struct carbon_site_field *next = r->section->fields, *field;
	struct carbon_word word, key, value;

	while (carbon_word_next(line, &word)) {
		if (!carbon_word_split(&word, &key, &value))
			return refuse(r, &word, "should be key=value");
		if (is_gpu(r, &key)) {
			if (read_gpu(r, &key, &value, &((struct carbon_place *)item)->power))
				return -1;
			while (next->key)
				next++;
			continue;
		}
		field = carbon_site_field_find(next, &key);
		if (!field)
			return refuse(r, &key,
				      carbon_site_field_find(r->section->fields, &key)
					      ? "is there twice or too late in its line"
					      : "is not a key of this line");
		if (read_value(r, field, &value, item))
			return -1;
		next = field + 1;
	}
	return 0;
}

/* --- numbers behind the words --- */

/* "12", "0.25", "-3.5"; no exponent. */
static int read_number(const struct carbon_word *word, double *out)
{
	const char *cursor = word->text, *end = word->text + word->length;
	bool is_negative = word->length > 0 && *cursor == '-';
	double value;

	cursor += is_negative;
	if (carbon_decimal_scan(&cursor, end, &value) || cursor != end)
		return -1;
	*out = is_negative ? -value : value;
	return 0;
}

static int read_values(const struct reading *r, struct carbon_word *line, void *item)
{
	const struct carbon_site_values *values = r->section->values;
	float *array = carbon_site_values_array(values, item);
	size_t *count = carbon_site_values_count(values, item);
	struct carbon_word word;
	double value;

	while (carbon_word_next(line, &word)) {
		if (*count == values->most)
			return refuse(r, &word, "is one number too many");
		if (read_number(&word, &value) || value < values->min || value > values->max) {
			char shown[CARBON_WORD_SHOWN];

			return carbon_err_set(r->err, "line %lu: \"%s\" should be a number from %.0f to %.0f",
					      r->lines.number, carbon_word_show(&word, shown), values->min,
					      values->max);
		}
		array[(*count)++] = (float)value;
	}
	if (*count < values->least)
		return carbon_err_set(r->err, "line %lu: %zu numbers should be %zu", r->lines.number, *count,
				      values->least);
	return 0;
}

/* --- lines that may be there many times --- */

/* The item after the last one, zeroed: the array doubles whenever its count is a power of two. */
static void *add_item(const struct carbon_site_section *section, struct carbon_site *site)
{
	size_t count = carbon_site_section_count(section, site);
	char *items = carbon_site_section_items(section, site);

	if ((count & (count - 1)) == 0) {
		char *more = realloc(items, (count ? 2 * count : 1) * section->size);

		if (!more)
			return NULL;
		items = more;
	}
	carbon_site_section_replace(section, site, count + 1, items);
	memset(items + count * section->size, 0, section->size);
	return items + count * section->size;
}

static int read_item(struct reading *r, struct carbon_word *line)
{
	const struct carbon_site_section *section = r->section;
	size_t count = carbon_site_section_count(section, &r->site);
	struct carbon_word whole = *line;
	char *item, shown[CARBON_WORD_SHOWN];

	if (count == section->cap)
		return carbon_err_set(r->err, "line %lu: more than %zu %s lines", r->lines.number,
				      section->cap, section->keyword);
	item = add_item(section, &r->site);
	if (!item)
		return carbon_err_set(r->err, "line %lu: no memory", r->lines.number);
	if (section->line->parse(line, item))
		return carbon_err_set(r->err, "line %lu: \"%s%s\" should be %s", r->lines.number,
				      section->keyword, carbon_word_show(&whole, shown),
				      section->shape);
	if (count && section->line->compare(item - section->size, item) >= 0)
		return carbon_err_set(r->err,
				      "line %lu: \"%s%s\" is there twice or out of order: %s lines are "
				      "sorted",
				      r->lines.number, section->keyword,
				      carbon_word_show(&whole, shown), section->keyword);
	return section->values ? read_values(r, line, item) : read_pairs(r, line, item);
}

static int check_places(const struct reading *r)
{
	const char *first = NULL;

	for (size_t i = 0; i < r->site.places; i++) {
		const struct carbon_place *place = &r->site.place[i];

		if (place->is_default && first)
			return carbon_err_set(r->err,
					      "partitions %s and %s are both default=yes; one is",
					      first, place->partition);
		if (place->is_default)
			first = place->partition;
	}
	return 0;
}

/* --- lines --- */

static const struct carbon_site_section *find_section(const struct carbon_site_section *sections,
						      const struct carbon_word *keyword)
{
	for (; sections->keyword; sections++)
		if (carbon_word_is(keyword, sections->keyword))
			return sections;
	return NULL;
}

static int refuse_keyword(const struct reading *r, const struct carbon_word *keyword)
{
	if (carbon_site_field_find(carbon_site_fields, keyword) ||
	    find_section(carbon_site_sections, keyword))
		return refuse(r, keyword, "is there twice or too late in the file");
	return refuse(r, keyword, "is not a keyword of carbon-site 1");
}

/* Up to UNTIL (NULL: the end of the table), what was passed over must not be required. */
static int pass_fields(struct reading *r, const struct carbon_site_field *until)
{
	for (; r->field->key && r->field != until; r->field++)
		if (r->field->required)
			return carbon_err_set(r->err, "line %lu: \"%s\" should stand here",
					      r->lines.number, r->field->key);
	return 0;
}

static int read_field(struct reading *r, const struct carbon_site_field *field,
		      struct carbon_word *line)
{
	struct carbon_word value = {"", 0}, more;

	if (pass_fields(r, field))
		return -1;
	r->field++;
	carbon_word_next(line, &value);
	if (read_value(r, field, &value, &r->site))
		return -1;
	if (carbon_word_next(line, &more))
		return refuse(r, &more, "should not be there");
	return 0;
}

static int read_line(struct reading *r, struct carbon_word *line)
{
	struct carbon_word keyword = {"", 0};
	const struct carbon_site_section *section;
	const struct carbon_site_field *field;

	carbon_word_next(line, &keyword);
	field = r->section ? NULL : carbon_site_field_find(r->field, &keyword);
	if (field)
		return read_field(r, field, line);
	section = find_section(r->section ? r->section : carbon_site_sections, &keyword);
	if (!section)
		return refuse_keyword(r, &keyword);
	if (pass_fields(r, NULL))
		return -1;
	r->section = section;
	return read_item(r, line);
}

static int read_lines(struct reading *r)
{
	struct carbon_word line;

	while (carbon_lines_next(&r->lines, &line))
		if (read_line(r, &line))
			return -1;
	return pass_fields(r, NULL) || check_places(r) ? -1 : 0;
}

int carbon_site_parse(const char *text, size_t length, struct carbon_site *site,
		      struct carbon_err *err)
{
	struct reading r = {.err = err, .field = carbon_site_fields};

	if (length > CARBON_SITE_SIZE_MAX)
		return carbon_err_set(err, "%zu bytes; a site has at most %zu", length,
				      CARBON_SITE_SIZE_MAX);
	if (carbon_sealed_open(text, length, "carbon-site", 1, &r.lines, err))
		return -1;
	carbon_site_init(&r.site);
	if (read_lines(&r)) {
		carbon_site_fini(&r.site);
		return -1;
	}
	*site = r.site;
	return 0;
}
