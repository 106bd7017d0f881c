/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What --constraint asks of a place, in sbatch's grammar: "a&b", "a|b", "[a|b]", "rack*2", "(a&b)|c". Pure, without
 * allocation. What cannot be understood is never taken as met.
 */
#ifndef CARBON_FEATURES_H
#define CARBON_FEATURES_H

#include <stdbool.h>

/* Whether every node of the place has the feature NAME. */
typedef bool (*carbon_feature_f)(const void *caller, const char *name);

/*
 * Whether nodes that have all that HAS tells meet CONSTRAINT ("": always), however Slurm groups it: where "&" and "|"
 * stand beside each other without parentheses, every feature is asked for. A count ("rack*4") is left to the number of nodes.
 */
bool carbon_features_meet(const char *constraint, carbon_feature_f has, const void *caller);

#endif
