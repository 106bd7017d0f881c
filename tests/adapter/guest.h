/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest in a fake slurmctld, for its tests: one description, submitted with fresh files; whatever is left on
 * Slurm's heap fails the test.
 */
#ifndef TESTS_ADAPTER_GUEST_H
#define TESTS_ADAPTER_GUEST_H

#include "plugin/slurm_shim.h"
#include "tests/adapter/fake_slurm.h"
#include "tests/adapter/fixture.h"
#include "tests/unit/unit.h"

static struct fixture fixture;
static job_desc_msg_t desc;
static char *err_msg;

static inline int set_up(void **state)
{
	(void)state;
	fake_slurm_reset();
	fixture_init(&fixture, time(NULL));
	setenv("SLURM_CARBON_DIR", fixture.folder, 1);
	fake_desc_init(&desc);
	err_msg = NULL;
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	fini();
	slurm_xfree((void **)&err_msg);
	fake_desc_fini(&desc);
	fixture_fini(&fixture);
	return fake_alive() == 0 && fake_foreign_frees() == 0 ? 0 : -1;
}

/* Level LEVEL, fresh files; then submit. */
static inline void submit_at(enum carbon_level level)
{
	fixture_write(&fixture, level, time(NULL));
	assert_int_equal(init(), SLURM_SUCCESS);
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
}

static inline bool said(const char *part)
{
	return err_msg && strstr(err_msg, part);
}

static inline void expect_delay(void)
{
	assert_int_equal(desc.begin_time, fixture.clean_at);
	assert_true(said("carbon: may start from "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
