/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For nobody of ours: Slurm's name and Slurm's type (log_level_t is an enum whose 0 is quiet). */
#ifndef CARBON_CLUSTER_LOG_LEVEL_H
#define CARBON_CLUSTER_LOG_LEVEL_H

int get_log_level(void);

#endif
