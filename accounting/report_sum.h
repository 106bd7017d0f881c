/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside accounting/ only: the sums of a report, out of the ledger in one pass, however the month is cut.
 */
#ifndef CARBON_REPORT_SUM_H
#define CARBON_REPORT_SUM_H

#include "accounting/report.h"

/* The start of every statement of a report: the key's column, then those that are summed. Bind from and to. */
#define CARBON_REPORT_SQL(key)                                                                  \
	"SELECT " key ", end_at, cluster_id, job_id, signal, odd, cores, gpus, running_s,"      \
	" energy_kwh, low_kwh, high_kwh, energy_method, intensity_method, mass_g, low_g,"       \
	" high_g, delayed AND level <> 1, credit_g, credit_method,"                             \
	" promised_baseline_g - promised_g, shadow_g"                                           \
	" FROM run WHERE end_at >= ?1 AND end_at < ?2"

/* Fill in lines, total, days, odd and other_signal of a report whose month, signal and BY are set. */
int carbon_report_sum(struct carbon_store *store, struct carbon_report *report,
		      struct carbon_err *err);

#endif
