/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function that Slurm's own plugins ask for and that libslurm does not export: seen in 24.11 and 26.05, where cred/none
 * asks it for the level of logging, and a program that has none is ended by the dynamic linker at its first
 * question to slurmctld. Linked into each program that uses libslurm, and into no plugin.
 */
#include "cluster/log_level.h"

int get_log_level(void)
{
	return 0; /* quiet: then nothing else is asked for either */
}
