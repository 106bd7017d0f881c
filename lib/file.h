/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that may be wrong, huge or hostile: read with a cap and with an eye on who could have
 * written them; written so that a reader sees the old or the new one and never a torn one.
 */
#ifndef CARBON_FILE_H
#define CARBON_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct carbon_err;

/* What tells one version of a file from the next without reading it. */
struct carbon_file_id {
	int64_t mtime_ns;
	uint64_t inode;
	uint64_t device;
	int64_t size; /* -1: there is no such file */
};

#define CARBON_FILE_TRUSTED 0x1 /* owned by root or by us, not writable by others, nor any parent folder */
#define CARBON_FILE_SECRET 0x2  /* trusted, and readable by nobody but its owner */
/*
 * Trusted, and it may be of the owner of the folder that it lies in: what the service's user keeps in a folder of its own, read by
 * other users' programs. For a folder that a trusted file has named; never in slurmctld.
 */
#define CARBON_FILE_SERVICE 0x4

/* One stat(). A missing file is no error but size -1; other failures are taken as missing too. */
void carbon_file_identify(const char *path, struct carbon_file_id *id);
bool carbon_file_id_equal(const struct carbon_file_id *a, const struct carbon_file_id *b);

/*
 * Read a regular file of at most CAP bytes into *TEXT (NUL-terminated, free with free()). FLAGS as
 * above, checked on the opened file; a FIFO or device is refused without blocking. A symbolic link is
 * followed; where trust is asked for, it must itself be root's or ours. ID, where not NULL, is that of
 * the file read. Errors name the path.
 */
int carbon_file_read(const char *path, size_t cap, unsigned int flags, struct carbon_file_id *id,
		     char **text, size_t *length, struct carbon_err *err);

/*
 * Write to a temporary name in the same folder, sync, rename into place, sync the folder. On any
 * failure (full disk) the temporary is removed and what was at PATH stays. A symbolic link at PATH is
 * replaced, never written through. Errors name the path.
 */
int carbon_file_write(const char *path, const void *bytes, size_t length, mode_t mode,
		      struct carbon_err *err);

#endif
