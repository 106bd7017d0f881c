/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config/ may not know which kinds of sources there are; this is where both are known. */
#include "config/config.h"
#include "forecaster/source.h"
#include "tools/tool.h"

int carbon_tool_check_sources(const struct carbon_config *config, struct carbon_err *err)
{
	for (size_t i = 0; i < config->sources; i++)
		if (!carbon_source_find(config->source[i].type))
			return carbon_err_set(err, "%s:%d: source \"%s\": type \"%s\" unknown (known: %s)",
					      config->path, config->source[i].line, config->source[i].name,
					      config->source[i].type, carbon_source_names());
	return 0;
}
