/* SPDX-License-Identifier: GPL-2.0 */
/*
 * window.h: how often the intervals in which a race can happen were met.
 *
 * A window is a row of targets/windows.def: it opens and closes by events of
 * one task, and is entered when another task does a certain thing meanwhile.
 * Who watches for that is an oracle that never raises; it tells here. Costs
 * nothing unless oracle_observe() was called.
 *
 * Free of libc.
 */
#ifndef HARNESS_ORACLE_WINDOW_H
#define HARNESS_ORACLE_WINDOW_H

#include "harness/oracle/oracle.h"

#define WINDOWS_MAX	96

/* By row: how often it opened, and how many of those were entered. A campaign
 * moves them to its tally now and then. sim only: in native no oracle hears. */
struct window_count {
	u64 opened, entered;
};
extern struct window_count window_count[WINDOWS_MAX];

/* Hear events after all oracles of whatever target is set up from here on;
 * NULL: nobody. */
void oracle_observe(const struct oracle *o);

#endif /* HARNESS_ORACLE_WINDOW_H */
