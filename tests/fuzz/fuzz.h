/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target defines LLVMFuzzerTestOneInput(), takes any bytes, and returns 0. It crashes (assert, sanitizer)
 * when something is wrong. Linked with libFuzzer (--enable-fuzzing) or with replay_main.c.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
