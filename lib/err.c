/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error sentence. Must never allocate: it is used where memory has just run out. */
#include "lib/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int carbon_err_set(struct carbon_err *err, const char *format, ...)
{
	int saved = errno;
	va_list args;

	if (err) {
		va_start(args, format);
		vsnprintf(err->text, sizeof(err->text), format, args);
		va_end(args);
	}
	errno = saved;
	return -1;
}

int carbon_err_prefix(struct carbon_err *err, const char *format, ...)
{
	int saved = errno;
	char old[CARBON_ERR_MAX];
	size_t length;
	va_list args;

	if (!err)
		return -1;
	memcpy(old, err->text, sizeof(old));
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	length = strlen(err->text);
	snprintf(err->text + length, sizeof(err->text) - length, ": %s", old);
	errno = saved;
	return -1;
}
