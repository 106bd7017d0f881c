/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a site file (doc/carbon-site.5). Each value is read back by the reader's own function before it is
 * written, so that what could be written is what slurmctld will take.
 */
#include "lib/site.h"

#include <math.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/sealed.h"
#include "lib/site_fields.h"

#define HEAD_TEXT (CARBON_FIELD_TEXT * 2)

/* Large enough for any member or item that a parser fills. */
union scratch {
	char name[CARBON_FIELD_TEXT];
	struct carbon_place place;
	struct carbon_rule rule;
	struct carbon_site_user user;
	struct carbon_wall wall;
	struct carbon_offer offer;
	struct carbon_sibling sibling;
	struct carbon_limit limit;
	struct carbon_blackout blackout;
	struct carbon_wait wait;
	struct carbon_full full;
	struct carbon_site_series series;
};

/* One pair of a line, or one line of its own where OWNER is NULL; OWNER is for errors. */
static int add_field(struct carbon_buf *buf, const char *owner, const struct carbon_site_field *field,
		     const void *base, struct carbon_err *err)
{
	char text[CARBON_FIELD_TEXT], right[CARBON_FIELD_TEXT];
	union scratch scratch;
	struct carbon_word word = {text, 0};

	if (!field->type->format(field, (const char *)base + field->offset, text)) {
		if (!field->required)
			return 0;
		text[0] = '\0';
	}
	word.length = strlen(text);
	carbon_site_field_describe(field, right);
	if (field->type->parse(&word, field, &scratch))
		return carbon_err_set(err, "%s: %s \"%s\" should be %s", owner ? owner : "site",
				      field->key, text, right);
	carbon_buf_printf(buf, owner ? " %s=%s" : "%s %s\n", field->key, text);
	return 0;
}

static int add_gpus(struct carbon_buf *buf, const char *owner, const struct carbon_power_model *power,
		    struct carbon_err *err)
{
	if (power->gpu_types > CARBON_GPU_TYPES_MAX)
		return carbon_err_set(err, "%s: %zu GPU types should be at most %d", owner,
				      power->gpu_types, CARBON_GPU_TYPES_MAX);
	for (size_t i = 0; i < power->gpu_types; i++) {
		const struct carbon_gpu_type *gpu = &power->gpu_type[i];
		struct carbon_site_field field = carbon_site_gpu_field;
		char key[CARBON_FIELD_TEXT] = CARBON_SITE_GPU;

		if (!carbon_name_is_valid(gpu->name, sizeof(gpu->name)))
			return carbon_err_set(err, "%s: GPU type \"%.*s\" is not a name", owner,
					      (int)sizeof(gpu->name), gpu->name);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(power->gpu_type[k].name, gpu->name))
				return carbon_err_set(err, "%s: GPU type %s is there twice", owner,
						      gpu->name);
		memcpy(key + strlen(CARBON_SITE_GPU), gpu->name, strlen(gpu->name) + 1);
		field.key = key;
		if (add_field(buf, owner, &field, gpu, err))
			return -1;
	}
	return 0;
}

/* The words before the pairs, checked by the reader's own function. */
static int add_head(struct carbon_buf *buf, const struct carbon_site_section *section,
		    const void *item, char owner[HEAD_TEXT], struct carbon_err *err)
{
	char text[HEAD_TEXT];
	union scratch scratch;
	struct carbon_word line = {text, 0};

	section->line->format(item, text);
	line.length = strlen(text);
	if (section->line->parse(&line, &scratch) || line.length > 0)
		return carbon_err_set(err, "\"%s %s\" should be %s", section->keyword, text,
				      section->shape);
	carbon_buf_printf(buf, "%s %s", section->keyword, text);
	memcpy(owner, text, sizeof(text));
	return 0;
}

/* As text: "-0" would be read, and written as "0" the next time. */
static void add_number(struct carbon_buf *buf, double value)
{
	char text[CARBON_DECIMAL_TEXT];

	carbon_decimal_format(fabs(value), CARBON_SITE_VALUE_PLACES, text);
	carbon_buf_printf(buf, " %s%s", value < 0 && strcmp(text, "0") != 0 ? "-" : "", text);
}

static int add_values(struct carbon_buf *buf, const struct carbon_site_section *section, const char *owner,
		      const void *item, struct carbon_err *err)
{
	const struct carbon_site_values *values = section->values;
	size_t count;

	memcpy(&count, (const char *)item + values->count_offset, sizeof(count));
	if (count < values->least || count > values->most)
		return carbon_err_set(err, "%s %s: %zu numbers should be %zu to %zu", section->keyword, owner,
				      count, values->least, values->most);
	for (size_t i = 0; i < count; i++) {
		float value;

		memcpy(&value, (const char *)item + values->array_offset + i * sizeof(value), sizeof(value));
		if (!((double)value >= values->min && (double)value <= values->max))
			return carbon_err_set(err, "%s %s: %g should be %.0f to %.0f", section->keyword, owner,
					      (double)value, values->min, values->max);
		add_number(buf, (double)value);
	}
	return 0;
}

static int add_item(struct carbon_buf *buf, const struct carbon_site_section *section,
		    const void *item, struct carbon_err *err)
{
	char owner[HEAD_TEXT];

	if (add_head(buf, section, item, owner, err))
		return -1;
	if (section->values && add_values(buf, section, owner, item, err))
		return -1;
	for (const struct carbon_site_field *field = section->fields; field->key; field++)
		if (add_field(buf, owner, field, item, err))
			return carbon_err_prefix(err, "%s", section->keyword);
	if (carbon_site_section_is_places(section) &&
	    add_gpus(buf, owner, &((const struct carbon_place *)item)->power, err))
		return carbon_err_prefix(err, "%s", section->keyword);
	carbon_buf_puts(buf, "\n");
	return 0;
}

static int add_section(struct carbon_buf *buf, const struct carbon_site_section *section,
		       const struct carbon_site *site, struct carbon_err *err)
{
	size_t count = carbon_site_section_count(section, site);
	const char *item = carbon_site_section_items(section, site);

	if (count > section->cap)
		return carbon_err_set(err, "%zu %s lines should be at most %zu", count,
				      section->keyword, section->cap);
	for (size_t i = 0; i < count; i++, item += section->size) {
		if (i && section->line->compare(item - section->size, item) >= 0)
			return carbon_err_set(err, "%s %zu of %zu is there twice or out of order",
					      section->keyword, i + 1, count);
		if (add_item(buf, section, item, err))
			return -1;
	}
	return 0;
}

static int check_default(const struct carbon_site *site, struct carbon_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < site->places; i++)
		found += site->place[i].is_default;
	return found > 1 ? carbon_err_set(err, "%zu partitions are the default; one is", found) : 0;
}

static int add_all(struct carbon_buf *buf, const struct carbon_site *site, struct carbon_err *err)
{
	if (check_default(site, err))
		return -1;
	carbon_buf_puts(buf, "carbon-site 1\n");
	for (const struct carbon_site_field *field = carbon_site_fields; field->key; field++)
		if (add_field(buf, NULL, field, site, err))
			return -1;
	for (const struct carbon_site_section *section = carbon_site_sections; section->keyword;
	     section++)
		if (add_section(buf, section, site, err))
			return -1;
	return 0;
}

int carbon_site_format(const struct carbon_site *site, struct carbon_buf *buf, struct carbon_err *err)
{
	size_t begin = buf->length;

	if (!add_all(buf, site, err))
		return carbon_sealed_close(buf, begin, CARBON_SITE_SIZE_MAX, err);
	if (buf->text) {
		buf->length = begin;
		buf->text[begin] = '\0';
	}
	return -1;
}
