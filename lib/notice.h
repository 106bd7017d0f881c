/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an interruptible job is told to write its checkpoint: a signal, whom it goes to, and the seconds
 * that it then has. Written as sbatch's own --signal: "USR1@60", "B:TERM@120".
 */
#ifndef CARBON_NOTICE_H
#define CARBON_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

struct carbon_err;

#define CARBON_NOTICE_TEXT 24
#define CARBON_NOTICE_SECONDS_MAX 3600

struct carbon_notice {
	int signal;	   /* 0: the job is not to be interrupted */
	bool to_script;	   /* to the batch script alone; else to it, its children and all steps */
	uint32_t seconds;  /* from the signal to the requeue */
};

/* "[B:]SIG[@SECONDS]" in any case, SIG a name or a number; "" is USR1@60. Errors say what would be right. */
int carbon_notice_parse(const char *text, struct carbon_notice *out, struct carbon_err *err);

/* "B:USR1@60"; false where a reader would refuse it. */
bool carbon_notice_format(const struct carbon_notice *notice, char out[CARBON_NOTICE_TEXT]);

/* "USR1"; NULL: not one that a job can be told by. */
const char *carbon_notice_signal_name(int signal);

#endif
