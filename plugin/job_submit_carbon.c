/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slurm-carbon's guest in slurmctld: the whole of it. It reads two small files, decides in
 * microseconds, and writes a begin time, a record and a message into the job's description. It never
 * refuses a job, never blocks, never asks slurmctld or a network anything: whatever goes wrong, the job
 * goes on unchanged.
 */
#include <stdlib.h>
#include <time.h>

#include "plugin/apply.h"
#include "plugin/claims.h"
#include "plugin/decode.h"
#include "plugin/message.h"
#include "plugin/slurm_shim.h"
#include "plugin/snapshot.h"
#include "plugin/waiting.h"
#include "policies/decide.h"
#include "policies/view.h"

extern const char plugin_name[];
extern const char plugin_type[];
extern const uint32_t plugin_version;

const char plugin_name[] = "Starts flexible jobs when the grid is clean";
const char plugin_type[] = "job_submit/carbon";
const uint32_t plugin_version = SLURM_VERSION_NUMBER;

/* Must succeed: slurmctld ends when a plugin's init() fails. Newer ones call it again without fini(). */
int init(void)
{
	const char *directory = getenv("SLURM_CARBON_DIR");
	struct carbon_snapshot snapshot;

	carbon_snapshot_init(directory && *directory ? directory : CARBON_RUN_DIR);
	/* Says in the log at once whether the files are well, not only with the first job. */
	carbon_snapshot_take(time(NULL), &snapshot);
	carbon_snapshot_drop(&snapshot);
	return SLURM_SUCCESS;
}

void fini(void)
{
	carbon_snapshot_fini();
	carbon_waiting_clear();
	carbon_claims_clear();
}

/* An array's tasks all wait: those beyond the first count as waiting already. */
static uint32_t with_tasks(uint32_t counted, uint32_t waiting, uint32_t tasks)
{
	uint64_t sum = (uint64_t)counted + waiting + tasks - 1;

	return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

/* Of the decision that holds the claims. */
static struct carbon_view_store store;

static struct carbon_decision decide(const struct carbon_snapshot *snapshot,
				     const struct carbon_submission *submission,
				     const struct carbon_load *own, time_t now)
{
	const struct carbon_site *site = snapshot->site;
	uint32_t uid = submission->job.uid;
	const struct carbon_site_user *user = carbon_site_user(site, uid);
	struct carbon_waiting waiting = carbon_waiting_count(uid, site->jobs_as_of, now);
	struct carbon_context context = {
		.site = site,
		.outlook = snapshot->outlook,
		.habits = snapshot->habits,
		.counted = snapshot->counted,
		.now = now,
		/* Without room to note a claim nothing more is delayed. */
		.waiting = own ? with_tasks(site->waiting, waiting.all, submission->tasks) : UINT32_MAX,
		.waiting_user = with_tasks(user ? user->waiting : 0, waiting.user, submission->tasks),
		.own = own,
		.store = &store,
	};

	return carbon_decide(&context, &submission->job);
}

/* What will wait claims its room; under level "observe", what would have. */
static struct carbon_decision decide_and_claim(const struct carbon_snapshot *snapshot,
					       const struct carbon_submission *submission, time_t now)
{
	const struct carbon_site *site = snapshot->site;
	const struct carbon_load *own = carbon_claims_open(site, now);
	struct carbon_decision decision = decide(snapshot, submission, own, now);

	if ((decision.verdict == CARBON_DELAY || decision.is_moved) && decision.claim.nodes > 0)
		carbon_claims_add(site, &decision.claim, now);
	carbon_claims_close();
	return decision;
}

/* In a federation the other clusters would take it as well, each deciding for itself. */
static bool is_alone(const struct carbon_site *site, const struct carbon_job *job)
{
	return site->siblings > 1 && !job->stays && !job->origin_id;
}

/* Under level "observe" the record is all that changes. */
static void apply(const struct carbon_site *site, const struct carbon_decision *decision,
		  const struct carbon_submission *submission, time_t now, job_desc_msg_t *desc)
{
	const struct carbon_record *record = &decision->record;

	if (decision->reason == CARBON_REASON_OPT_OUT)
		carbon_apply_optout(desc);
	if (decision->verdict == CARBON_LEFT_ALONE)
		return;
	carbon_apply_record(desc, record);
	if (record->level == CARBON_LEVEL_OBSERVE)
		return;
	/* To be interrupted is to be requeued; a job that says --no-requeue is not interruptible. */
	if (decision->is_interruptible)
		desc->requeue = 1;
	if (submission->job.request.relocate)
		carbon_apply_place(desc, record, site->cluster, is_alone(site, &submission->job));
	if (decision->verdict == CARBON_DELAY) {
		desc->begin_time = record->begin_at;
		carbon_apply_nice(desc, record->nice);
		carbon_waiting_add(submission->job.uid, record->begin_at, now, submission->tasks);
	}
	if (decision->verdict == CARBON_DELAY || submission->job.request.given)
		carbon_apply_environment(desc, record);
}

static void consider(const struct carbon_snapshot *snapshot, job_desc_msg_t *desc, uint32_t submit_uid,
		     char message[CARBON_MESSAGE_MAX])
{
	struct carbon_submission submission;
	struct carbon_decision decision;
	time_t now = time(NULL);

	carbon_submission_decode(desc, submit_uid, now, &submission);
	if (submission.option_is_bad) {
		if (!submission.user_was_told)
			carbon_message_complain(&submission.complaint, message);
		return;
	}
	if (!snapshot->site) {
		if (submission.job.request.given && submission.job.request.mode != CARBON_MODE_OFF)
			carbon_message_inactive(message);
		return;
	}
	decision = decide_and_claim(snapshot, &submission, now);
	apply(snapshot->site, &decision, &submission, now, desc);
	carbon_message_format(&decision, &submission.job, now, message);
	carbon_message_unknown(snapshot->site, &submission.job, message);
}

/* A het job's components come one by one: one message is enough. */
static bool is_later_component(const job_desc_msg_t *desc)
{
	return desc->het_job_offset != NO_VAL && desc->het_job_offset != 0;
}

int job_submit(job_desc_msg_t *desc, uint32_t submit_uid, char **err_msg)
{
	char message[CARBON_MESSAGE_MAX] = "";
	struct carbon_snapshot snapshot;

	carbon_snapshot_take(time(NULL), &snapshot);
	consider(&snapshot, desc, submit_uid, message);
	carbon_snapshot_drop(&snapshot);
	/* With SLURM_SUCCESS this is shown to the user and the job is accepted. */
	if (message[0] && err_msg && !is_later_component(desc))
		carbon_apply_text(err_msg, message);
	return SLURM_SUCCESS;
}

/*
 * A change of the start by the user ends our part by itself: the begin is no longer the one in the
 * record. To write AdminComment here would make an ordinary user's "scontrol update" fail, for
 * slurmctld checks the permission once more behind us.
 */
int job_modify(CARBON_JOB_MODIFY_ARGS)
{
	CARBON_JOB_MODIFY_UNUSED;
	return SLURM_SUCCESS;
}
