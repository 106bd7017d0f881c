/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside cluster/ only: what slurmctld's reservations mean for jobs outside of them.
 */
#ifndef CARBON_RESERVATIONS_H
#define CARBON_RESERVATIONS_H

#include "cluster/cluster.h"

struct carbon_err;

/* Fill the walls and holds of LIVE, whose nodes and partitions are known. */
int carbon_reservations_read(struct carbon_live *live, struct carbon_err *err);

#endif
