/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC-32, eight bytes at a time ("slicing by 8"): slurmctld checks a whole outlook within a
 * millisecond. No global state: the tables are built for each call, which costs microseconds.
 */
#include "lib/crc32.h"

#define POLYNOMIAL UINT32_C(0xEDB88320)
#define SLICES 8
#define WORTH_A_TABLE 1024 /* bytes; below that, bit by bit is quicker than building tables */

/* What one byte does to the register. */
static uint32_t shift_byte(uint32_t crc)
{
	for (int bit = 0; bit < 8; bit++)
		crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
	return crc;
}

/* table[k][b]: the effect of byte b that is followed by k zero bytes. */
static void fill(uint32_t table[SLICES][256])
{
	for (uint32_t byte = 0; byte < 256; byte++)
		table[0][byte] = shift_byte(byte);
	for (int slice = 1; slice < SLICES; slice++) {
		for (int byte = 0; byte < 256; byte++) {
			uint32_t before = table[slice - 1][byte];

			table[slice][byte] = (before >> 8) ^ table[0][before & 0xff];
		}
	}
}

static uint32_t slow(uint32_t crc, const unsigned char *byte, size_t length)
{
	while (length--)
		crc = shift_byte(crc ^ *byte++);
	return crc;
}

/* Whole blocks of eight bytes, read byte by byte in order, so that byte order does not matter. */
static uint32_t fast(uint32_t crc, const unsigned char *byte, size_t blocks)
{
	uint32_t table[SLICES][256];

	fill(table);
	for (; blocks > 0; blocks--, byte += SLICES) {
		uint32_t head = (uint32_t)byte[0] | (uint32_t)byte[1] << 8 |
				(uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;

		head ^= crc;
		crc = table[7][head & 0xff] ^ table[6][head >> 8 & 0xff] ^
		      table[5][head >> 16 & 0xff] ^ table[4][head >> 24] ^ table[3][byte[4]] ^
		      table[2][byte[5]] ^ table[1][byte[6]] ^ table[0][byte[7]];
	}
	return crc;
}

uint32_t carbon_crc32(const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;
	uint32_t crc = UINT32_C(0xFFFFFFFF);
	size_t blocks = length >= WORTH_A_TABLE ? length / SLICES : 0;

	if (blocks)
		crc = fast(crc, byte, blocks);
	return ~slow(crc, byte + blocks * SLICES, length - blocks * SLICES);
}
