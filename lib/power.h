/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The power model in its basic form. P = PUE * (cores*core_w + sum gpus*gpu_w*utilisation +
 * GB*dram_w + node_share*other_w), DESIGN: Accounting.
 */
#ifndef CARBON_POWER_H
#define CARBON_POWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CARBON_GPU_NAME_MAX 24
#define CARBON_GPU_TYPES_MAX 16	 /* per place */
#define CARBON_GPU_KINDS_MAX 4	 /* per job */

struct carbon_gpu_type {
	char name[CARBON_GPU_NAME_MAX]; /* GRES type, lower case: "a100" */
	double power_w;
};

/* How fast accelerators do a site's work, relative to each other: for comparison alone, it enters no decision. */
struct carbon_gpu_speed {
	char type[CARBON_GPU_NAME_MAX]; /* lower case */
	double speed;
};

struct carbon_power_model {
	double pue;
	double core_w;	      /* a core under load */
	double dram_w_gb;     /* memory, per GB */
	double other_w;	      /* rest of a node: board, fans, disks */
	double gpu_w;	      /* a GPU whose type is unknown */
	double utilisation;   /* of GPUs under training load, 0..1 of their limit */
	size_t gpu_types;
	struct carbon_gpu_type gpu_type[CARBON_GPU_TYPES_MAX];
};

/* What a job holds, all nodes together. */
struct carbon_gpu_count {
	char type[CARBON_GPU_NAME_MAX]; /* "": unknown */
	uint32_t count;
};

struct carbon_resources {
	double nodes;	   /* whole nodes, or the share of them */
	double cores;
	double memory_gb;
	size_t gpu_kinds;
	struct carbon_gpu_count gpu[CARBON_GPU_KINDS_MAX];
	bool exclusive; /* it shares its nodes with nobody */
};

/* The defaults of doc/carbon.conf.5, with their sources. */
void carbon_power_init(struct carbon_power_model *model);

/* Watts of one GPU of TYPE (compared without case): the place's table, then the shipped one, then gpu_w. */
double carbon_power_gpu(const struct carbon_power_model *model, const char *type);

/* IT watts, PUE not included. */
double carbon_power_it(const struct carbon_power_model *model, const struct carbon_resources *use);

/*
 * Add the GPUs of a TRES or GRES string, each count times TIMES, to USE: "gres:gpu:a100:4", "gres/gpu:a100=4",
 * "gpu:2", "gres/gpu=2", "cpu=3,gres/gpu:a100=1", "gres:gpu" (count 1). What is no GPU is passed over.
 * Where both a typed and an untyped count of the same GPUs stand in one string ("gres/gpu=4,gres/gpu:a100=4", as sacct
 * prints), the typed ones count, and what the untyped count has beyond them is of unknown type. Returns -1 for a malformed string, USE untouched.
 */
int carbon_gpu_parse(const char *tres, uint32_t times, struct carbon_resources *use);

#endif
