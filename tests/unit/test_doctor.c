/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of carbonctl doctor for which no test has the machine: a run_dir on a file system of the network, by the number
 * that statfs(2) would give, and GPUs that slurmdbd counts or not. Must never mount anything.
 */
#include <sys/statfs.h>

#include "config/config.h"
#include "tests/unit/support.h"
#include "tests/unit/unit.h"
#include "tools/doctor.h"

static const char *folder; /* the one that was asked about; of others nothing is known */
static unsigned long magic;

/* In place of the C library's, by the linker; which of the two it is depends on how large files are asked for. */
int __wrap_statfs(const char *path, struct statfs *out);
int __wrap_statfs64(const char *path, struct statfs *out);

int __wrap_statfs(const char *path, struct statfs *out)
{
	if (!folder || strcmp(path, folder) != 0)
		return -1;
	memset(out, 0, sizeof(*out));
	out->f_type = (__typeof__(out->f_type))magic;
	return 0;
}

int __wrap_statfs64(const char *path, struct statfs *out)
{
	return __wrap_statfs(path, out);
}

/* What the check says of a folder that can be written to, on a file system of that number; 0: statfs() fails. */
static struct carbon_finding look(unsigned long number)
{
	static struct carbon_doctor doctor;
	char made[SUPPORT_FOLDER_MAX];
	struct carbon_config config;

	support_folder("doctor", made);
	memset(&doctor, 0, sizeof(doctor));
	memset(&config, 0, sizeof(config));
	snprintf(config.run_dir, sizeof(config.run_dir), "%s", made);
	doctor.config = &config;
	folder = number ? config.run_dir : NULL;
	magic = number;
	carbon_doctor_run_dir(&doctor);
	folder = NULL;
	assert_int_equal(rmdir(made), 0);
	assert_int_equal(doctor.findings, 1);
	return doctor.finding[0];
}

static void a_folder_on_the_network_is_a_problem_by_its_name(void **state)
{
	/* linux/magic.h, and the sources of those that are not in Linux */
	static const struct {
		unsigned long number;
		const char *name;
	} rows[] = {
		{0x6969, "NFS"},	  {0xff534d42, "CIFS"},	 {0xfe534d42, "SMB"},  {0x0bd00bd0, "Lustre"},
		{0x47504653, "GPFS"},	  {0x19830326, "BeeGFS"}, {0x00c36400, "Ceph"}, {0x5346414f, "AFS"},
		{0x01021997, "9p"},	  {0x20030528, "OrangeFS"}, {0xaad7aaea, "PanFS"}, {0x01161970, "GFS2"},
		{0xffffffffff534d42, "CIFS"}, /* f_type is signed in some places */
	};
	char part[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_finding finding = look(rows[i].number);

		snprintf(part, sizeof(part), " lies on %s: slurmctld looks at its files ", rows[i].name);
		assert_row(rows[i].name, finding.grade == CARBON_GRADE_PROBLEM);
		assert_row(rows[i].name, strstr(finding.text, part));
		assert_row(rows[i].name, strstr(finding.advice, "a local disk of each controller"));
	}
}

static void a_folder_on_a_disk_of_this_machine_is_well(void **state)
{
	static const unsigned long rows[] = {0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x2fc12fc1, 0x794c7630, 0};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_finding finding = look(rows[i]);

		assert_int_equal(finding.grade, CARBON_GRADE_OK);
		assert_non_null(strstr(finding.text, " is local and writable"));
	}
}

/* Slurm counts GPUs only where it is told to, and only with a slurmdbd. */
static void gpus_that_nobody_counts_are_a_problem(void **state)
{
	static const struct {
		const char *name, *tres, *advice; /* "": none */
		bool has_gpus, has_dbd;
	} rows[] = {
		{"no GPUs", "cpu,mem,energy,node,billing", "", false, true},
		{"counted", "cpu,mem,energy,node,billing,gres/gpu", "", true, true},
		{"by type", "cpu,gres/gpu:a100", "", true, true},
		{"as Slurm has it", "", "slurm.conf: AccountingStorageTRES=gres/gpu, then", true, true},
		{"others", "cpu,mem,gres/shard", "slurm.conf: AccountingStorageTRES=gres/gpu, then", true, true},
		{"no slurmdbd", "cpu", "set up slurmdbd first;", true, false},
	};
	static struct carbon_doctor doctor;
	struct carbon_partition partition[2];
	struct carbon_live live = {.partitions = 2, .partition = partition};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&doctor, 0, sizeof(doctor));
		memset(partition, 0, sizeof(partition));
		doctor.live.from = &live;
		doctor.setup = &doctor.setup_storage;
		partition[1].has_gpus = rows[i].has_gpus;
		doctor.setup->has_dbd = rows[i].has_dbd;
		snprintf(doctor.setup->tres, sizeof(doctor.setup->tres), "%s", rows[i].tres);
		carbon_doctor_tres(&doctor);
		assert_int_equal(doctor.findings, 1);
		assert_row(rows[i].name, (doctor.finding[0].grade == CARBON_GRADE_PROBLEM) == (*rows[i].advice != '\0'));
		assert_row(rows[i].name, strstr(doctor.finding[0].advice, rows[i].advice));
		assert_row(rows[i].name, *rows[i].advice || !*doctor.finding[0].advice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_on_the_network_is_a_problem_by_its_name),
		cmocka_unit_test(a_folder_on_a_disk_of_this_machine_is_well),
		cmocka_unit_test(gpus_that_nobody_counts_are_a_problem),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
