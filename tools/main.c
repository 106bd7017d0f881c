/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carbonctl. Everything else is in the library, so that tests link the program. */
#include <stdio.h>

#include "tools/tool.h"

int main(int argc, char **argv)
{
	return carbon_tool_main(argc, argv, stdout, stderr);
}
