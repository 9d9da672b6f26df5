/* SPDX-License-Identifier: GPL-2.0 */
/*
 * outcome.h: what the oracles of engine outcomes share.
 */
#ifndef HARNESS_ORACLE_OUTCOME_H
#define HARNESS_ORACLE_OUTCOME_H

#include "harness/oracle/oracle.h"
#include "harness/rt/engine.h"

/*
 * Record, as oracle_record(), and raise, as oracle_raise(), what is known
 * better in detail: @text is the same in search, @words replaces it in a
 * report unless it is empty.
 */
void oracle_record_words(const struct oracle *o, int task, u32 other,
			 const char *text, const char *words);
void oracle_raise_words(const struct oracle *o, u32 other, const char *subject,
			const char *text, const char *words)
	__attribute__((noreturn));

/* Each by the file of its oracle; only in that outcome. */
void deadlock_record(const struct rt_result *r);
void progress_record(const struct rt_result *r);
void crash_record(const struct rt_result *r);

/* The newest row of @task at or before @seq that has a stack; NULL if none:
 * the nearest thing to where a task stands that did not raise itself. */
const struct event *outcome_last_row(int task, u32 seq);

#endif /* HARNESS_ORACLE_OUTCOME_H */
