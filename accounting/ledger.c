/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of the ledger. What is not known is NULL; must never become zero on its way in or out.
 */
#include "accounting/ledger.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "accounting/db.h"
#include "lib/err.h"

#define MODEL_TEXT_MAX 256

/* --- binding by position: the order of INSERT below --- */

struct binder {
	struct carbon_store *store;
	sqlite3_stmt *stmt;
	int next;
	int rc;
	struct carbon_err *err;
};

static void bind_int(struct binder *binder, int64_t value)
{
	sqlite3_bind_int64(binder->stmt, binder->next++, value);
}

static void bind_real(struct binder *binder, double value)
{
	if (isfinite(value))
		sqlite3_bind_double(binder->stmt, binder->next, value);
	else
		sqlite3_bind_null(binder->stmt, binder->next);
	binder->next++;
}

static void bind_null(struct binder *binder)
{
	sqlite3_bind_null(binder->stmt, binder->next++);
}

/* 0: never, which is NULL in the ledger. */
static void bind_time(struct binder *binder, time_t at)
{
	if (at)
		bind_int(binder, at);
	else
		bind_null(binder);
}

static void bind_name(struct binder *binder, const char *name)
{
	int64_t id = 0;

	if (binder->rc == 0)
		binder->rc = carbon_db_name_put(binder->store, name, &id, binder->err);
	bind_int(binder, id);
}

static void bind_run(struct binder *binder, const struct carbon_ledger_row *row)
{
	const struct carbon_run *run = row->run;

	bind_name(binder, run->cluster);
	bind_int(binder, run->id);
	bind_int(binder, run->start_at);
	bind_int(binder, run->end_at);
	bind_int(binder, run->submit_at);
	bind_int(binder, run->array_id);
	bind_int(binder, run->array_task);
	bind_int(binder, run->uid);
	bind_name(binder, run->user);
	bind_name(binder, run->account);
	bind_name(binder, run->qos);
	bind_name(binder, run->partition);
	bind_name(binder, run->name);
	bind_int(binder, run->state);
	bind_int(binder, row->odd);
	bind_int(binder, run->limit_s);
}

/* "a100", "a100+v100"; how many of all kinds. */
static uint32_t list_gpus(const struct carbon_resources *use, char *text, size_t size)
{
	uint32_t count = 0;
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < use->gpu_kinds; i++) {
		const char *type = use->gpu[i].type[0] ? use->gpu[i].type : "gpu";

		count += use->gpu[i].count;
		if (length < size)
			length += (size_t)snprintf(text + length, size - length, "%s%s",
						   i ? "+" : "", type);
	}
	return count;
}

static void bind_energy(struct binder *binder, const struct carbon_ledger_row *row)
{
	const struct carbon_power_model *power = &row->place->power;
	const struct carbon_resources *use = &row->run->use;
	char model[MODEL_TEXT_MAX], gpus[CARBON_GPU_KINDS_MAX * (CARBON_GPU_NAME_MAX + 1)];
	uint32_t gpu_count = list_gpus(use, gpus, sizeof(gpus));

	snprintf(model, sizeof(model), "core_w=%g dram_w_gb=%g other_w=%g gpu_w=%g utilisation=%g",
		 power->core_w, power->dram_w_gb, power->other_w,
		 use->gpu_kinds ? carbon_power_gpu(power, use->gpu[0].type) : power->gpu_w,
		 power->utilisation);
	bind_int(binder, (int64_t)row->energy->running_s);
	bind_real(binder, use->nodes);
	bind_real(binder, use->cores);
	bind_real(binder, use->memory_gb);
	bind_int(binder, gpu_count);
	bind_name(binder, gpus);
	bind_name(binder, model);
	bind_real(binder, row->energy->power_w);
	bind_real(binder, row->energy->above_w);
	bind_real(binder, row->energy->pue);
	bind_real(binder, row->energy->energy_kwh);
	bind_real(binder, row->energy->low_kwh);
	bind_real(binder, row->energy->high_kwh);
	bind_real(binder, row->energy->measured_kwh);
	bind_int(binder, row->energy->method);
}

static void bind_intensity(struct binder *binder, const struct carbon_settled_mass *mass)
{
	bind_int(binder, llround(mass->intensity.known_s));
	bind_int(binder, llround(mass->intensity.estimated_s));
	bind_int(binder, llround(mass->intensity.missing_s));
	bind_real(binder, mass->mean_g_kwh);
	bind_int(binder, mass->method);
	bind_real(binder, mass->mass_g);
	bind_real(binder, mass->low_g);
	bind_real(binder, mass->high_g);
}

static void bind_record(struct binder *binder, const struct carbon_record *record)
{
	if (!record) {
		for (int i = 0; i < 9; i++)
			bind_null(binder);
		return;
	}
	bind_int(binder, record->level);
	bind_int(binder, record->delayed);
	bind_time(binder, record->decided_at);
	bind_time(binder, record->baseline_at);
	bind_time(binder, record->begin_at);
	bind_time(binder, record->latest_at);
	bind_name(binder, record->policy);
	bind_real(binder, record->mass_g);
	bind_real(binder, record->baseline_g);
}

/* What came with version 2, in the order of both statements. */
static void bind_bounds(struct binder *binder, const struct carbon_settled_mass *mass)
{
	bind_real(binder, mass->credit_low_g);
	bind_real(binder, mass->credit_high_g);
	if (isnan(mass->credit_g))
		bind_null(binder);
	else
		bind_int(binder, mass->credit_clock);
	bind_real(binder, mass->direct_g);
	bind_real(binder, mass->marginal_g);
}

static void bind_number(sqlite3_stmt *stmt, int column, double value)
{
	if (isfinite(value))
		sqlite3_bind_double(stmt, column, value);
}

/* The id of what holds for the run's place beside its power model, made where there is none. */
static int put_terms(struct carbon_store *store, const struct carbon_ledger_row *row, int64_t *id,
		     struct carbon_err *err)
{
	static const char FIND[] = "SELECT id FROM terms WHERE market_g_kwh IS ?1 AND embodied_g_node_h IS ?2 AND "
				   "water_l_kwh IS ?3 AND node_cores = ?4";
	static const char PUT[] = "INSERT INTO terms (market_g_kwh, embodied_g_node_h, water_l_kwh, node_cores) "
				  "VALUES (?1, ?2, ?3, ?4)";
	static const char *const SQL[] = {FIND, PUT};
	int rc = 0;

	for (size_t i = 0; i < 2 && rc == 0; i++) {
		sqlite3_stmt *stmt = carbon_db_statement(store, SQL[i], err);

		if (!stmt)
			return -1;
		bind_number(stmt, 1, row->terms ? row->terms->market_g_kwh : NAN);
		bind_number(stmt, 2, row->terms ? row->terms->embodied_g_node_h : NAN);
		bind_number(stmt, 3, row->terms ? row->terms->water_l_kwh : NAN);
		sqlite3_bind_int64(stmt, 4, row->place->node_cores);
		rc = carbon_db_step(store, stmt, err);
		*id = rc == 1 ? sqlite3_column_int64(stmt, 0) : sqlite3_last_insert_rowid(store->db);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

static void bind_terms(struct binder *binder, const struct carbon_ledger_row *row)
{
	int64_t id = 0;

	if (binder->rc == 0)
		binder->rc = put_terms(binder->store, row, &id, binder->err);
	bind_int(binder, id);
}

/* "" is NULL. */
static void bind_some_name(struct binder *binder, const char *name)
{
	if (name[0])
		bind_name(binder, name);
	else
		bind_null(binder);
}

static void bind_home(struct binder *binder, const struct carbon_settle_home *home)
{
	bool is_moved = home->partition[0] != '\0';

	bind_some_name(binder, home->cluster);
	bind_some_name(binder, home->partition);
	bind_some_name(binder, home->zone);
	bind_real(binder, is_moved ? home->power_w : NAN);
	bind_real(binder, is_moved ? home->slowness : NAN);
	bind_real(binder, is_moved ? home->data_gb : NAN);
	bind_real(binder, is_moved ? home->data_g : NAN);
}

static void bind_credit(struct binder *binder, const struct carbon_ledger_row *row)
{
	bind_time(binder, row->times->baseline_at);
	bind_real(binder, row->mass->credit_g);
	bind_int(binder, row->mass->credit_method);
	bind_time(binder, row->times->shadow_at);
	bind_real(binder, row->mass->shadow_g);
	bind_int(binder, row->settled_at);
	bind_time(binder, row->run->eligible_at);
	bind_int(binder, row->times->redo_s);
	bind_bounds(binder, row->mass);
	bind_terms(binder, row);
	bind_home(binder, &row->times->home);
	bind_time(binder, row->record ? row->record->finish_at : 0);
	if (row->optout)
		bind_int(binder, row->optout);
	else
		bind_null(binder);
}

int carbon_ledger_put(struct carbon_store *store, const struct carbon_ledger_row *row,
		      struct carbon_err *err)
{
	static const char SQL[] =
		"INSERT OR REPLACE INTO run (cluster_id, job_id, start_at, end_at, submit_at, "
		"array_id, array_task, uid, user_id, account_id, qos_id, partition_id, name_id, "
		"state, odd, limit_s, "
		"running_s, nodes, cores, memory_gb, gpus, gpu_type_id, model_id, power_w, "
		"above_w, pue, energy_kwh, low_kwh, high_kwh, measured_kwh, energy_method, "
		"zone_id, signal, "
		"known_s, estimated_s, missing_s, mean_g_kwh, intensity_method, mass_g, low_g, "
		"high_g, "
		"level, delayed, decided_at, baseline_at, begin_at, latest_at, policy_id, "
		"promised_g, promised_baseline_g, "
		"counterfactual_at, credit_g, credit_method, shadow_at, shadow_g, settled_at, "
		"eligible_at, redo_s, credit_low_g, credit_high_g, credit_clock, direct_g, marginal_g, terms_id, "
		"home_cluster_id, home_id, home_zone_id, home_w, home_slowness, data_gb, data_g, "
		"finish_at, opt_out) "
		"VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
		"?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
	struct binder binder = {store, carbon_db_statement(store, SQL, err), 1, 0, err};

	if (!binder.stmt)
		return -1;
	bind_run(&binder, row);
	bind_energy(&binder, row);
	if (row->place->zone[0])
		bind_name(&binder, row->place->zone);
	else
		bind_null(&binder);
	bind_int(&binder, row->signal);
	bind_intensity(&binder, row->mass);
	bind_record(&binder, row->record);
	bind_credit(&binder, row);
	if (binder.rc < 0)
		return -1;
	return carbon_db_step(store, binder.stmt, err);
}

int carbon_ledger_revise(struct carbon_store *store, const struct carbon_ledger_open *open,
			 const struct carbon_settled_mass *mass, time_t settled_at,
			 struct carbon_err *err)
{
	static const char SQL[] =
		"UPDATE run SET known_s = ?, estimated_s = ?, missing_s = ?, mean_g_kwh = ?, "
		"intensity_method = ?, mass_g = ?, low_g = ?, high_g = ?, credit_g = ?, "
		"credit_method = ?, shadow_g = ?, settled_at = ?, credit_low_g = ?, credit_high_g = ?, "
		"credit_clock = ?, direct_g = ?, marginal_g = ? "
		"WHERE cluster_id = ? AND job_id = ? AND start_at = ?";
	struct binder binder = {store, carbon_db_statement(store, SQL, err), 1, 0, err};

	if (!binder.stmt)
		return -1;
	bind_intensity(&binder, mass);
	bind_real(&binder, mass->credit_g);
	bind_int(&binder, mass->credit_method);
	bind_real(&binder, mass->shadow_g);
	bind_int(&binder, settled_at);
	bind_bounds(&binder, mass);
	bind_int(&binder, open->cluster_id);
	bind_int(&binder, open->job);
	bind_int(&binder, open->times.start_at);
	return carbon_db_step(store, binder.stmt, err);
}
