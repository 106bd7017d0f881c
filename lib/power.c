/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watts of a job's share of its nodes, and the accelerators hidden in Slurm's TRES strings. */
#include "lib/power.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "lib/num.h"

#define GPU_COUNT_MAX 1000000
#define ITEM_MAX 128 /* one item of a TRES string */

/*
 * Power limits from the vendors' data sheets (NVIDIA, AMD), PCIe where a type name cannot tell.
 * A GPU under training load draws less: that is what the site's utilisation is for.
 */
static const struct carbon_gpu_type shipped[] = {
	{"p100", 250},	   {"p100-sxm", 300}, {"v100", 300},	   {"v100-pcie", 250},
	{"t4", 70},	   {"a30", 165},      {"a40", 300},	   {"a100", 400},
	{"a100-pcie", 300}, {"a100-40gb-pcie", 250}, {"l4", 72},   {"l40s", 350},
	{"h100", 700},	   {"h100-pcie", 350}, {"h200", 700},	   {"b200", 1000},
	{"mi100", 300},	   {"mi210", 300},    {"mi250x", 560},	   {"mi300x", 750},
};

void carbon_power_init(struct carbon_power_model *model)
{
	memset(model, 0, sizeof(*model));
	model->pue = 1.58;	  /* Strubell et al. 2019, the average of 2018 */
	model->core_w = 12.0;	  /* Green Algorithms, where the processor is unknown */
	model->dram_w_gb = 0.3725; /* Green Algorithms */
	model->other_w = 0;	  /* no figure holds for every site: not counted until one is set */
	model->gpu_w = 200;	  /* Green Algorithms, where the GPU is unknown */
	model->utilisation = 1.0; /* the limit, until the site knows better */
}

static double find_gpu(const struct carbon_gpu_type *types, size_t count, const char *type)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(types[i].name, type) == 0)
			return types[i].power_w;
	return -1;
}

double carbon_power_gpu(const struct carbon_power_model *model, const char *type)
{
	double power_w = find_gpu(model->gpu_type, model->gpu_types, type);

	if (power_w < 0)
		power_w = find_gpu(shipped, sizeof(shipped) / sizeof(shipped[0]), type);
	return power_w < 0 ? model->gpu_w : power_w;
}

double carbon_power_it(const struct carbon_power_model *model, const struct carbon_resources *use)
{
	double power_w = use->cores * model->core_w + use->memory_gb * model->dram_w_gb +
			 use->nodes * model->other_w;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		power_w += use->gpu[i].count * carbon_power_gpu(model, use->gpu[i].type) *
			   model->utilisation;
	return power_w;
}

/* --- TRES and GRES strings --- */

struct gpu_item {
	char type[CARBON_GPU_NAME_MAX];
	uint32_t count;
};

static bool has_prefix(const char *text, const char *prefix)
{
	return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* "a100", "1g.5gb"; and "4090" where a count follows it. A bare number too large to be a count is none. */
static bool is_type(const char *text)
{
	size_t length = strspn(text, "0123456789");

	return *text && *text != '-' && *text != '+' && strlen(text) < CARBON_GPU_NAME_MAX &&
	       !strpbrk(text, ":=") && (text[length] || length < 6);
}

/*
 * One item without its "gres:" or "gres/": "gpu", "gpu:2", "gpu=2", "gpu:a100", "gpu:a100:4",
 * "gpu:a100=4"; a "(S:0-1)" behind the count is passed over. 1: a GPU; 0: something else; -1: damaged.
 */
static int gpu_item(char *item, struct gpu_item *out)
{
	long long count = 1;
	char *rest, *number, *socket;

	if (has_prefix(item, "gres:") || has_prefix(item, "gres/"))
		item += strlen("gres:");
	if (!has_prefix(item, "gpu") || (item[3] && !strchr(":=(", item[3])))
		return 0;
	socket = strchr(item, '(');
	if (socket)
		*socket = '\0';
	memset(out, 0, sizeof(*out));
	rest = item + 3;
	if (*rest) {
		/* The last field is the count where it is a number; else it is the type. */
		number = strrchr(rest, '=');
		if (!number)
			number = strrchr(rest, ':');
		if (carbon_int_parse(number + 1, 0, GPU_COUNT_MAX, &count) == 0)
			*number = '\0';
		else if (*number == '=')
			return -1;
		if (*rest && !is_type(++rest))
			return -1;
		memcpy(out->type, rest, strlen(rest));
	}
	out->count = (uint32_t)count;
	return 1;
}

static int add_gpu(struct carbon_resources *use, const struct gpu_item *item, uint32_t times)
{
	uint32_t count;
	size_t i = 0;

	if (__builtin_mul_overflow(item->count, times, &count))
		return -1;
	if (count == 0)
		return 0;
	while (i < use->gpu_kinds && strcasecmp(use->gpu[i].type, item->type) != 0)
		i++;
	if (i == CARBON_GPU_KINDS_MAX)
		return -1;
	if (i == use->gpu_kinds) {
		memset(&use->gpu[i], 0, sizeof(use->gpu[i]));
		memcpy(use->gpu[i].type, item->type, sizeof(item->type));
		use->gpu_kinds++;
	}
	return __builtin_add_overflow(use->gpu[i].count, count, &use->gpu[i].count) ? -1 : 0;
}

int carbon_gpu_parse(const char *tres, uint32_t times, struct carbon_resources *use)
{
	struct carbon_resources next = *use;
	struct gpu_item untyped = {{0}, 0};
	uint32_t typed = 0;

	while (*tres) {
		char item[ITEM_MAX];
		struct gpu_item gpu;
		size_t length = strcspn(tres, ",");
		uint32_t *sum;
		int found;

		if (length >= sizeof(item))
			return -1;
		memcpy(item, tres, length);
		item[length] = '\0';
		tres += length + (tres[length] == ',');
		found = gpu_item(item, &gpu);
		if (found < 0)
			return -1;
		if (!found)
			continue;
		sum = gpu.type[0] ? &typed : &untyped.count;
		if ( __builtin_add_overflow(*sum, gpu.count, sum) ||
		    (gpu.type[0] && add_gpu(&next, &gpu, times) < 0))
			return -1;
	}
	/* The untyped count holds the typed ones too; more than they are of a type that nobody tracks. */
	untyped.count -= typed < untyped.count ? typed : untyped.count;
	if (add_gpu(&next, &untyped, times) < 0)
		return -1;
	*use = next;
	return 0;
}
