/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Energy and emissions of a training run from a few numbers, by the formulas of Strubell et al. (2019) and
 * Patterson et al. (2021), and the published runs as presets. Pure.
 */
#ifndef CARBON_ESTIMATE_H
#define CARBON_ESTIMATE_H

#include <stddef.h>

struct carbon_err;

/* What is known of a run. Zero: not given (but for net intensity, where it is < 0). */
struct carbon_estimate {
	double processors, watts;	   /* Patterson: average watts of each */
	double cpu_w, dram_w, gpu_w, gpus; /* Strubell: of all sockets, of all memory, of each GPU */
	double energy_kwh;		   /* or the energy itself, PUE included */
	double hours;
	double pue;
	double gross_g_kwh;
	double net_g_kwh;	    /* less the clean energy bought for the place; < 0: as gross */
	double queries, wh_per_query; /* inference; overheads are in the watt-hours */
};

enum carbon_estimate_formula {
	CARBON_ESTIMATE_PATTERSON,
	CARBON_ESTIMATE_STRUBELL,
	CARBON_ESTIMATE_ENERGY, /* given */
};

struct carbon_estimated {
	enum carbon_estimate_formula formula;
	double training_kwh, queries_kwh, energy_kwh; /* PUE included */
	double gross_kg, net_kg;
};

/* Nothing given. */
void carbon_estimate_init(struct carbon_estimate *estimate);

/* Errors: too little to go on, or two formulas at once; names the options of carbonctl estimate. */
int carbon_estimate_compute(const struct carbon_estimate *estimate, struct carbon_estimated *out,
			    struct carbon_err *err);

/* A published run. */
struct carbon_estimate_preset {
	const char *name;
	const char *summary;
	const char *source;
	struct carbon_estimate run;
	double published_kwh, published_net_kg; /* as printed there, rounded */
};
extern const struct carbon_estimate_preset carbon_estimate_presets[];
extern const size_t carbon_estimate_presets_count;

/* NULL: unknown. */
const struct carbon_estimate_preset *carbon_estimate_preset_find(const char *name);

#define CARBON_POUND_KG 0.45359237

/* What a mass is like. */
struct carbon_equivalent {
	const char *key;	/* "passenger_flights" */
	const char *one, *many; /* "passenger flying ...", "passengers flying ..." */
	double mass_kg;
};
extern const struct carbon_equivalent carbon_equivalents[];
extern const size_t carbon_equivalents_count;

#endif
