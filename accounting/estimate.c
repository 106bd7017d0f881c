/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two published formulas, and the runs that they were published with. Figures of a source are never rounded or mended
 * here.
 */
#include "accounting/estimate.h"

#include <stdbool.h>
#include <string.h>

#include "lib/err.h"

#define PATTERSON "Patterson et al. 2021, Table 4"
#define STRUBELL "Strubell et al. 2019"
#define LUCCIONI "Luccioni et al. 2022"
#define LB_G 453.59237
#define NO_NET .net_g_kwh = -1

const struct carbon_estimate_preset carbon_estimate_presets[] = {
	{"t5", "T5 on 512 TPU v3 for 20 days", PATTERSON,
	 {.processors = 512, .watts = 310, .hours = 20 * 24, .pue = 1.12, .gross_g_kwh = 545,
	  .net_g_kwh = 545}, 85.7e3, 46.7e3},
	{"meena", "Meena on 1024 TPU v3 for 30 days", PATTERSON,
	 {.processors = 1024, .watts = 289, .hours = 30 * 24, .pue = 1.09, .gross_g_kwh = 415,
	  .net_g_kwh = 415}, 232e3, 96.4e3},
	{"gshard-600b", "GShard-600B on 1024 TPU v3 for 3.1 days", PATTERSON,
	 {.processors = 1024, .watts = 288, .hours = 3.1 * 24, .pue = 1.09, .gross_g_kwh = 201,
	  .net_g_kwh = 177}, 24.1e3, 4.3e3},
	{"switch-transformer", "Switch Transformer on 1024 TPU v3 for 27 days", PATTERSON,
	 {.processors = 1024, .watts = 245, .hours = 27 * 24, .pue = 1.10, .gross_g_kwh = 403,
	  .net_g_kwh = 330}, 179e3, 59.1e3},
	{"gpt-3", "GPT-3 on 10000 V100 for 14.8 days", PATTERSON,
	 {.processors = 10000, .watts = 330, .hours = 14.8 * 24, .pue = 1.10, .gross_g_kwh = 429,
	  .net_g_kwh = 429}, 1287e3, 552.1e3},
	{"evolved-transformer-nas", "Evolved Transformer's search on 200 TPU v2 for 6.8 days", PATTERSON,
	 {.processors = 200, .watts = 208, .hours = 6.8 * 24, .pue = 1.10, .gross_g_kwh = 431,
	  .net_g_kwh = 431}, 7.5e3, 3.2e3},
	{"bert-base", "BERT-base on 64 V100 for 79.2 hours", STRUBELL,
	 {.processors = 1, .watts = 12041.51, .hours = 79.2, .pue = 1.58,
	  .gross_g_kwh = 0.954 * LB_G, NO_NET}, 1507, 1438 * CARBON_POUND_KG},
	{"transformer-nas-2019", "Transformer with architecture search, as first estimated", STRUBELL,
	 {.energy_kwh = 656347, .gross_g_kwh = 0.954 * LB_G, NO_NET}, 656347,
	 626155 * CARBON_POUND_KG},
	{"bloom-176b", "BLOOM-176B, dynamic power alone", LUCCIONI,
	 {.energy_kwh = 433e3, .gross_g_kwh = 57, NO_NET}, 433e3, 24.7e3},
};
const size_t carbon_estimate_presets_count =
	sizeof(carbon_estimate_presets) / sizeof(carbon_estimate_presets[0]);

/* Strubell et al. 2019 and Patterson et al. 2021 (the passenger and the person's year). */
const struct carbon_equivalent carbon_equivalents[] = {
	{"passenger_flights", "passenger flying New York-San Francisco and back",
	 "passengers flying New York-San Francisco and back", 1984 * CARBON_POUND_KG},
	{"person_years", "year of a person in the United States", "years of a person in the United States",
	 36156 * CARBON_POUND_KG},
	{"car_lives", "car over its life, fuel included", "cars over their lives, fuel included",
	 126000 * CARBON_POUND_KG},
};
const size_t carbon_equivalents_count = sizeof(carbon_equivalents) / sizeof(carbon_equivalents[0]);

void carbon_estimate_init(struct carbon_estimate *estimate)
{
	memset(estimate, 0, sizeof(*estimate));
	estimate->net_g_kwh = -1;
}

const struct carbon_estimate_preset *carbon_estimate_preset_find(const char *name)
{
	for (size_t i = 0; i < carbon_estimate_presets_count; i++)
		if (strcmp(carbon_estimate_presets[i].name, name) == 0)
			return &carbon_estimate_presets[i];
	return NULL;
}

static int pick_formula(const struct carbon_estimate *estimate, enum carbon_estimate_formula *formula,
			struct carbon_err *err)
{
	bool patterson = estimate->processors > 0 || estimate->watts > 0;
	bool strubell = estimate->cpu_w > 0 || estimate->dram_w > 0 || estimate->gpu_w > 0 ||
			estimate->gpus > 0;
	bool energy = estimate->energy_kwh > 0;

	if (patterson + strubell + energy > 1)
		return carbon_err_set(err, "--processors and --watts, --cpu-watts --dram-watts "
				      "--gpu-watts --gpus, and --energy are three ways: take one");
	if (patterson + strubell + energy == 0)
		return carbon_err_set(err, "what drew power? Say --gpu TYPE:N, --processors N "
				      "--watts W, --cpu-watts W --dram-watts W --gpu-watts W "
				      "--gpus N, --energy KWH or --preset NAME");
	if (patterson && (estimate->processors <= 0 || estimate->watts <= 0))
		return carbon_err_set(err, "--processors and --watts go together");
	if (strubell && (estimate->gpus > 0) != (estimate->gpu_w > 0))
		return carbon_err_set(err, "--gpus and --gpu-watts go together");
	*formula = energy ? CARBON_ESTIMATE_ENERGY
		 : patterson ? CARBON_ESTIMATE_PATTERSON : CARBON_ESTIMATE_STRUBELL;
	return 0;
}

static int check_rest(const struct carbon_estimate *estimate, enum carbon_estimate_formula formula,
		      struct carbon_err *err)
{
	if (formula != CARBON_ESTIMATE_ENERGY && estimate->hours <= 0)
		return carbon_err_set(err, "for how long? Say --hours or --time");
	if (formula != CARBON_ESTIMATE_ENERGY && estimate->pue < 1)
		return carbon_err_set(err, "--pue %g is under 1", estimate->pue);
	if (estimate->gross_g_kwh <= 0)
		return carbon_err_set(err, "how clean was the grid? Say --intensity G_PER_KWH or "
				      "--zone ZONE");
	if ((estimate->queries > 0) != (estimate->wh_per_query > 0))
		return carbon_err_set(err, "--queries and --wh-per-query go together");
	return 0;
}

int carbon_estimate_compute(const struct carbon_estimate *estimate, struct carbon_estimated *out,
			    struct carbon_err *err)
{
	struct carbon_estimated found = {.formula = CARBON_ESTIMATE_ENERGY};
	double net_g_kwh = estimate->net_g_kwh < 0 ? estimate->gross_g_kwh : estimate->net_g_kwh;
	double watts = 0;

	if (pick_formula(estimate, &found.formula, err) < 0 ||
	    check_rest(estimate, found.formula, err) < 0)
		return -1;
	if (found.formula == CARBON_ESTIMATE_PATTERSON)
		watts = estimate->processors * estimate->watts;
	else if (found.formula == CARBON_ESTIMATE_STRUBELL)
		watts = estimate->cpu_w + estimate->dram_w + estimate->gpus * estimate->gpu_w;
	found.training_kwh = found.formula == CARBON_ESTIMATE_ENERGY
				     ? estimate->energy_kwh
				     : estimate->pue * estimate->hours * watts / 1000;
	found.queries_kwh = estimate->queries * estimate->wh_per_query / 1000;
	found.energy_kwh = found.training_kwh + found.queries_kwh;
	found.gross_kg = found.energy_kwh * estimate->gross_g_kwh / 1000;
	found.net_kg = found.energy_kwh * net_g_kwh / 1000;
	*out = found;
	return 0;
}
