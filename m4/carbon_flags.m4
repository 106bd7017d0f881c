# SPDX-License-Identifier: GPL-2.0-or-later
# CARBON_FLAG(VARIABLE, FLAG, [LINK]): add FLAG to VARIABLE where the compiler knows it.
AC_DEFUN([CARBON_FLAG], [
	AC_MSG_CHECKING([whether $CC accepts $2])
	carbon_saved_cflags="$CFLAGS"
	CFLAGS="$CFLAGS -Werror $2"
	m4_if([$3], [LINK],
		[AC_LINK_IFELSE([AC_LANG_PROGRAM()], [carbon_flag=yes], [carbon_flag=no])],
		[AC_COMPILE_IFELSE([AC_LANG_PROGRAM()], [carbon_flag=yes], [carbon_flag=no])])
	CFLAGS="$carbon_saved_cflags"
	AS_IF([test $carbon_flag = yes], [$1="$$1 $2"])
	AC_MSG_RESULT([$carbon_flag])
])
