# SPDX-License-Identifier: GPL-2.0-or-later
# CARBON_HARDENING: flags that make a memory error end early; on by default, as we are guests in slurmctld.
AC_DEFUN([CARBON_HARDENING], [
	AC_ARG_ENABLE([hardening], [AS_HELP_STRING([--disable-hardening], [build without hardening flags])],
		[], [enable_hardening=yes])
	HARD_CFLAGS=
	HARD_LDFLAGS=
	AS_IF([test "x$enable_hardening" = xyes], [
		CARBON_FLAG([HARD_CFLAGS], [-fstack-protector-strong], [LINK])
		CARBON_FLAG([HARD_CFLAGS], [-fstack-clash-protection], [LINK])
		CARBON_FLAG([HARD_LDFLAGS], [-Wl,-z,relro], [LINK])
		CARBON_FLAG([HARD_LDFLAGS], [-Wl,-z,now], [LINK])
		AS_CASE(["$CFLAGS"], [*-O0*|*-fsanitize*], [],
			[*-O*], [HARD_CFLAGS="$HARD_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])])
	AC_SUBST([HARD_CFLAGS])
	AC_SUBST([HARD_LDFLAGS])
])
