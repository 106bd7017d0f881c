/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are foreign, writable by others, secret, too large, growing, FIFOs, folders and links; and
 * writing that fails half-way. Must never touch anything outside its own temporary folder. Tests on foreign
 * owners run only as root; they say so elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/err.h"
#include "lib/file.h"

#define FOREIGN 65534 /* nobody */

struct fixture {
	char folder[64];
	char path[128];
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/carbon-file-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/outlook", fixture->folder);
	*state = fixture;
	return 0;
}

/* How many names the folder holds; with REMOVE, they are removed, whatever is in them. */
static int count_names(const char *folder, bool remove)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[400];
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		count++;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (remove && unlink(path)) {
			count_names(path, true);
			rmdir(path);
		}
	}
	closedir(dir);
	return count;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	count_names(fixture->folder, true);
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

static void put(const char *path, const char *text)
{
	struct carbon_err err;

	if (carbon_file_write(path, text, strlen(text), 0644, &err))
		fail_msg("%s", err.text);
}

static void assert_reads(const char *path, unsigned int flags, const char *text)
{
	struct carbon_err err;
	size_t length = 0;
	char *found = NULL;

	if (carbon_file_read(path, 1000, flags, NULL, &found, &length, &err))
		fail_msg("%s", err.text);
	assert_string_equal(found, text);
	assert_int_equal(length, strlen(text));
	free(found);
}

static void assert_refused(const char *path, size_t cap, unsigned int flags, const char *why)
{
	char marker, *text = &marker;
	struct carbon_file_id id = {.size = 77};
	struct carbon_err err = {""};
	size_t length = 77;

	assert_int_equal(carbon_file_read(path, cap, flags, &id, &text, &length, &err), -1);
	assert_ptr_equal(text, &marker);
	assert_int_equal(length, 77);
	assert_int_equal(id.size, 77);
	if (!strstr(err.text, why) || strncmp(err.text, path, strlen(path)))
		fail_msg("\"%s\" does not say \"%s: %s\"", err.text, path, why);
}

/* --- reading --- */

static void test_a_file_is_read_with_its_id(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_file_id id, now;
	struct carbon_err err;
	size_t length;
	char *text;

	put(fixture->path, "hello\n");
	assert_int_equal(carbon_file_read(fixture->path, 6, 0, &id, &text, &length, &err), 0);
	assert_string_equal(text, "hello\n");
	assert_int_equal(length, 6);
	free(text);
	carbon_file_identify(fixture->path, &now);
	assert_true(carbon_file_id_equal(&id, &now));
	put(fixture->path, "other\n");
	carbon_file_identify(fixture->path, &now);
	assert_false(carbon_file_id_equal(&id, &now));
	unlink(fixture->path);
	carbon_file_identify(fixture->path, &now);
	assert_int_equal(now.size, -1);
	put(fixture->path, "");
	assert_reads(fixture->path, CARBON_FILE_TRUSTED, "");
}

static void test_a_file_over_the_cap_is_not_read(void **state)
{
	struct fixture *fixture = *state;

	put(fixture->path, "1234567");
	assert_refused(fixture->path, 6, 0, "7 bytes; at most 6 are read");
}

static void test_what_is_no_regular_file_is_refused_without_waiting(void **state)
{
	struct fixture *fixture = *state;

	assert_refused(fixture->path, 10, 0, strerror(ENOENT));
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	alarm(20); /* were it opened without O_NONBLOCK, it would wait for a writer for ever */
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED, "not a regular file");
	alarm(0);
	assert_refused(fixture->folder, 10, 0, "not a regular file");
	assert_refused("/dev/zero", 10, 0, "not a regular file");
}

static void test_a_file_that_others_may_write_is_not_trusted(void **state)
{
	struct fixture *fixture = *state;

	put(fixture->path, "x");
	assert_reads(fixture->path, CARBON_FILE_TRUSTED, "x");
	assert_int_equal(chmod(fixture->path, 0664), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED, "writable by others (mode 0664); try chmod go-w");
	assert_reads(fixture->path, 0, "x");
	assert_int_equal(chmod(fixture->path, 0602), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED, "writable by others");
}

static void test_a_secret_is_readable_by_its_owner_alone(void **state)
{
	struct fixture *fixture = *state;

	put(fixture->path, "x");
	assert_refused(fixture->path, 10, CARBON_FILE_SECRET, "readable by others (mode 0644)");
	assert_int_equal(chmod(fixture->path, 0640), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_SECRET, "try chmod 600");
	assert_int_equal(chmod(fixture->path, 0600), 0);
	assert_reads(fixture->path, CARBON_FILE_SECRET, "x");
}

static void test_a_folder_that_others_may_write_is_not_trusted(void **state)
{
	struct fixture *fixture = *state;

	put(fixture->path, "x");
	assert_int_equal(chmod(fixture->folder, 0770), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED, "is writable by others (mode 0770)");
	assert_int_equal(chmod(fixture->folder, 01777), 0);
	assert_reads(fixture->path, CARBON_FILE_TRUSTED, "x"); /* sticky, as /tmp */
	assert_int_equal(chmod(fixture->folder, 0700), 0);
}

static void test_a_link_leads_only_through_trusted_folders(void **state)
{
	struct fixture *fixture = *state;
	char inner[160], target[200];

	snprintf(inner, sizeof(inner), "%s/inner", fixture->folder);
	snprintf(target, sizeof(target), "%s/file", inner);
	assert_int_equal(mkdir(inner, 0700), 0);
	put(target, "linked");
	assert_int_equal(symlink(target, fixture->path), 0);
	assert_reads(fixture->path, CARBON_FILE_TRUSTED, "linked");
	assert_int_equal(chmod(inner, 0777), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED, "inner is writable by others");
	unlink(target);
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED, strerror(ENOENT));
}

/* The link could be turned elsewhere by whoever may write where it lies. */
static void test_a_link_in_a_folder_of_everybody_is_not_followed(void **state)
{
	struct fixture *fixture = *state;
	char open_folder[100], file_link[160], folder_link[160], through[180];

	put(fixture->path, "x");
	snprintf(open_folder, sizeof(open_folder), "%s/open", fixture->folder);
	snprintf(file_link, sizeof(file_link), "%s/file", open_folder);
	snprintf(folder_link, sizeof(folder_link), "%s/folder", open_folder);
	snprintf(through, sizeof(through), "%s/outlook", folder_link);
	assert_int_equal(mkdir(open_folder, 0700), 0);
	assert_int_equal(symlink(fixture->path, file_link), 0);
	assert_int_equal(symlink(fixture->folder, folder_link), 0);
	assert_reads(file_link, CARBON_FILE_TRUSTED, "x");
	assert_reads(through, CARBON_FILE_TRUSTED, "x");
	assert_int_equal(chmod(open_folder, 0777), 0);
	assert_refused(file_link, 10, CARBON_FILE_TRUSTED, "open is writable by others");
	assert_refused(through, 10, CARBON_FILE_TRUSTED, "open is writable by others");
	unlink(file_link);
	unlink(folder_link);
}

static void test_a_relative_name_is_trusted_like_its_full_one(void **state)
{
	struct fixture *fixture = *state;
	char before[PATH_MAX];

	put(fixture->path, "x");
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(fixture->folder), 0);
	assert_reads("outlook", CARBON_FILE_TRUSTED, "x");
	assert_int_equal(chmod(fixture->folder, 0777), 0);
	assert_refused("outlook", 10, CARBON_FILE_TRUSTED, "is writable by others");
	assert_int_equal(chmod(fixture->folder, 0700), 0);
	put("outlook", "y");
	assert_reads("outlook", CARBON_FILE_TRUSTED, "y");
	assert_int_equal(chdir(before), 0);
}

static void test_what_belongs_to_a_stranger_is_not_trusted(void **state)
{
	struct fixture *fixture = *state;
	char link[160];

	put(fixture->path, "x");
	snprintf(link, sizeof(link), "%s/link", fixture->folder);
	assert_int_equal(symlink(fixture->path, link), 0);
	assert_reads(link, CARBON_FILE_TRUSTED, "x");
	assert_int_equal(lchown(link, FOREIGN, FOREIGN), 0);
	assert_refused(link, 10, CARBON_FILE_TRUSTED, "owned by user 65534");
	assert_int_equal(chown(fixture->path, FOREIGN, FOREIGN), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED,
		       "owned by user 65534; it should be owned by root or by user 0");
	assert_reads(fixture->path, 0, "x");
	assert_int_equal(chown(fixture->path, 0, 0), 0);
	assert_int_equal(chown(fixture->folder, FOREIGN, FOREIGN), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED, "is owned by user 65534");
	assert_int_equal(chown(fixture->folder, 0, 0), 0);
}

/* Root reads what the service's user keeps in a folder of its own, and nothing that a third one has put there. */
static void test_what_the_folder_s_owner_keeps_there_is_trusted_where_asked_for(void **state)
{
	struct fixture *fixture = *state;

	put(fixture->path, "x");
	assert_int_equal(chown(fixture->folder, FOREIGN, FOREIGN), 0);
	assert_reads(fixture->path, CARBON_FILE_SERVICE, "x");
	assert_int_equal(chown(fixture->path, FOREIGN, FOREIGN), 0);
	assert_reads(fixture->path, CARBON_FILE_SERVICE, "x");
	assert_refused(fixture->path, 10, CARBON_FILE_TRUSTED, "owned by user 65534");
	assert_int_equal(chown(fixture->path, FOREIGN - 1, 0), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_SERVICE, "owned by user 65533");
	assert_int_equal(chown(fixture->path, FOREIGN, FOREIGN), 0);
	assert_int_equal(chmod(fixture->path, 0664), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_SERVICE, "writable by others");
	assert_int_equal(chmod(fixture->path, 0644), 0);
	assert_int_equal(chown(fixture->folder, 0, 0), 0);
	assert_refused(fixture->path, 10, CARBON_FILE_SERVICE, "owned by user 65534");
	assert_int_equal(chown(fixture->path, 0, 0), 0);
}

/* In a child that has given root up: root's files and our own are trusted, others' are not. */
static int check_as_nobody(const struct fixture *fixture)
{
	struct carbon_err err;
	size_t length;
	char *text = NULL;
	int rc = 0;

	if (setresuid(FOREIGN, FOREIGN, FOREIGN))
		return 10;
	if (carbon_file_read(fixture->path, 10, CARBON_FILE_TRUSTED, NULL, &text, &length, &err))
		rc = 11;
	free(text);
	return rc;
}

static void test_the_files_of_root_are_trusted_by_everybody(void **state)
{
	struct fixture *fixture = *state;
	int status;
	pid_t child;

	put(fixture->path, "x");
	assert_int_equal(chmod(fixture->folder, 0755), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(check_as_nobody(fixture));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- writing --- */

static void test_writing_replaces_with_the_wanted_mode(void **state)
{
	struct fixture *fixture = *state;
	struct stat st;
	mode_t before = umask(077);

	put(fixture->path, "old");
	put(fixture->path, "new and longer");
	umask(before);
	assert_reads(fixture->path, CARBON_FILE_TRUSTED, "new and longer");
	assert_int_equal(stat(fixture->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(count_names(fixture->folder, false), 1);
}

static void test_a_link_is_replaced_and_not_written_through(void **state)
{
	struct fixture *fixture = *state;
	char target[160];

	snprintf(target, sizeof(target), "%s/target", fixture->folder);
	put(target, "old");
	assert_int_equal(symlink(target, fixture->path), 0);
	put(fixture->path, "new");
	assert_reads(target, 0, "old");
	assert_reads(fixture->path, 0, "new");
}

static void test_names_that_no_file_can_have_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_err err = {""};
	char longest[PATH_MAX + 10], missing[160];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	snprintf(missing, sizeof(missing), "%s/no/outlook", fixture->folder);
	assert_int_equal(carbon_file_write("", "x", 1, 0644, &err), -1);
	assert_int_equal(carbon_file_write("/tmp/", "x", 1, 0644, &err), -1);
	assert_non_null(strstr(err.text, "not a name"));
	assert_int_equal(carbon_file_write(longest, "x", 1, 0644, &err), -1);
	assert_int_equal(carbon_file_write(missing, "x", 1, 0644, &err), -1);
	assert_non_null(strstr(err.text, "cannot be written"));
	assert_int_equal(mkdir(fixture->path, 0700), 0);
	assert_int_equal(carbon_file_write(fixture->path, "x", 1, 0644, &err), -1);
	assert_int_equal(count_names(fixture->folder, false), 1);
}

/* A file that may not grow fails with EFBIG where a full disk fails with ENOSPC: in the middle of writing. */
static void test_a_write_that_fails_half_way_leaves_the_old_file(void **state)
{
	static char bytes[100000];
	struct fixture *fixture = *state;
	struct rlimit before, small = {1000, RLIM_INFINITY};
	struct carbon_err err = {""};
	int rc, error;

	put(fixture->path, "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = carbon_file_write(fixture->path, bytes, sizeof(bytes), 0644, &err);
	error = errno;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rc, -1);
	assert_int_equal(error, EFBIG);
	assert_non_null(strstr(err.text, strerror(EFBIG)));
	assert_reads(fixture->path, CARBON_FILE_TRUSTED, "old");
	assert_int_equal(count_names(fixture->folder, false), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_file_is_read_with_its_id),
		TEST(test_a_file_over_the_cap_is_not_read),
		TEST(test_what_is_no_regular_file_is_refused_without_waiting),
		TEST(test_a_file_that_others_may_write_is_not_trusted),
		TEST(test_a_secret_is_readable_by_its_owner_alone),
		TEST(test_a_folder_that_others_may_write_is_not_trusted),
		TEST(test_a_link_leads_only_through_trusted_folders),
		TEST(test_a_link_in_a_folder_of_everybody_is_not_followed),
		TEST(test_a_relative_name_is_trusted_like_its_full_one),
		TEST(test_writing_replaces_with_the_wanted_mode),
		TEST(test_a_link_is_replaced_and_not_written_through),
		TEST(test_names_that_no_file_can_have_are_refused),
		TEST(test_a_write_that_fails_half_way_leaves_the_old_file),
		/* Only root can make strangers' files: these stay last. */
		TEST(test_what_belongs_to_a_stranger_is_not_trusted),
		TEST(test_what_the_folder_s_owner_keeps_there_is_trusted_where_asked_for),
		TEST(test_the_files_of_root_are_trusted_by_everybody),
	};
	const struct CMUnitTest unprivileged[] = {tests[0], tests[1], tests[2], tests[3], tests[4], tests[5],
						  tests[6], tests[7], tests[8], tests[9], tests[10], tests[11], tests[12]};

	if (geteuid() == 0)
		return cmocka_run_group_tests_name("file", tests, NULL, NULL);
	print_message("# not root: nothing tried with files of other owners\n");
	return cmocka_run_group_tests_name("file (unprivileged)", unprivileged, NULL, NULL);
}
