/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What carbonctl advise says, as text and as JSON. A name that was once printed in JSON keeps
 * its meaning. */
#ifndef CARBON_TOOL_ADVISE_PRINT_H
#define CARBON_TOOL_ADVISE_PRINT_H

#include <stdio.h>

#include "tools/advise.h"

void carbon_advise_print_text(FILE *out, const struct carbon_advise *advise);
void carbon_advise_print_json(FILE *out, const struct carbon_advise *advise);

#endif
