/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lockdep.h: lockdep has one event and many complaints; two oracles share them.
 */
#ifndef HARNESS_ORACLE_LOCKDEP_H
#define HARNESS_ORACLE_LOCKDEP_H

#include "harness/oracle/oracle.h"

/* The complaint begins with "held at": at return, at exit. */
bool lockdep_is_leak(const struct event *e);

/* Raises; the other side is the acquisition of the lock held, if one is named
 * and rows are kept. */
void lockdep_raise(const struct oracle *o, const struct event *e)
	__attribute__((noreturn));

#endif /* HARNESS_ORACLE_LOCKDEP_H */
