# SPDX-License-Identifier: GPL-2.0-or-later
# CARBON_BLAS: OpenBLAS with its C interface and with LAPACK in it, for the forecast model. Other
# BLAS would do for the sums, but the number of threads has to be set and that call is OpenBLAS's.
AC_DEFUN([CARBON_BLAS], [
	PKG_CHECK_MODULES([BLAS], [openblas >= 0.3.10], [],
		[AC_MSG_ERROR([OpenBLAS not found (Debian: libopenblas-dev)])])
	carbon_saved_libs="$LIBS"
	LIBS="$BLAS_LIBS $LIBS"
	AC_CHECK_FUNC([openblas_set_num_threads], [],
		[AC_MSG_ERROR([OpenBLAS lacks openblas_set_num_threads()])])
	AC_CHECK_FUNC([dposv_], [],
		[AC_MSG_ERROR([OpenBLAS was built without LAPACK: dposv is missing])])
	LIBS="$carbon_saved_libs"
])
