/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ledger.h: what the events of this execution add up to, kept once for all
 * oracles of this folder.
 *
 * oracle_ledger stands first in the lists, so when another oracle hears an
 * event the ledger has already taken it in; what the event replaced is in
 * old_word, old_tlb_owed and bracket. Entry words are view.h's, cut to 32
 * bits: a pfn of a system page fits.
 *
 * In native no event reaches an oracle. ledger_live() is false then, and a
 * check at a quiescent point or at the end must do with the view's answers.
 *
 * Everything here is small and flat: it is part of the machine and copied back
 * before each execution.
 */
#ifndef TARGETS_ORACLE_LEDGER_H
#define TARGETS_ORACLE_LEDGER_H

#include "harness/oracle/oracle.h"
#include "targets/view.h"

/* enum mmu_notifier_event of Linux 6.12, as VIEW_BRACKET_EVENT() gives it. */
enum {
	LEDGER_UNMAP, LEDGER_CLEAR, LEDGER_PROTECTION_VMA,
	LEDGER_PROTECTION_PAGE, LEDGER_SOFT_DIRTY, LEDGER_RELEASE,
	LEDGER_MIGRATE, LEDGER_EXCLUSIVE,
};

/* A GPU access as fault events spell it. */
enum { LEDGER_READ, LEDGER_WRITE, LEDGER_ATOMIC, LEDGER_PREFETCH };

enum ledger_phase {
	BRACKET_NONE,	/* the slot is unused, or its bracket is closed */
	BRACKET_START,	/* callbacks are being called */
	BRACKET_OPEN,	/* start returned 0: entries may change */
	BRACKET_END,	/* end was entered */
};

/* A bracket, from the entry of range_start to the return of range_end. */
struct ledger_bracket {
	u32 id;
	u32 seq;		/* of inv_begin */
	u8 phase;
	u8 mm;
	u8 event;
	u8 task;
	u8 first, end;		/* program pages; end is exclusive */
	bool blockable;
	bool counted;		/* in active_invalidate_ranges */
	bool refused;		/* by some callback; being undone */
	u32 hlist;		/* seq of its first hlist callback; 0: none yet */
	bool ordered;		/* it was counted before they did */
	bool touched;		/* its task lowered an entry before OPEN */
	u8 cleared;		/* spaces whose own callback has finished */
	u8 called;		/* and after which they may map no more */
};

#define LEDGER_BRACKETS	16

/* A notifier by its address, which is a key and nothing else. */
struct ledger_sub {
	u64 object;
	u32 seq;		/* of the newest insert, removal or death */
	u8 mm;
	u8 task;		/* who inserted it */
	u8 running;		/* callbacks inside it */
	u8 state : 2;
	u8 in_tree : 1;		/* an interval: by itree_change */
	u8 first, end;		/* program pages it covers, if in the tree */
	u32 tree_seq;		/* of its newest way into the tree, or off the list */
};

enum { SUB_NONE, SUB_LIVE, SUB_GONE };

#define LEDGER_SUBS	16	/* of each kind */

/*
 * An entry of the fault buffer, by its number modulo LEDGER_FAULTS. A batch
 * holds less than a ring of them, and less than another ring can be raised
 * before it ends.
 */
struct ledger_fault {
	u64 va;
	u32 id;			/* 0: none */
	u32 raised;		/* seq of fault_raised */
	u8 access;
	u8 space, mm;		/* of fault_lookup; LEDGER_UNKNOWN if none */
	bool looked_up;
};

#define LEDGER_FAULTS	16
#define LEDGER_UNKNOWN	0xff

struct ledger {
	bool heard;		/* an event reached us */
	u8 spaces;		/* mask of live GPU spaces */

	/* -- of the event being told -- */
	u32 old_word;		/* pte_set, gpu_map, gpu_unmap: entry before */
	u32 old_tlb_owed;	/* pte_set: tlb_owed of the entry before */
	u16 settled;		/* gather_end, fork_end, inv_closed: pages whose
				 * flush this task owed up to now */
	u8 bracket;		/* inv_*, callback_*: slot in brackets[] */
	u8 sub;			/* mni_*, mn_*, callback_*: slot, or UNKNOWN */

	/* -- address spaces -- */
	u8 mm_state[PROG_MMS];	/* enum view_mm_state */
	bool reaped[PROG_MMS];	/* faults may fail for no other reason */
	u8 space_of[PROG_MMS];	/* mask of GPU spaces on this mm */
	u8 fork_child[PROG_MMS];	/* of this parent; UNKNOWN: no fork */
	u8 fork_parent[PROG_MMS];	/* of this child; UNKNOWN: no fork */
	u8 fork_task[PROG_MMS];		/* by parent */
	u32 gathers[PROG_MMS];	/* mask of tasks with an open gather */
	s32 users[PROG_MMS], count[PROG_MMS];

	u8 prot[PROG_MMS][PROG_PAGES];		/* enum view_prot */
	u32 readable_since[PROG_MMS][PROG_PAGES];	/* seq; 0: from boot */
	u32 writable_since[PROG_MMS][PROG_PAGES];

	u32 cpu[PROG_MMS][PROG_PAGES];		/* entry words */
	u32 cpu_seq[PROG_MMS][PROG_PAGES];	/* seq of the newest pte_set */
	u32 tlb_cpus[PROG_MMS][PROG_PAGES];	/* mask: filled, not flushed */
	u32 tlb_owed[PROG_MMS][PROG_PAGES];	/* mask of tasks owing a flush */

	/* -- pages -- */
	u32 page_seq[VIEW_PFNS];	/* of the newest alloc or free */
	u32 in_tlb[VIEW_PFNS / 32];	/* some CPU TLB has held it */

	/* -- GPU spaces -- */
	u64 notifier[VIEW_SPACES];
	u8 space_mm[VIEW_SPACES];
	u16 gpu_owed[VIEW_SPACES];	/* mask of pages owing a TLB flush */
	u32 gpu[VIEW_SPACES][PROG_PAGES];
	u32 gpu_tlb[VIEW_SPACES][PROG_PAGES];
	u32 gpu_seq[VIEW_SPACES][PROG_PAGES];

	/* -- the batch the fault handler is in -- */
	u32 batch;		/* seq of batch_begin; 0: between batches */
	u32 replay;		/* seq of the newest gpu_replay */
	u8 batch_task;
	s8 batch_users[PROG_MMS], batch_count[PROG_MMS];

	u32 open;		/* mask of brackets[] in use */
	struct ledger_bracket brackets[LEDGER_BRACKETS];
	struct ledger_sub intervals[LEDGER_SUBS], hlist[LEDGER_SUBS];
	struct ledger_fault faults[LEDGER_FAULTS];
};
extern struct ledger ledger;

/* Did any event reach the oracles in this execution? False in native. */
static inline bool ledger_live(void)
{
	return ledger.heard;
}

/* Program page of @va, or LEDGER_UNKNOWN. */
static inline u32 ledger_page(u64 va)
{
	u64 page = (va - VIEW_BASE) / VIEW_PAGE_SIZE;

	return va >= VIEW_BASE && page < PROG_PAGES ? (u32)page : LEDGER_UNKNOWN;
}

/* Program pages that [start, end) touches: [*first, *last). */
void ledger_range(u64 start, u64 end, u32 *first, u32 *last);

/* An entry through which a CPU may read at least. */
static inline bool ledger_readable(u32 word)
{
	return VIEW_KIND(word) == VIEW_PRESENT && !(word & VIEW_PROT_NONE);
}

/* What a TLB or a GPU may rely on in @word, CPU entry @cpu still allows. */
static inline bool ledger_allows(u32 cpu, u32 word)
{
	return ledger_readable(cpu) && VIEW_PFN(cpu) == VIEW_PFN(word) &&
	       (!(word & VIEW_W) || cpu & VIEW_W);
}

/* The entry holds a reference to its page (migration entries do not). */
static inline bool ledger_holds_ref(u32 word)
{
	u32 kind = VIEW_KIND(word);

	return (kind == VIEW_PRESENT && !(word & VIEW_ZERO)) ||
	       kind >= VIEW_DEVICE_READ;
}

/* The entry is one of its page's mapcount. */
static inline bool ledger_counts(u32 word)
{
	u32 kind = VIEW_KIND(word);

	return (kind == VIEW_PRESENT && !(word & VIEW_ZERO)) ||
	       kind == VIEW_DEVICE_READ || kind == VIEW_DEVICE_WRITE;
}

/* Some open bracket of @mm covers @page in phase OPEN; its seq, or 0. */
u32 ledger_covered(u32 mm, u32 page);

/*
 * An invalidation of @page is on its way to @space: a bracket of the space's
 * mm covers it and has not finished with this space's callback.
 */
bool ledger_excused(u32 space, u32 page);

/* The open bracket of @task on @mm, or NULL. */
const struct ledger_bracket *ledger_bracket_of(u32 task, u32 mm);

/* The entry is cleared for good (zapped), not for a copy to replace it. */
bool ledger_zapping(u32 task, u32 mm);

/*
 * A TLB entry of @mm at @page that the page tables do not allow: its word, and
 * the CPU in *cpu. 0 if there is none.
 */
u32 ledger_stale_tlb(const struct view *v, u32 mm, u32 page, u32 *cpu);

/* Is this fault id one we know? NULL if not. */
struct ledger_fault *ledger_fault(u64 id);

/* "page#7"; one static buffer, for the subject of oracle_raise(). */
const char *ledger_page_name(u32 pfn);
/* "page#7 rw", "page#7 ro", "the zero page", "none"; four buffers in turn. */
const char *ledger_word_name(u32 word);

/* Between the ledger's own files. */
void ledger_bracket_event(const struct event *e);
/* The operation of @task that may owe flushes of @mm is over, unless a larger
 * one of its is open still. */
void ledger_settle(u32 task, u32 mm);
void ledger_quiesce(const struct view *v);
void ledger_sub_event(const struct event *e);
void ledger_gpu_event(const struct event *e);

#endif /* TARGETS_ORACLE_LEDGER_H */
