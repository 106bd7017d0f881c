/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of the site file (doc/carbon-site.5), each with its bounds. A new wish is a member of the site and a row here. */
#include "lib/site_fields.h"

#include <stdio.h>

#include "lib/time.h"

#define IN_SITE(member) offsetof(struct carbon_site, member)
#define IN_PLACE(member) offsetof(struct carbon_place, member)
#define IN_RULE(member) offsetof(struct carbon_rule, member)
#define IN_USER(member) offsetof(struct carbon_site_user, member)
#define IN_LIMIT(member) offsetof(struct carbon_limit, member)
#define AT CARBON_TIME_MIN, CARBON_TIME_MAX
#define LONG 0, CARBON_DURATION_MAX
#define ANY 0, UINT32_MAX

/* clang-format off */
const struct carbon_site_field carbon_site_fields[] = {
	{"written", &carbon_field_time, IN_SITE(written_at), AT, true},
	{"cluster", &carbon_field_name, IN_SITE(cluster), 0, CARBON_NAME_MAX, true},
	{"level", &carbon_field_level, IN_SITE(level), 0, 0, true},
	{"signal", &carbon_field_signal, IN_SITE(signal), 0, 0, true},
	{"policy", &carbon_field_name, IN_SITE(policy), 0, CARBON_POLICY_MAX, true},
	{"default_delay", &carbon_field_time, IN_SITE(default_delay_s), LONG, false},
	{"max_delay", &carbon_field_time, IN_SITE(max_delay_s), LONG, false},
	{"outlook_max_age", &carbon_field_time, IN_SITE(outlook_max_age_s), LONG, false},
	{"slack", &carbon_field_time, IN_SITE(slack_s), LONG, false},
	{"min_runtime", &carbon_field_count, IN_SITE(min_runtime_s), LONG, false},
	{"min_saving_percent", &carbon_field_number, IN_SITE(min_saving_percent), 0, 100, false},
	{"min_saving_g", &carbon_field_number, IN_SITE(min_saving_g), 0, 1e9, false},
	{"delay_price_g_h", &carbon_field_number, IN_SITE(delay_price_g_h), 0, 1e9, false},
	{"max_waiting", &carbon_field_count, IN_SITE(max_waiting), ANY, false},
	{"max_waiting_user", &carbon_field_count, IN_SITE(max_waiting_user), ANY, false},
	{"waiting", &carbon_field_count, IN_SITE(waiting), ANY, false},
	{"jobs_as_of", &carbon_field_time, IN_SITE(jobs_as_of), 0, CARBON_TIME_MAX, false},
	{"carbon_price", &carbon_field_number, IN_SITE(carbon_price), 0, 1e6, false},
	{"ramp_kw", &carbon_field_number, IN_SITE(ramp_kw), 0, CARBON_SITE_POWER_KW_MAX, false},
	{"max_flexible_share", &carbon_field_number, IN_SITE(max_flexible_share), 0, 100, false},
	{"flexible_node_h", &carbon_field_number, IN_SITE(flexible_node_h), 0, 1e12, false},
	{"all_node_h", &carbon_field_number, IN_SITE(all_node_h), 0, 1e12, false},
	{"paused_until", &carbon_field_time, IN_SITE(paused_until_at), 0, CARBON_TIME_MAX, false},
	{"paused_reason", &carbon_field_name, IN_SITE(paused_reason), 0, CARBON_NAME_MAX, false},
	{"delayed_nice", &carbon_field_count, IN_SITE(delayed_nice), 0, CARBON_SITE_NICE_MAX, false},
	{"restart_cost", &carbon_field_count, IN_SITE(restart_s), LONG, false},
	{"replan_every", &carbon_field_count, IN_SITE(replan_every_s), 1, CARBON_DURATION_MAX, false},
	{"max_interruptions", &carbon_field_count, IN_SITE(max_interruptions), 0, 100, false},
	{"max_price_node_h", &carbon_field_number, IN_SITE(max_price_node_h), 0, 1e9, false},
	{.key = NULL},
};

const struct carbon_site_field carbon_site_place_fields[] = {
	{"zone", &carbon_field_zone, IN_PLACE(zone), 0, CARBON_ZONE_MAX, false},
	{"default", &carbon_field_yes, IN_PLACE(is_default), 0, 0, false},
	{"default_limit", &carbon_field_count, IN_PLACE(default_limit_s), ANY, false},
	{"max_limit", &carbon_field_count, IN_PLACE(max_limit_s), ANY, false},
	{"queue_wait", &carbon_field_count, IN_PLACE(queue_wait_s), LONG, false},
	{"boot", &carbon_field_count, IN_PLACE(boot_s), LONG, false},
	{"node_cores", &carbon_field_count, IN_PLACE(node_cores), ANY, false},
	{"node_gpus", &carbon_field_count, IN_PLACE(node_gpus), ANY, false},
	{"node_mem_gb", &carbon_field_number, IN_PLACE(node_mem_gb), 0, 1e9, false},
	{"nodes", &carbon_field_count, IN_PLACE(nodes), 0, CARBON_SITE_NODES_MAX, false},
	{"exclusive", &carbon_field_yes, IN_PLACE(exclusive), 0, 0, false},
	{"max_nodes", &carbon_field_count, IN_PLACE(max_nodes), ANY, false},
	{"closed", &carbon_field_yes, IN_PLACE(closed), 0, 0, false},
	{"speed", &carbon_field_number, IN_PLACE(speed), 0, 1000, false},
	{"gpu_speed", &carbon_field_number, IN_PLACE(gpu_speed), 0, 1000, false},
	{"transfer_kwh_gb", &carbon_field_number, IN_PLACE(transfer_kwh_gb), 0, 1000, false},
	{"price_node_h", &carbon_field_number, IN_PLACE(price_node_h), 0, 1e9, false},
	{"pue", &carbon_field_number, IN_PLACE(power.pue), 1, 10, false},
	{"core_w", &carbon_field_number, IN_PLACE(power.core_w), 0, 1e6, false},
	{"dram_w_gb", &carbon_field_number, IN_PLACE(power.dram_w_gb), 0, 1e6, false},
	{"other_w", &carbon_field_number, IN_PLACE(power.other_w), 0, 1e6, false},
	{"gpu_w", &carbon_field_number, IN_PLACE(power.gpu_w), 0, 1e6, false},
	{"utilisation", &carbon_field_number, IN_PLACE(power.utilisation), 0, 1, false},
	{.key = NULL},
};

const struct carbon_site_field carbon_site_sibling_fields[] = {
	{"id", &carbon_field_count, offsetof(struct carbon_sibling, id), 1, 63, true},
	{"active", &carbon_field_yes, offsetof(struct carbon_sibling, active), 0, 0, false},
	{"seen", &carbon_field_time, offsetof(struct carbon_sibling, seen_at), 0, CARBON_TIME_MAX, false},
	{.key = NULL},
};

const struct carbon_site_field carbon_site_rule_fields[] = {
	{"exclude", &carbon_field_yes, IN_RULE(exclude), 0, 0, false},
	{"delay", &carbon_field_wish, IN_RULE(delay_s), LONG, false},
	{"min_saving_percent", &carbon_field_asked, IN_RULE(min_saving_percent), 0, 100, false},
	{"min_saving_g", &carbon_field_asked, IN_RULE(min_saving_g), 0, 1e9, false},
	{"share", &carbon_field_asked, IN_RULE(share), 0, 100, false},
	{"flexible_node_h", &carbon_field_number, IN_RULE(flexible_node_h), 0, 1e12, false},
	{"all_node_h", &carbon_field_number, IN_RULE(all_node_h), 0, 1e12, false},
	{.key = NULL},
};

const struct carbon_site_field carbon_site_user_fields[] = {
	{"waiting", &carbon_field_count, IN_USER(waiting), ANY, false},
	{"account", &carbon_field_name, IN_USER(account), 0, CARBON_NAME_MAX, false},
	{"qos", &carbon_field_name, IN_USER(qos), 0, CARBON_NAME_MAX, false},
	{.key = NULL},
};

const struct carbon_site_field carbon_site_limit_fields[] = {
	{"nodes", &carbon_field_some, IN_LIMIT(nodes), 0, CARBON_SITE_NODES_MAX, false},
	{"kw", &carbon_field_asked, IN_LIMIT(kw), 0, CARBON_SITE_POWER_KW_MAX, false},
	{.key = NULL},
};

const struct carbon_site_field carbon_site_no_fields[] = {{.key = NULL}};

const struct carbon_site_field carbon_site_gpu_field = {
	"gpu.TYPE", &carbon_field_number, offsetof(struct carbon_gpu_type, power_w), 0, 1e6, false};
/* clang-format on */

const struct carbon_site_field *carbon_site_field_find(const struct carbon_site_field *fields,
						       const struct carbon_word *key)
{
	for (; fields->key; fields++)
		if (carbon_word_is(key, fields->key))
			return fields;
	return NULL;
}

void carbon_site_field_describe(const struct carbon_site_field *field, char text[CARBON_FIELD_TEXT])
{
	if (field->type->right)
		snprintf(text, CARBON_FIELD_TEXT, "%s", field->type->right);
	else
		snprintf(text, CARBON_FIELD_TEXT, "%.0f to %.0f", field->min, field->max);
}
