/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logins that outlive a run, so that a provider sees one per life of its token and not one per run: a
 * file for each source, readable by nobody else, worth nothing once the secret behind it has changed.
 */
#ifndef CARBON_SESSION_H
#define CARBON_SESSION_H

#include "forecaster/source.h"

/*
 * From and to FOLDER/.session-NAME. A session that cannot be read is none, for a login makes another; one that
 * cannot be kept is made again. Only an access with a token has one, and only a new one is written.
 */
void carbon_session_read(const char *folder, const char *name, struct carbon_access *access);
void carbon_session_write(const char *folder, const char *name, struct carbon_access *access);

#endif
