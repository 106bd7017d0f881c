# SPDX-License-Identifier: GPL-2.0-or-later
# CARBON_FUZZING: --enable-fuzzing (clang) links the fuzz targets with libFuzzer; without it
# the same targets get a small main that replays the stored corpus. Comes after CARBON_SANITIZERS, with
# which it is best used.
AC_DEFUN([CARBON_FUZZING], [
	AC_ARG_ENABLE([fuzzing], [AS_HELP_STRING([--enable-fuzzing], [libFuzzer targets (clang only)])],
		[carbon_fuzzing=$enableval], [carbon_fuzzing=no])
	FUZZ_ENGINE=
	AS_IF([test "x$carbon_fuzzing" = xyes], [
		carbon_fuzz_ok=
		CARBON_FLAG([carbon_fuzz_ok], [-fsanitize=fuzzer-no-link])
		AS_IF([test -z "$carbon_fuzz_ok"], [AC_MSG_ERROR([--enable-fuzzing needs clang and its runtime])])
		SAN_CFLAGS="$SAN_CFLAGS -fsanitize=fuzzer-no-link"
		FUZZ_ENGINE=-fsanitize=fuzzer])
	AC_SUBST([FUZZ_ENGINE])
	AM_CONDITIONAL([FUZZING], [test "x$carbon_fuzzing" = xyes])
])
