// SPDX-License-Identifier: GPL-2.0
/*
 * list: the engine's own oracles. Order is the order they hear an event in;
 * one event is of one kind of complaint, so it decides nothing.
 */
#include "harness/oracle/oracle.h"

const struct oracle *const oracles_engine[] = {
	&oracle_deadlock,
	&oracle_progress,
	&oracle_crash,
	&oracle_use_after_free,
	&oracle_out_of_bounds,
	&oracle_bad_free,
	&oracle_leak,
	&oracle_lock_order,
	&oracle_lock_leak,
	&oracle_warn,
	&oracle_bug,
	&oracle_data_race,
	NULL,
};
