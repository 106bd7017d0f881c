# SPDX-License-Identifier: GPL-2.0-or-later
# CARBON_WARNINGS: which warnings are on, and whether they are errors (--enable-werror, for CI).
AC_DEFUN([CARBON_WARNINGS], [
	AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors (for CI)])],
		[carbon_werror=$enableval], [carbon_werror=no])
	WARN_CFLAGS="-std=gnu11"
	m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
		-Wformat=2 -Wvla -Wundef -Wpointer-arith -Wwrite-strings],
		[CARBON_FLAG([WARN_CFLAGS], flag)])
	AS_IF([test "x$carbon_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
	AC_SUBST([WARN_CFLAGS])
])
