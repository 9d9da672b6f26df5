/* SPDX-License-Identifier: GPL-2.0 */
/*
 * slots.h: the address spaces of a program, by number.
 *
 * A slot is not used twice, so that a number means one mm for the whole
 * execution: a fork fills the lowest one never used.
 *
 * An op runs as a thread of its mm: mm_enter() gives it a user of its own,
 * which mm_leave() drops, so the op that leaves last runs exit_mmap().
 */
#ifndef TARGETS_MM_SLOTS_H
#define TARGETS_MM_SLOTS_H

#include "harness/prog/op.h"
#include "targets/mm/ground.h"

/* Become a thread of @slot: current->mm is it. NULL: nothing lives there. */
struct mm_struct *mm_enter(u32 slot);
/* May run exit_mmap(). current->mm is NULL afterwards. */
void mm_leave(struct mm_struct *mm);
/* A call that is a thread of @mm returns to its program. */
long op_leave(struct mm_struct *mm, long ret);
/* A count of @slot's mm without a user (mmdrop() it); NULL as above. */
struct mm_struct *mm_pin(u32 slot);

/* A value no store of this execution has written yet; never 0. */
u32 mm_next_value(void);

/* -- for who makes and ends address spaces -- */

/* A fresh slot, VIEW_MM_LIVE from here on; PROG_MMS if none is left. */
u32 mm_slot_take(void);
/* NULL when the structure is about to be freed. */
void mm_slot_set(u32 slot, struct mm_struct *mm);
/* NULL: nothing there, or no slot. */
struct mm_struct *mm_slot_get(u32 slot);
void mm_slot_state(u32 slot, u32 state);	/* enum view_mm_state */
u32 mm_slot_get_state(u32 slot);
/* The program of @slot begins: its one user is @mm's. */
void mm_slot_start(u32 slot, struct mm_struct *mm);
/* In M0: every program that still runs ends. */
void mm_slots_exit(void);

/* One function a call, see struct op. */
long op_fork(const u32 *arg);
long op_exit(const u32 *arg);
long op_load(const u32 *arg);
long op_store(const u32 *arg);
long op_increment(const u32 *arg);

#endif /* TARGETS_MM_SLOTS_H */
