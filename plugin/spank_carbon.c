/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slurm-carbon's guest in sbatch, srun and salloc: it registers the options, names what is wrong with a
 * value before the job is sent, and reads --carbon-finish-by in the user's own time zone. It never makes
 * a submission fail: a wrong option leaves the job as it is. In slurmd and its prologs it does nothing.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/request.h"
#include "plugin/options.h"
#include "plugin/slurm_shim.h"

extern const char plugin_name[];
extern const char plugin_type[];
extern const unsigned int plugin_version;
extern const unsigned int spank_plugin_version;

/* What spank.h's SPANK_PLUGIN(carbon, 1) stands for, where static analysers can read it. */
const char plugin_name[] = "carbon";
const char plugin_type[] = "spank";
const unsigned int plugin_version = SLURM_VERSION_NUMBER;
const unsigned int spank_plugin_version = 1;

#define OPTIONS_MAX 32
#define NAME_MAX_BYTES 256

/* As given on the command line or in #SBATCH lines; the last one counts. */
static char values[OPTIONS_MAX][CARBON_OPTION_VALUE_MAX + 1];
static bool is_set[OPTIONS_MAX];

/* sbatch calls it more than once for one option, so that nothing is said here. */
static int keep_value(int index, const char *value, int remote)
{
	if (remote || index < 0 || index >= OPTIONS_MAX)
		return 0;
	snprintf(values[index], sizeof(values[index]), "%s", value ? value : "");
	is_set[index] = true;
	return 0;
}

static void register_options(spank_t spank)
{
	for (size_t i = 0; i < carbon_options_count && i < OPTIONS_MAX; i++) {
		struct spank_option option = {
			.name = (char *)carbon_options[i].name,
			.arginfo = (char *)carbon_options[i].arginfo,
			.usage = (char *)carbon_options[i].usage,
			.has_arg = carbon_option_is_optional(&carbon_options[i]) ? 2 : 1,
			.val = (int)i,
			.cb = keep_value,
		};

		if (spank_option_register(spank, &option) != ESPANK_SUCCESS)
			slurm_debug("carbon: --%s could not be registered", option.name);
	}
}

/* --- what an outer job left in the environment --- */

static const char *const inherited_prefixes[] = {
	"_SLURM_SPANK_OPTION_carbon_",		    /* its flags */
	"SLURM_SPANK__SLURM_SPANK_OPTION_carbon_", /* and once more */
	"SLURM_SPANK_CARBON_",			    /* what this plugin sent for it */
	"SPANK_CARBON_",
	"SLURM_CARBON_", /* what was decided for it */
};

static bool is_inherited(const char *entry)
{
	for (size_t i = 0; i < sizeof(inherited_prefixes) / sizeof(inherited_prefixes[0]); i++)
		if (strncmp(entry, inherited_prefixes[i], strlen(inherited_prefixes[i])) == 0)
			return true;
	return false;
}

/* unsetenv() moves the entries behind, so that the place is looked at again. */
static void drop_inherited(void)
{
	char name[NAME_MAX_BYTES];

	for (size_t i = 0; environ && environ[i];) {
		size_t length = strcspn(environ[i], "=");

		if (!is_inherited(environ[i]) || length >= sizeof(name)) {
			i++;
			continue;
		}
		memcpy(name, environ[i], length);
		name[length] = '\0';
		unsetenv(name);
	}
}

/* --- what was given --- */

/* Whether all flags are well; names each that is not. */
static bool check_flags(time_t now, struct carbon_request *request)
{
	bool all_well = true;

	for (size_t i = 0; i < carbon_options_count && i < OPTIONS_MAX; i++) {
		struct carbon_err err;

		if (!is_set[i] ||
		    carbon_request_set(request, &carbon_options[i], values[i], now, &err) == 0)
			continue;
		slurm_spank_log("carbon: %s; the job is left as it is", err.text);
		all_well = false;
	}
	return all_well;
}

/* CARBON_FINISH_BY is in the user's time zone as well; where it is wrong, slurmctld's plugin says so. */
static void read_finish_by_variable(time_t now, struct carbon_request *request)
{
	const struct carbon_option *option = carbon_option_find("CARBON_FINISH_BY");
	const char *value = getenv("CARBON_FINISH_BY");

	if (request->finish_by_at || !option || !value || !*value)
		return;
	if (carbon_request_set(request, option, value, now, NULL) < 0)
		slurm_debug("carbon: CARBON_FINISH_BY=%s cannot be read", value);
}

static void send_finish_by(spank_t spank, time_t at)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)at);
	if (spank_job_control_setenv(spank, CARBON_SENT_FINISH_BY, text, 1) != ESPANK_SUCCESS)
		slurm_debug("carbon: the finish-by time could not be sent");
}

/* --- hooks --- */

int slurm_spank_init(spank_t spank, int argc, char *argv[])
{
	spank_context_t context = spank_context();

	(void)argc;
	(void)argv;
	if (context == S_CTX_ALLOCATOR)
		drop_inherited();
	/* slurmstepd complains about options that it gets and does not know. */
	if (context == S_CTX_ALLOCATOR || context == S_CTX_LOCAL || context == S_CTX_REMOTE)
		register_options(spank);
	return ESPANK_SUCCESS;
}

int slurm_spank_init_post_opt(spank_t spank, int argc, char *argv[])
{
	spank_context_t context = spank_context();
	struct carbon_request request;
	time_t now = time(NULL);

	(void)argc;
	(void)argv;
	if (context != S_CTX_ALLOCATOR && context != S_CTX_LOCAL)
		return ESPANK_SUCCESS;
	carbon_request_init(&request);
	if (!check_flags(now, &request))
		spank_job_control_setenv(spank, CARBON_SENT_TOLD, "1", 1);
	if (context == S_CTX_ALLOCATOR)
		read_finish_by_variable(now, &request);
	if (request.finish_by_at)
		send_finish_by(spank, request.finish_by_at);
	return ESPANK_SUCCESS;
}
