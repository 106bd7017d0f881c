# SPDX-License-Identifier: GPL-2.0-or-later
# CARBON_COVERAGE: --enable-coverage builds for gcov.
AC_DEFUN([CARBON_COVERAGE], [
	AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [build for gcov])],
		[carbon_coverage=$enableval], [carbon_coverage=no])
	COV_CFLAGS=
	AS_IF([test "x$carbon_coverage" = xyes], [COV_CFLAGS="--coverage -O0"])
	AC_SUBST([COV_CFLAGS])
])
