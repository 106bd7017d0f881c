/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the published experiments. */
#ifndef CARBON_PUBLISHED_WORK_H
#define CARBON_PUBLISHED_WORK_H

#include "simulator/simulate.h"
#include "simulator/trace.h"
#include "tools/published.h"

struct carbon_series;

/* Change a series before it becomes a grid. */
typedef void (*carbon_published_noise_f)(struct carbon_series *series, void *context);

/* The zone of DATA/FILE; NOISE may be NULL. */
int carbon_published_grid(const char *data, const char *file, carbon_published_noise_f noise,
			  void *context, struct carbon_grid **out, struct carbon_err *err);

/* Every row of DATA/FILE but its header. */
typedef int (*carbon_published_row_f)(const char *const *cell, size_t cells, void *context,
				      struct carbon_err *err);
int carbon_published_table(const char *data, const char *file, carbon_published_row_f row,
			   void *context, struct carbon_err *err);
int carbon_published_number(const char *cell, double *out, struct carbon_err *err);

/* One simulation of one policy; LOOK (may be NULL) sees it before it goes. OUT may be NULL. */
typedef void (*carbon_published_look_f)(const struct carbon_simulation *simulation,
					void *context);
int carbon_published_run(const struct carbon_simulation_ask *ask,
			 const struct carbon_policy *policy, carbon_published_look_f look,
			 void *context, struct carbon_simulation_result *out,
			 struct carbon_err *err);

#endif
