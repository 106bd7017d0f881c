/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that grows up to a cap given at birth; there is no buffer without one. An append that would
 * pass the cap, or finds no memory, marks the buffer as failed and later appends do nothing, so that
 * a writer checks once at its end.
 */
#ifndef CARBON_BUF_H
#define CARBON_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct carbon_buf {
	char *text; /* always NUL-terminated once something was added; NULL before */
	size_t length;
	size_t capacity;
	size_t cap; /* most bytes, the NUL not counted */
	bool failed;
};

void carbon_buf_init(struct carbon_buf *buf, size_t cap);
void carbon_buf_fini(struct carbon_buf *buf);
void carbon_buf_add(struct carbon_buf *buf, const void *bytes, size_t length);
void carbon_buf_puts(struct carbon_buf *buf, const char *text);
void carbon_buf_printf(struct carbon_buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
