/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the published experiments share: one zone of one file, columns of a table, one run of
 * one policy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/csv.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/num.h"
#include "tools/published_work.h"
#include "tools/zones.h"

#define TABLE_MAX ((size_t)64 << 20)

int carbon_published_grid(const char *data, const char *file,
			  const carbon_published_noise_f noise, void *context,
			  struct carbon_grid **out, struct carbon_err *err)
{
	struct carbon_zones zones;
	char path[4096];
	int rc = -1;

	carbon_zones_init(&zones);
	snprintf(path, sizeof(path), "%s/%s", data, file);
	if (carbon_zones_read(&zones, path, NULL, CARBON_SIGNAL_LIFECYCLE, err) < 0 ||
	    carbon_zones_finish(&zones, NULL, err) < 0)
		goto out;
	if (noise)
		noise(&zones.zone[0].series, context);
	rc = carbon_grid_create(zones.zone[0].name, &zones.zone[0].series, out, err);
out:
	carbon_zones_fini(&zones);
	return rc;
}

static int each_row(struct carbon_csv *csv, carbon_published_row_f row, void *context,
		    struct carbon_err *err)
{
	int got;

	if (carbon_csv_next(csv, err) <= 0)
		return carbon_err_set(err, "line 1: no header");
	while ((got = carbon_csv_next(csv, err)) > 0)
		if (row(csv->cell, csv->cells, context, err) < 0)
			return carbon_err_prefix(err, "line %zu", csv->line);
	return got;
}

int carbon_published_table(const char *data, const char *file, carbon_published_row_f row,
			   void *context, struct carbon_err *err)
{
	struct carbon_csv csv;
	char path[4096], *text = NULL;
	size_t length = 0;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", data, file);
	if (carbon_file_read(path, TABLE_MAX, 0, NULL, &text, &length, err) < 0)
		return -1;
	carbon_csv_init(&csv, text, length);
	rc = each_row(&csv, row, context, err);
	free(text);
	return rc < 0 ? carbon_err_prefix(err, "%s", path) : 0;
}

int carbon_published_number(const char *cell, double *out, struct carbon_err *err)
{
	if (carbon_num_parse(cell, -1e12, 1e12, out) < 0)
		return carbon_err_set(err, "\"%.40s\" is not a number", cell);
	return 0;
}

int carbon_published_run(const struct carbon_simulation_ask *ask,
			 const struct carbon_policy *policy, carbon_published_look_f look,
			 void *context, struct carbon_simulation_result *out,
			 struct carbon_err *err)
{
	struct carbon_simulation *simulation = NULL;
	struct carbon_simulation_result result;
	int rc = carbon_simulation_create(ask, &simulation, err);

	if (rc == 0)
		rc = carbon_simulation_run(simulation, policy, &result, err);
	if (rc == 0 && look)
		look(simulation, context);
	if (rc == 0 && out)
		*out = result;
	carbon_simulation_destroy(simulation);
	return rc;
}
