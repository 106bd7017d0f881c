/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Slurm for the plugins' tests: a heap that knows its own pointers, log lines that are kept, SPANK
 * calls that are noted. It must be stricter than the real one and never more forgiving.
 */
#ifndef CARBON_FAKE_SLURM_H
#define CARBON_FAKE_SLURM_H

#include <stdbool.h>
#include <stddef.h>

#include "plugin/slurm_shim.h"

#define FAKE_LINES_MAX 64
#define FAKE_LINE_MAX 1024

/* Forget lines, options and counts; ends the test where something of the heap is still alive. */
void fake_slurm_reset(void);

/* Whether TEXT lies on the fake heap. */
bool fake_is_slurms(const void *text);
/* Pointers freed that never came from the fake heap. */
size_t fake_foreign_frees(void);
size_t fake_alive(void);

/* Log lines so far ("error: ..." or "info: ..."), and those of slurm_spank_log() ("spank: ..."). */
size_t fake_lines(void);
const char *fake_line(size_t i);
size_t fake_lines_with(const char *part);

/* --- SPANK --- */
extern enum spank_context fake_context;
size_t fake_options(void);
const struct spank_option *fake_option(const char *name);
/* What was sent with spank_job_control_setenv(); NULL: nothing of that name. */
const char *fake_sent(const char *name);

/* --- descriptions as sbatch makes them --- */
void fake_desc_init(job_desc_msg_t *desc);
/* Frees everything through slurm_xfree(), as slurmctld does. */
void fake_desc_fini(job_desc_msg_t *desc);
void fake_set(char **target, const char *text);
void fake_add_environment(job_desc_msg_t *desc, const char *assignment);
/* As sbatch's SPANK sends "--NAME=VALUE": in spank_job_env and once more in the environment. */
void fake_add_flag(job_desc_msg_t *desc, const char *name, const char *value);
void fake_add_spank(job_desc_msg_t *desc, const char *assignment);
/* The value of NAME in the job's environment; NULL: none. */
const char *fake_environment(const job_desc_msg_t *desc, const char *name);

#endif
