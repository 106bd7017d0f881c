/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quantities as people read them: so many significant digits, and the unit that keeps the number between 1
 * and 1000. For sentences alone: JSON, CSV and records carry the number in one unit.
 */
#ifndef CARBON_QUANTITY_H
#define CARBON_QUANTITY_H

#define CARBON_QUANTITY_TEXT 32

/* "44 mg", "340 g", "1.9 kg", "-12 kg", "2.4 t"; DIGITS is 1 to 6. What is no number is "unknown". */
void carbon_mass_format(double mass_g, int digits, char out[CARBON_QUANTITY_TEXT]);
/* "340 W", "1.9 kW", "2.4 MW". */
void carbon_power_format(double power_w, int digits, char out[CARBON_QUANTITY_TEXT]);
/* "44 mWh", "340 Wh", "1.9 kWh", "2.4 MWh". */
void carbon_energy_format(double energy_kwh, int digits, char out[CARBON_QUANTITY_TEXT]);

#endif
