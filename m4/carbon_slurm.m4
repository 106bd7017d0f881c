# SPDX-License-Identifier: GPL-2.0-or-later
# CARBON_SLURM: where Slurm's public headers and libslurm are. --with-slurm[=PATH] demands them,
# --without-slurm builds what needs no Slurm. Slurm ships no pkg-config file in many packages,
# and a plugin must be built for the very version that loads it, so the version is printed.
AC_DEFUN([CARBON_SLURM], [
	AC_ARG_WITH([slurm],
		[AS_HELP_STRING([--with-slurm@<:@=PATH@:>@], [Slurm's installation prefix (default: the system's)])],
		[], [with_slurm=check])
	AC_ARG_WITH([slurm-plugindir],
		[AS_HELP_STRING([--with-slurm-plugindir=DIR], [where our Slurm plugins go (default: LIBDIR/slurm-carbon)])],
		[], [with_slurm_plugindir='${libdir}/slurm-carbon'])
	SLURM_CPPFLAGS=
	SLURM_LIBS=
	have_slurm=no
	carbon_slurm_version=
	AS_IF([test "x$with_slurm" != xno], [
		AS_CASE(["$with_slurm"], [yes|check], [], [
			SLURM_CPPFLAGS="-I$with_slurm/include"
			SLURM_LDFLAGS="-L$with_slurm/lib -Wl,-rpath,$with_slurm/lib"])
		carbon_saved_cppflags="$CPPFLAGS"
		carbon_saved_ldflags="$LDFLAGS"
		CPPFLAGS="$CPPFLAGS $SLURM_CPPFLAGS"
		LDFLAGS="$LDFLAGS $SLURM_LDFLAGS"
		AC_CHECK_HEADER([slurm/slurm.h],
			[AC_CHECK_LIB([slurm], [slurm_load_jobs], [have_slurm=yes; SLURM_LIBS="$SLURM_LDFLAGS -lslurm"])])
		AS_IF([test $have_slurm = yes], [
			AC_COMPUTE_INT([carbon_slurm_number], [SLURM_VERSION_NUMBER], [@%:@include <slurm/slurm.h>])
			carbon_slurm_version="$((carbon_slurm_number / 65536)).$((carbon_slurm_number / 256 % 256)).$((carbon_slurm_number % 256))"
			AC_CHECK_MEMBERS([job_desc_msg_t.step_id], [], [], [@%:@include <slurm/slurm.h>])
			AC_CHECK_MEMBERS([slurm_job_info_t.step_id], [], [], [@%:@include <slurm/slurm.h>])
			AC_CHECK_DECLS([slurm_free_conf, SELECT_MEMORY], [], [], [@%:@include <slurm/slurm.h>])
			AC_CACHE_CHECK([whether calls name a job by a step id], [carbon_cv_call_step_id],
				[AC_COMPILE_IFELSE([AC_LANG_PROGRAM([@%:@include <slurm/slurm.h>],
					[slurm_step_id_t job = {0}; return slurm_requeue(job, 0);])],
					[carbon_cv_call_step_id=yes], [carbon_cv_call_step_id=no])])
			AS_IF([test $carbon_cv_call_step_id = yes],
				[AC_DEFINE([HAVE_CALL_STEP_ID], [1], [slurm_requeue() and its like take a step id and no longer a number.])])
			dnl Incomplete, so that AC_CHECK_TYPES, which asks for its size, does not see it.
			AC_CACHE_CHECK([for list_t], [carbon_cv_list_t],
				[AC_COMPILE_IFELSE([AC_LANG_PROGRAM([@%:@include <slurm/slurm.h>], [list_t *list = 0; (void)list;])],
					[carbon_cv_list_t=yes], [carbon_cv_list_t=no])])
			AS_IF([test $carbon_cv_list_t = yes],
				[AC_DEFINE([HAVE_LIST_T], [1], [Slurm calls its lists list_t * and no longer List.])])])
		CPPFLAGS="$carbon_saved_cppflags"
		LDFLAGS="$carbon_saved_ldflags"
		AS_IF([test $have_slurm = no && test "x$with_slurm" != xcheck],
			[AC_MSG_ERROR([Slurm's headers or libslurm not found (Debian: libslurm-dev); --without-slurm builds the rest])])])
	AS_IF([test $have_slurm = yes],
		[AC_DEFINE([HAVE_SLURM], [1], [Slurm's public headers and libslurm are there.])
		 carbon_slurm_summary="$carbon_slurm_version, plugins go to $with_slurm_plugindir"],
		[carbon_slurm_summary="no (no plugins, no live cluster)"])
	AC_SUBST([SLURM_CPPFLAGS])
	AC_SUBST([SLURM_LIBS])
	AC_SUBST([slurmplugindir], [$with_slurm_plugindir])
	AM_CONDITIONAL([HAVE_SLURM], [test $have_slurm = yes])
])
