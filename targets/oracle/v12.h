/* SPDX-License-Identifier: GPL-2.0 */
/*
 * v12.h: what the oracles of HMM v12 share. v12_fault_list.c keeps it, and
 * stands before the others in the list.
 */
#ifndef TARGETS_ORACLE_V12_H
#define TARGETS_ORACLE_V12_H

#include "targets/oracle/ledger.h"
#include "targets/view_hmm_v12.h"

#define V12_FAULTS	8

/* A device fault that is listed. */
struct v12_fault {
	u32 id;			/* 0: unused */
	u32 seq;
	u32 mm, space;
	bool backoff;
	u64 start, end;
};
extern struct v12_fault v12_faults[V12_FAULTS];

/* By its first argument; NULL: not listed. */
struct v12_fault *v12_fault_of(u64 a);
/* A listed one that a wait is about: VIEW_V12_WAIT(), start, end; or NULL. */
struct v12_fault *v12_overlapping(const struct event *e);

/* An update that fills, not one that takes away. */
static inline bool v12_is_fault(u32 etype)
{
	return etype == VIEW_V12_RFAULT || etype == VIEW_V12_WFAULT;
}

/* The mirror table's entry, cut as the ledger's words. */
static inline u32 v12_entry(const struct view *v, u32 space, u32 page)
{
	return v->hmm_v12 ? (u32)v->hmm_v12->entry(space, VIEW_VA(page)) : 0;
}

#endif /* TARGETS_ORACLE_V12_H */
