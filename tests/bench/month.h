/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A month for the benches of the books: May 2024 of cluster alpha, zone DE. */
#ifndef CARBON_BENCH_MONTH_H
#define CARBON_BENCH_MONTH_H

#include <stdint.h>
#include <time.h>

struct carbon_err;
struct carbon_store;

#define CARBON_BENCH_MONTH ((time_t)1714521600) /* 2024-05-01 */

/* A year of history, then so many runs settled against it, with how full their place was. */
int carbon_bench_history(struct carbon_store *store, struct carbon_err *err);
int carbon_bench_runs(struct carbon_store *store, uint32_t runs, struct carbon_err *err);

#endif
