/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a provider's forecast ends before ours does, ours goes on from it: the wind that the provider
 * sees coming tomorrow is not gone the day after.
 */
#ifndef CARBON_EXTEND_H
#define CARBON_EXTEND_H

struct carbon_track;

/*
 * Make track->extended of the first source that gave a forecast of six hours at least, mixed with ours where
 * track->blend knows enough; nothing where no regression speaks or it reaches as far as ours. Uses up
 * track->model.
 */
void carbon_track_extend(struct carbon_track *track, time_t now);

#endif
