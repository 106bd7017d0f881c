/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option table of carbon.conf. A new option is one row here and one paragraph in doc/carbon.conf.5;
 * a test compares the two, and the defaults with those of lib/site.c and lib/power.c.
 */
#include "config/options.h"

#include <string.h>

#define HOUR 3600.0
#define DAY 86400.0
#define YEAR (365 * DAY)

/* Where a value goes: a member of the configuration, or of a block's draft. */
#define TOP(member) offsetof(struct carbon_config, member), sizeof(((struct carbon_config *)0)->member)
#define WHOLE 0, sizeof(struct carbon_config)
#define IN(member)                                                                                           \
	offsetof(struct carbon_config_draft, member), sizeof(((struct carbon_config_draft *)0)->member)

#define TEXT(section, name, type, fallback, help, where)                                                     \
	{CARBON_SECTION_##section, name, &carbon_type_##type, fallback, 0, 0, "", help, where}
#define NUMBER(section, name, type, fallback, bounds, unit, help, where)                                     \
	{CARBON_SECTION_##section, name, &carbon_type_##type, fallback, bounds, unit, help, where}
#define FROM_TO(from, to) from, to

/* clang-format off */
const struct carbon_config_option carbon_config_options[] = {
	TEXT(TOP, "level", level, "observe", "how far jobs are changed: off, observe, opt-in or default",
	     TOP(site.level)),
	TEXT(TOP, "signal", signal, "average-lifecycle", "which intensity decides and is counted", TOP(site.signal)),
	TEXT(TOP, "policy", name, "lowest-window", "how a start is chosen", TOP(site.policy)),
	NUMBER(TOP, "default_delay", duration, "12h", FROM_TO(0, 14 * DAY), "",
	       "how long a job without a flag may wait under level default", TOP(site.default_delay_s)),
	NUMBER(TOP, "max_delay", duration, "7d", FROM_TO(0, 14 * DAY), "", "longest delay that a job may ask for",
	       TOP(site.max_delay_s)),
	NUMBER(TOP, "min_runtime", seconds, "15m", FROM_TO(0, YEAR), "", "shorter jobs are left alone",
	       TOP(site.min_runtime_s)),
	NUMBER(TOP, "min_saving_percent", number, "5", FROM_TO(0, 100), "%", "a delay must save at least this share",
	       TOP(site.min_saving_percent)),
	NUMBER(TOP, "min_saving_g", number, "50", FROM_TO(0, 1e9), "g", "and at least this mass of CO2e",
	       TOP(site.min_saving_g)),
	NUMBER(TOP, "delay_price", number, "0", FROM_TO(0, 1e9), "g/h",
	       "mass of CO2e forgone per hour waited", TOP(site.delay_price_g_h)),
	NUMBER(TOP, "scheduling_slack", duration, "2m", FROM_TO(0, DAY), "",
	       "from a begin time to the start on idle nodes", TOP(site.slack_s)),
	NUMBER(TOP, "outlook_max_age", duration, "6h", FROM_TO(60, 14 * DAY), "",
	       "an older outlook is not used", TOP(site.outlook_max_age_s)),
	NUMBER(TOP, "restart_cost", seconds, "5m", FROM_TO(0, DAY), "",
	       "run time that an interruption costs beside the job's own seconds", TOP(site.restart_s)),
	NUMBER(TOP, "max_interruptions", count, "4", FROM_TO(0, 100), "",
	       "how often one job may be interrupted", TOP(site.max_interruptions)),
	NUMBER(TOP, "max_waiting", count, "1000", FROM_TO(0, 1e6), "jobs",
	       "jobs that may wait because of us, in all", TOP(site.max_waiting)),
	NUMBER(TOP, "max_waiting_per_user", count, "100", FROM_TO(0, 1e6), "jobs",
	       "and of one user", TOP(site.max_waiting_user)),
	NUMBER(TOP, "max_flexible_share", number, "25", FROM_TO(0, 100), "%",
	       "most of the node-hours that may be delayed", TOP(site.max_flexible_share)),
	NUMBER(TOP, "bystander_wait", duration, "5m", FROM_TO(0, DAY), "",
	       "by so much may the mean wait of jobs that are not delayed rise; 0: nobody looks", TOP(bystander_wait_s)),
	NUMBER(TOP, "bystander_pause", duration, "24h", FROM_TO(3600, 14 * DAY), "",
	       "and for so long is nothing delayed then", TOP(bystander_pause_s)),
	NUMBER(TOP, "delayed_nice", count, "100", FROM_TO(0, CARBON_SITE_NICE_MAX), "",
	       "nice value that delayed jobs get", TOP(site.delayed_nice)),
	NUMBER(TOP, "ramp_kw", number, "0", FROM_TO(0, CARBON_SITE_POWER_KW_MAX), "kW",
	       "most power that delayed jobs begin with in a quarter of an hour; 0: any", TOP(site.ramp_kw)),
	TEXT(TOP, "capacity", capacities, "none", "most that may run at some hours: DAYS HH:MM-HH:MM nodes=N kw=K",
	     TOP(hours)),
	TEXT(TOP, "holdout", holdout, "none", "switchback: blocks of days without delays, to measure by",
	     TOP(holdout.is_on)),
	NUMBER(TOP, "holdout_block", duration, "3d", FROM_TO(2 * DAY, 14 * DAY), "",
	       "length of a block, in whole days", TOP(holdout.block_s)),
	NUMBER(TOP, "holdout_seed", count, "1", FROM_TO(0, 4294967295.0), "", "says which of two blocks is without delays",
	       TOP(holdout.seed)),
	TEXT(TOP, "blackouts", blackouts, "none", "dates at which no job waits: FROM to TO", TOP(blackouts)),
	NUMBER(TOP, "carbon_price", number, "0", FROM_TO(0, 1e6), "per t",
	       "what a tonne of CO2e is worth; 0: prices do not count", TOP(site.carbon_price)),
	TEXT(TOP, "price_file", path, "none", "what electricity costs: a CSV file of time and price", TOP(price_file)),
	NUMBER(TOP, "horizon", hours, "96h", FROM_TO(24 * HOUR, 14 * DAY), "", "how far the outlook reaches",
	       TOP(horizon_h)),
	NUMBER(TOP, "replan_every", seconds, "15m", FROM_TO(60, DAY), "",
	       "how often carbonctl replan runs", TOP(site.replan_every_s)),
	TEXT(TOP, "keep_place", switch, "false", "give back the age priority that waiting for us costs",
	     TOP(keep_place)),
	NUMBER(TOP, "updates_per_second", count, "20", FROM_TO(1, 1000), "jobs",
	       "most begin times changed in slurmctld a second", TOP(updates_per_second)),
	NUMBER(TOP, "updates_per_run", count, "2000", FROM_TO(1, 1e6), "jobs",
	       "and in one run of carbonctl replan", TOP(updates_per_run)),
	NUMBER(TOP, "slurmdbd_queue_max", count, "1000", FROM_TO(0, 1e6), "messages",
	       "none is changed while so many wait for slurmdbd; 0: never asked", TOP(slurmdbd_queue_max)),
	NUMBER(TOP, "max_price", number, "0", FROM_TO(0, 1e9), "money/node-h",
	       "no job is moved to a place that costs more; 0: any", TOP(site.max_price_node_h)),
	NUMBER(TOP, "gpu_speed", speeds, "none", FROM_TO(0.001, 1000), "",
	       "relative speed of GPUs by GRES type, for what-if figures", WHOLE),
	TEXT(TOP, "state_dir", path, CARBON_STATE_DIR, "holds carbon.db", TOP(state_dir)),
	TEXT(TOP, "run_dir", path, CARBON_RUN_DIR, "holds outlook and site; local to each controller", TOP(run_dir)),

	TEXT(SOURCE, "type", name, "the block's name", "electricitymaps, file or profile", IN(source.type)),
	TEXT(SOURCE, "url", url, "the provider's own", "address to ask instead of the provider's own", IN(source.url)),
	TEXT(SOURCE, "token_file", path, "none", "file that holds the key; readable by its owner alone",
	     IN(source.token_file)),
	TEXT(SOURCE, "path", path, "none", "of a file source: the CSV file", IN(source.path)),
	TEXT(SOURCE, "ca_file", path, "the system's", "certificates to trust", IN(source.ca_file)),
	NUMBER(SOURCE, "timeout", seconds, "30s", FROM_TO(1, 600), "", "longest time of one request",
	       IN(source.timeout_s)),

	TEXT(ZONE, "sources", sources, "all sources in order, then profile", "where its intensity comes from, best first",
	     IN(zone)),
	TEXT(ZONE, "source_zone", name, "the same", "the provider's name of the zone where it differs",
	     IN(zone.source_zone)),

	TEXT(PARTITION, "zone", zone, "none: its jobs are left alone", "grid zone that feeds it", IN(place.zone)),
	NUMBER(PARTITION, "pue", number, "1.58", FROM_TO(1, 10), "",
	       "power usage effectiveness of the building", IN(place.power.pue)),
	NUMBER(PARTITION, "pue_by_month", months, "pue all the year", FROM_TO(1, 10), "",
	       "the same by month, January first", IN(terms)),
	NUMBER(PARTITION, "core_w", number, "12", FROM_TO(0, 1000), "W", "a core under load", IN(place.power.core_w)),
	NUMBER(PARTITION, "dram_w_gb", number, "0.3725", FROM_TO(0, 100), "W/GB", "memory",
	       IN(place.power.dram_w_gb)),
	NUMBER(PARTITION, "other_w", number, "0", FROM_TO(0, 100000), "W",
	       "the rest of a node: board, fans, disks", IN(place.power.other_w)),
	NUMBER(PARTITION, "gpu_w", number, "200", FROM_TO(0, 10000), "W",
	       "a GPU whose type is in no table", IN(place.power.gpu_w)),
	NUMBER(PARTITION, "utilisation", number, "1", FROM_TO(0, 1), "",
	       "share of its limit that a busy GPU draws", IN(place.power.utilisation)),
	NUMBER(PARTITION, "gpus", gpus, "the shipped table", FROM_TO(0, 10000), "W",
	       "limit of a GPU by GRES type", IN(place.power)),
	NUMBER(PARTITION, "gpu_idle_w", number, "none: taken for 0", FROM_TO(0, 10000), "W",
	       "a GPU without work, taken off in timing credits", IN(terms.gpu_idle_w)),
	NUMBER(PARTITION, "idle_w", number, "none: idle energy is not counted", FROM_TO(0, 100000), "W",
	       "a node without work, its GPUs included", IN(terms.idle_w)),
	NUMBER(PARTITION, "off_w", number, "none: taken for 0", FROM_TO(0, 100000), "W", "a node powered down",
	       IN(terms.off_w)),
	NUMBER(PARTITION, "boot_w", number, "idle_w, if that is given", FROM_TO(0, 100000), "W",
	       "a node that boots, for boot_time", IN(terms.boot_w)),
	NUMBER(PARTITION, "market_g_kwh", number, "none: not told", FROM_TO(0, 2000), "g/kWh",
	       "factor of the power contract", IN(terms.market_g_kwh)),
	NUMBER(PARTITION, "embodied_g_node_h", number, "none: not told", FROM_TO(0, 1e6), "g/h",
	       "making of a node, by hour of its life", IN(terms.embodied_g_node_h)),
	NUMBER(PARTITION, "water_l_kwh", number, "none: not told", FROM_TO(0, 1000), "L/kWh",
	       "water for cooling and power", IN(terms.water_l_kwh)),
	NUMBER(PARTITION, "queue_wait", seconds, "0s", FROM_TO(0, 14 * DAY), "",
	       "95th percentile of the wait in the queue", IN(place.queue_wait_s)),
	NUMBER(PARTITION, "boot_time", seconds, "0s", FROM_TO(0, DAY), "", "time to power up a node",
	       IN(place.boot_s)),
	NUMBER(PARTITION, "speed", number, "1", FROM_TO(0.001, 1000), "",
	       "of its cores against those of other places", IN(place.speed)),
	NUMBER(PARTITION, "gpu_speed", number, "1", FROM_TO(0.001, 1000), "", "and of its GPUs", IN(place.gpu_speed)),
	NUMBER(PARTITION, "transfer", number, "0", FROM_TO(0, 1000), "kWh/GB", "energy of moving a gigabyte there",
	       IN(place.transfer_kwh_gb)),
	NUMBER(PARTITION, "price", number, "0", FROM_TO(0, 1e9), "money/node-h", "what a node-hour costs",
	       IN(place.price_node_h)),
	TEXT(PARTITION, "exclude", switch, "false", "leave its jobs alone", IN(rule.exclude)),
	NUMBER(PARTITION, "delay", duration, "default_delay", FROM_TO(0, 14 * DAY), "",
	       "its default delay", IN(rule.delay_s)),
	NUMBER(PARTITION, "min_saving_percent", number, "the site's own", FROM_TO(0, 100), "%",
	       "a delay must save at least this share", IN(rule.min_saving_percent)),
	NUMBER(PARTITION, "min_saving_g", number, "the site's own", FROM_TO(0, 1e9), "g",
	       "and at least this mass of CO2e", IN(rule.min_saving_g)),
	NUMBER(PARTITION, "share", number, "the site's own", FROM_TO(0, 100), "%",
	       "most of its node-hours that may be delayed", IN(rule.share)),
	TEXT(PARTITION, "capacity", capacities, "none", "most that may run in it at some hours", IN(hours)),

	TEXT(QOS, "exclude", switch, "false", "leave its jobs alone", IN(rule.exclude)),
	NUMBER(QOS, "delay", duration, "default_delay", FROM_TO(0, 14 * DAY), "", "its default delay", IN(rule.delay_s)),
	NUMBER(QOS, "min_saving_percent", number, "the site's own", FROM_TO(0, 100), "%",
	       "a delay must save at least this share", IN(rule.min_saving_percent)),
	NUMBER(QOS, "min_saving_g", number, "the site's own", FROM_TO(0, 1e9), "g",
	       "and at least this mass of CO2e", IN(rule.min_saving_g)),
	NUMBER(QOS, "share", number, "the site's own", FROM_TO(0, 100), "%",
	       "most of its node-hours that may be delayed", IN(rule.share)),

	TEXT(ACCOUNT, "exclude", switch, "false", "leave its jobs alone", IN(rule.exclude)),
	NUMBER(ACCOUNT, "delay", duration, "default_delay", FROM_TO(0, 14 * DAY), "", "its default delay",
	       IN(rule.delay_s)),
	NUMBER(ACCOUNT, "min_saving_percent", number, "the site's own", FROM_TO(0, 100), "%",
	       "a delay must save at least this share", IN(rule.min_saving_percent)),
	NUMBER(ACCOUNT, "min_saving_g", number, "the site's own", FROM_TO(0, 1e9), "g",
	       "and at least this mass of CO2e", IN(rule.min_saving_g)),
	NUMBER(ACCOUNT, "share", number, "the site's own", FROM_TO(0, 100), "%",
	       "most of its node-hours that may be delayed", IN(rule.share)),
	NUMBER(ACCOUNT, "allowance_kg", number, "none", FROM_TO(0, 1e12), "kg",
	       "what it may emit in a month", IN(allowance_kg)),

	TEXT(USER, "exclude", switch, "false", "leave this user's jobs alone", IN(rule.exclude)),
	NUMBER(USER, "delay", duration, "default_delay", FROM_TO(0, 14 * DAY), "", "the user's default delay",
	       IN(rule.delay_s)),
	NUMBER(USER, "min_saving_percent", number, "the site's own", FROM_TO(0, 100), "%",
	       "a delay must save at least this share", IN(rule.min_saving_percent)),
	NUMBER(USER, "min_saving_g", number, "the site's own", FROM_TO(0, 1e9), "g",
	       "and at least this mass of CO2e", IN(rule.min_saving_g)),
	NUMBER(USER, "share", number, "the site's own", FROM_TO(0, 100), "%",
	       "most of its node-hours that may be delayed", IN(rule.share)),
};
/* clang-format on */
const size_t carbon_config_options_count = sizeof(carbon_config_options) / sizeof(carbon_config_options[0]);

static const char *const section_names[CARBON_SECTIONS] = {
	[CARBON_SECTION_TOP] = "",	       [CARBON_SECTION_SOURCE] = "source",
	[CARBON_SECTION_ZONE] = "zone",	       [CARBON_SECTION_PARTITION] = "partition",
	[CARBON_SECTION_QOS] = "qos",	       [CARBON_SECTION_ACCOUNT] = "account",
	[CARBON_SECTION_USER] = "user",
};

const char *carbon_config_section_name(enum carbon_config_section section)
{
	return section_names[section];
}

const struct carbon_config_option *carbon_config_option_find(enum carbon_config_section section,
							     const char *name)
{
	for (size_t i = 0; i < carbon_config_options_count; i++)
		if (carbon_config_options[i].section == section &&
		    strcmp(carbon_config_options[i].name, name) == 0)
			return &carbon_config_options[i];
	return NULL;
}

void carbon_config_option_format(const struct carbon_config_option *option, const void *base,
				 char out[CARBON_CONFIG_TEXT_MAX])
{
	option->type->format(option, (const char *)base + option->offset, out);
}
