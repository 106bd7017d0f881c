/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that grows up to a cap; past it the buffer is marked failed and stays as it was. */
#include "lib/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void carbon_buf_init(struct carbon_buf *buf, size_t cap)
{
	memset(buf, 0, sizeof(*buf));
	buf->cap = cap;
}

void carbon_buf_fini(struct carbon_buf *buf)
{
	free(buf->text);
	carbon_buf_init(buf, buf->cap);
}

/* Room for MORE bytes and a NUL, doubling, never past the cap. */
static bool grow(struct carbon_buf *buf, size_t more)
{
	size_t want = buf->capacity ? buf->capacity : 256;
	char *text;

	if (buf->failed || more > buf->cap - buf->length)
		goto fail;
	if (buf->text && buf->length + more < buf->capacity)
		return true;
	while (want <= buf->length + more)
		want *= 2;
	text = realloc(buf->text, want);
	if (!text)
		goto fail;
	buf->text = text;
	buf->capacity = want;
	return true;
fail:
	buf->failed = true;
	return false;
}

void carbon_buf_add(struct carbon_buf *buf, const void *bytes, size_t length)
{
	if (!grow(buf, length))
		return;
	memcpy(buf->text + buf->length, bytes, length);
	buf->length += length;
	buf->text[buf->length] = '\0';
}

void carbon_buf_puts(struct carbon_buf *buf, const char *text)
{
	carbon_buf_add(buf, text, strlen(text));
}

/* Print into the room there is; a caller that finds the text cut makes more room and prints again. */
__attribute__((format(printf, 2, 0)))
static int print(struct carbon_buf *buf, const char *format, va_list args)
{
	size_t room = buf->text && !buf->failed ? buf->capacity - buf->length : 0;

	return vsnprintf(room ? buf->text + buf->length : NULL, room, format, args);
}

/* Most texts fit at once, so that they are printed once; slurmctld's time is spent here. */
void carbon_buf_printf(struct carbon_buf *buf, const char *format, ...)
{
	va_list args, again;
	size_t room = buf->text ? buf->capacity - buf->length : 0;
	int length;

	if (buf->failed)
		return;
	va_start(args, format);
	va_copy(again, args);
	length = print(buf, format, args);
	if (length < 0 || (size_t)length > buf->cap - buf->length) {
		buf->failed = true;
	} else if ((size_t)length < room || (grow(buf, (size_t)length) &&
					     print(buf, format, again) == length)) {
		buf->length += (size_t)length;
	}
	if (buf->failed && buf->text)
		buf->text[buf->length] = '\0';
	va_end(again);
	va_end(args);
}
