# SPDX-License-Identifier: GPL-2.0-or-later
# CARBON_SANITIZERS: --enable-sanitizers builds everything under ASan and UBSan.
AC_DEFUN([CARBON_SANITIZERS], [
	AC_ARG_ENABLE([sanitizers],
		[AS_HELP_STRING([--enable-sanitizers], [build under ASan and UBSan (tests only)])],
		[carbon_sanitizers=$enableval], [carbon_sanitizers=no])
	SAN_CFLAGS=
	AS_IF([test "x$carbon_sanitizers" = xyes],
		[SAN_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
		 HARD_CFLAGS="$(AS_ECHO(["$HARD_CFLAGS"]) | sed 's/-U_FORTIFY_SOURCE.*//')"])
	AC_SUBST([SAN_CFLAGS])
	AM_CONDITIONAL([SANITIZERS], [test "x$carbon_sanitizers" = xyes])
])
