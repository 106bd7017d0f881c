/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC-32 (IEEE 802.3, reflected 0xEDB88320; "123456789" gives cbf43926), by which a reader
 * notices a truncated or damaged file. Not a defence against forgery: ownership is (lib/file.h).
 */
#ifndef CARBON_CRC32_H
#define CARBON_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t carbon_crc32(const void *bytes, size_t length);

#endif
