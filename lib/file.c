/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading files that may be hostile, and replacing files as a whole. Must never block on a FIFO,
 * read past the cap, or leave a torn or temporary file behind. A check and a use are safe from races because
 * a trusted file lies under folders in which only root and we can change anything.
 */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"

static void fill_id(const struct stat *st, struct carbon_file_id *id)
{
	id->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	id->inode = (uint64_t)st->st_ino;
	id->device = (uint64_t)st->st_dev;
	id->size = (int64_t)st->st_size;
}

void carbon_file_identify(const char *path, struct carbon_file_id *id)
{
	struct stat st;

	memset(id, 0, sizeof(*id));
	id->size = -1;
	if (!stat(path, &st))
		fill_id(&st, id);
}

bool carbon_file_id_equal(const struct carbon_file_id *a, const struct carbon_file_id *b)
{
	return a->mtime_ns == b->mtime_ns && a->inode == b->inode && a->device == b->device &&
	       a->size == b->size;
}

/* --- trust --- */

/* Root, we, or the service's user (we, where there is none). */
static bool is_ours(const struct stat *st, uid_t service)
{
	return st->st_uid == 0 || st->st_uid == geteuid() || st->st_uid == service;
}

/* Who owns the folder that PATH names (and not one that a link leads to); otherwise we. */
static uid_t service_of(const char *path, unsigned int flags)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	struct stat st;

	if (!(flags & CARBON_FILE_SERVICE))
		return geteuid();
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	return stat(folder, &st) == 0 ? st.st_uid : geteuid();
}

/* In a sticky folder (/tmp) others may add names but not replace ours; the owner check sees theirs. */
static int check_folder(const char *path, const char *folder, uid_t service, struct carbon_err *err)
{
	struct stat st;

	if (stat(folder, &st))
		return carbon_err_set(err, "%s: folder %s: %s", path, folder, strerror(errno));
	if (!is_ours(&st, service))
		return carbon_err_set(err,
				      "%s: folder %s is owned by user %u; it should be owned by root "
				      "or by user %u",
				      path, folder, (unsigned int)st.st_uid, (unsigned int)geteuid());
	if (st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX))
		return carbon_err_set(err,
				      "%s: folder %s is writable by others (mode %04o); try chmod "
				      "go-w %s",
				      path, folder, (unsigned int)st.st_mode & 07777, folder);
	return 0;
}

/* Every folder that NAME passes through; NAME is PATH or what its links lead to. */
static int check_folders(const char *path, const char *name, uid_t service, struct carbon_err *err)
{
	char folder[PATH_MAX];

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t length = slash == name ? 1 : (size_t)(slash - name);

		if (length >= sizeof(folder))
			return carbon_err_set(err, "%s: name too long", path);
		memcpy(folder, name, length);
		folder[length] = '\0';
		if (check_folder(path, folder, service, err))
			return -1;
	}
	return 0;
}

/* A link is followed where root or we have made it (a site file linked from /etc is fine). */
static int check_way(const char *path, uid_t service, struct carbon_err *err)
{
	char real[PATH_MAX];
	struct stat st;

	if (lstat(path, &st) || !realpath(path, real))
		return carbon_err_set(err, "%s: %s", path, strerror(errno));
	if (!is_ours(&st, service))
		return carbon_err_set(err,
				      "%s: owned by user %u; it should be owned by root or by user %u",
				      path, (unsigned int)st.st_uid, (unsigned int)geteuid());
	if (check_folders(path, path, service, err))
		return -1;
	return check_folders(path, real, service, err);
}

static int check_trust(const char *path, const struct stat *st, unsigned int flags,
		       struct carbon_err *err)
{
	unsigned int mode = (unsigned int)st->st_mode & 07777;
	uid_t service = service_of(path, flags);

	if (!is_ours(st, service))
		return carbon_err_set(err,
				      "%s: owned by user %u; it should be owned by root or by user %u",
				      path, (unsigned int)st->st_uid, (unsigned int)geteuid());
	if (mode & (S_IWGRP | S_IWOTH))
		return carbon_err_set(err, "%s: writable by others (mode %04o); try chmod go-w %s",
				      path, mode, path);
	if (flags & CARBON_FILE_SECRET && mode & (S_IRWXG | S_IRWXO))
		return carbon_err_set(err,
				      "%s: readable by others (mode %04o); it holds a secret: try "
				      "chmod 600 %s",
				      path, mode, path);
	return check_way(path, service, err);
}

/* --- reading --- */

static int check_opened(const char *path, int fd, size_t cap, unsigned int flags, struct stat *st,
			struct carbon_err *err)
{
	if (fstat(fd, st))
		return carbon_err_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return carbon_err_set(err, "%s: not a regular file", path);
	if (flags && check_trust(path, st, flags, err))
		return -1;
	if (st->st_size < 0 || (uint64_t)st->st_size > cap)
		return carbon_err_set(err, "%s: %lld bytes; at most %zu are read", path,
				      (long long)st->st_size, cap);
	return 0;
}

/* As many bytes as there are, SIZE at most; -1 with errno. */
static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(fd, text + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* One byte more than the size is asked for, to see a file that grows meanwhile. */
static int read_opened(const char *path, int fd, size_t size, char **text, struct carbon_err *err)
{
	char *bytes = malloc(size + 2);
	ssize_t got;

	if (!bytes)
		return carbon_err_set(err, "%s: no memory for %zu bytes", path, size);
	got = read_all(fd, bytes, size + 1);
	if (got < 0) {
		carbon_err_set(err, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if ((size_t)got != size) {
		carbon_err_set(err, "%s: changed while it was read; read it again", path);
		goto fail;
	}
	bytes[size] = '\0';
	*text = bytes;
	return 0;
fail:
	free(bytes);
	return -1;
}

int carbon_file_read(const char *path, size_t cap, unsigned int flags, struct carbon_file_id *id,
		     char **text, size_t *length, struct carbon_err *err)
{
	int rc = -1;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return carbon_err_set(err, "%s: %s", path, strerror(errno));
	if (check_opened(path, fd, cap, flags, &st, err))
		goto out;
	if (read_opened(path, fd, (size_t)st.st_size, text, err))
		goto out;
	*length = (size_t)st.st_size;
	if (id)
		fill_id(&st, id);
	rc = 0;
out:
	close(fd);
	return rc;
}

/* --- writing --- */

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t done = write(fd, bytes, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes += done;
		length -= (size_t)done;
	}
	return 0;
}

/* The length of PATH's folder with its last '/'; 0: the current one. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/*
 * After the rename both the old and the new file are whole, whichever a power cut leaves; a file system
 * that cannot sync a folder is therefore no failure.
 */
static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", (int)folder_length(path), path);
	fd = open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* Everything between creating the temporary file and renaming it. */
static int fill_temporary(int fd, const void *bytes, size_t length, mode_t mode)
{
	int rc = 0, saved;

	if (write_all(fd, bytes, length) || fchmod(fd, mode) || fsync(fd))
		rc = -1;
	saved = errno;
	if (close(fd) && !rc)
		return -1;
	errno = saved;
	return rc;
}

int carbon_file_write(const char *path, const void *bytes, size_t length, mode_t mode,
		      struct carbon_err *err)
{
	char temporary[PATH_MAX];
	size_t folder = folder_length(path);
	int size = snprintf(temporary, sizeof(temporary), "%.*s.%s.XXXXXX", (int)folder, path,
			    path + folder);
	int fd, saved;

	if (size < 0 || (size_t)size >= sizeof(temporary) || !path[folder])
		return carbon_err_set(err, "%s: not a name that a file can have", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return carbon_err_set(err, "%s: cannot be written: %s", path, strerror(errno));
	if (fill_temporary(fd, bytes, length, mode) || rename(temporary, path)) {
		saved = errno;
		unlink(temporary);
		errno = saved;
		return carbon_err_set(err, "%s: cannot be written: %s", path, strerror(errno));
	}
	sync_folder(path);
	return 0;
}
