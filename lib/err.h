/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one way errors travel: functions return -1 and leave a sentence in a buffer that their
 * caller owns. A sentence names the place, the offending value and what would be right.
 */
#ifndef CARBON_ERR_H
#define CARBON_ERR_H

#define CARBON_ERR_MAX 512

struct carbon_err {
	char text[CARBON_ERR_MAX];
};

/*
 * Write the sentence, cut at CARBON_ERR_MAX - 1 bytes. ERR may be NULL (nobody wants to know).
 * Always returns -1 and keeps errno, so that "return carbon_err_set(err, ...)" is one line.
 */
int carbon_err_set(struct carbon_err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Put "PREFIX: " before the sentence that is there already. Returns -1, keeps errno. */
int carbon_err_prefix(struct carbon_err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
