/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an AdminComment. What is found lies inside it; what is read can be written and read again with the
 * same values; a merge keeps every byte of the comment outside the record that it replaces.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/record.h"
#include "tests/fuzz/fuzz.h"

static void check_writing(const struct carbon_record *record)
{
	char first[CARBON_RECORD_MAX], second[CARBON_RECORD_MAX];
	struct carbon_record again;

	if (carbon_record_format(record, first, NULL) < 0)
		abort();
	if (carbon_record_read(first, &again, NULL) != 1)
		abort();
	if (carbon_record_format(&again, second, NULL) < 0)
		abort();
	assert(strcmp(first, second) == 0);
}

static void check_merging(const char *comment, const char *begin, size_t length)
{
	static const char text[] = "[carbon/1 x=y]";
	size_t size = strlen(comment), head = begin ? (size_t)(begin - comment) : size;
	size_t tail = begin ? size - head - length : 0;
	char *out = malloc(size + sizeof(text) + 1);
	size_t merged;

	assert(out);
	if (carbon_record_merge(comment, text, out, size + sizeof(text) + 1, NULL) == 0) {
		merged = strlen(out);
		assert(memcmp(out, comment, head) == 0);
		assert(memcmp(out + merged - tail, comment + size - tail, tail) == 0);
		assert(merged == head + tail + sizeof(text) - 1 + (!begin && size));
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *comment = malloc(size + 1);
	struct carbon_record record;
	struct carbon_err err = {""};
	const char *begin = NULL;
	size_t length = 0;
	int rc;

	assert(comment);
	memcpy(comment, data, size);
	comment[size] = '\0';
	rc = carbon_record_read(comment, &record, &err);
	assert(rc >= 0 || err.text[0]);
	if (rc > 0)
		check_writing(&record);
	assert(carbon_record_find(comment, &begin, &length) == (rc != 0));
	assert(!begin || (begin >= comment && length > 0 && begin[0] == '[' && begin[length - 1] == ']'));
	check_merging(comment, begin, length);
	carbon_record_parse((const char *)data, size, &record, NULL);
	free(comment);
	return 0;
}
