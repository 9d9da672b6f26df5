/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ledger.h: what the events of this execution add up to, kept once for all
 * oracles of this folder.
 *
 * oracle_ledger stands first in the lists, so when another oracle hears an
 * event the ledger has already taken it in; what the event replaced is in
 * old_word, old_tlb_owed, was and bracket. Entry words are view.h's, cut to
 * 32 bits: a pfn fits.
 *
 * In native no event reaches an oracle. ledger_live() is false then, and a
 * check at a quiescent point or at the end must do with the view's answers.
 *
 * Everything here is small and flat: it is part of the machine and copied back
 * before each execution. What is known of page frames is in blocks that are
 * allocated when one of their frames is first heard of: most executions use a
 * dozen frames of 192, and pay for one block.
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
 * A page frame. Counts of entries are over all mms, by kind; @named is their
 * sum and leaves out the zero page. Tasks are kept as number + 1, 0 for none;
 * so are devices and files.
 */
struct ledger_page {
	u32 seq;		/* of the newest alloc or free */
	u32 value;		/* what it holds, as told */
	u32 exclusive_seq;	/* of the newest pte_set to EXCLUSIVE_WRITE */
	u32 locked_seq;		/* of the newest page_lock or page_unlock */
	u32 pin_seq;		/* of the newest pin of it */
	u32 pinned_seq;		/* from where on it has had a pin at every step */
	u32 direct_seq;		/* of the newest store through a reference */
	s32 refs;		/* the sum of held[]; a pin weighs PIN_WEIGHT */
	u8 held[VIEW_REF_NR];	/* oracle refcount's */
	s8 mapcount;
	u8 locker;		/* the task that locked it */
	u8 unlocker;		/* who held the lock before page_unlock */
	u8 named, present, migrations, devices, exclusives;
	u8 mapping;		/* enum view_mapping */
	u8 index;		/* in its mapping */
	u8 file;		/* whose cache it is in; at index */
	u8 backing;		/* device page: the frame with its data */
	u8 backs;		/* the device page whose data it holds */
	u8 moved_to;		/* who has its mapping now, until unlocked */
	u8 source;		/* what its content was copied from */
	u8 lent;		/* made exclusive by this task, not yet unlocked */
	u8 exclusive_task, exclusive_mm, exclusive_page;	/* of that seq */
	bool allocated;
	bool lru;
	bool exclusive;		/* ANON_EXCLUSIVE */
	bool in_tlb;		/* some CPU TLB has held it */
	bool owes_dirty;	/* until unlocked: a dirty entry was taken away */
};

#define LEDGER_BLOCK	16	/* frames a block */
#define PIN_WEIGHT	1024
#define LEDGER_DEVICES	4

struct ledger_file {
	bool live;
	u8 nr_pages;		/* of its size */
	u32 shrunk, grown;	/* seq of the newest change either way */
	u8 cached[PROG_PAGES];	/* pfn; 0: none */
};

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

	u8 protecting[PROG_MMS];	/* task + 1 that took rights from VMAs, or
					 * VMAs away, until its gather ends */

	u8 prot[PROG_MMS][PROG_PAGES];		/* enum view_prot */
	u8 vma[PROG_MMS][PROG_PAGES];		/* enum view_vma + 1; 0: not told */
	u8 vma_file[PROG_MMS][PROG_PAGES];
	u8 vma_index[PROG_MMS][PROG_PAGES];	/* what the page maps of it */
	u32 readable_since[PROG_MMS][PROG_PAGES];	/* seq; 0: from boot */
	u32 writable_since[PROG_MMS][PROG_PAGES];

	u32 cpu[PROG_MMS][PROG_PAGES];		/* entry words */
	u32 was[PROG_MMS][PROG_PAGES];		/* the newest before, not none */
	u32 cpu_seq[PROG_MMS][PROG_PAGES];	/* seq of the newest pte_set */
	u32 tlb_cpus[PROG_MMS][PROG_PAGES];	/* mask: filled, not flushed */
	u32 tlb_owed[PROG_MMS][PROG_PAGES];	/* mask of tasks owing a flush */

	/* -- pages, files, devices -- */
	struct ledger_page *pages[VIEW_PFNS / LEDGER_BLOCK];
	struct ledger_file *file[VIEW_FILES];	/* NULL: never made */
	u8 device[VIEW_PFNS - VIEW_DEVICE_PFN];	/* device + 1; or 0 */
	bool dying[VIEW_PFNS - VIEW_DEVICE_PFN];

	/* -- what tasks are in the middle of -- */
	u8 locks[RT_TASKS_MAX];		/* folio locks held */
	u8 moving[RT_TASKS_MAX];	/* pfn of move_begin; 0: none */
	u8 for_device[RT_TASKS_MAX];	/* on whose behalf pages move; + 1 */
	u8 ioctl[RT_TASKS_MAX];		/* of a mirror, or SVM_BIND: space + 1 */
	u32 making[RT_TASKS_MAX];	/* seq of exclusive_begin; 0: over */

	/* -- GPU spaces -- */
	u64 notifier[VIEW_SPACES];
	u8 space_mm[VIEW_SPACES];
	u8 space_device[VIEW_SPACES];	/* + 1; 0: none with memory */
	bool space_mirror[VIEW_SPACES];	/* of a dmirror: it has no TLB */
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

static inline bool ledger_migrating(u32 word)
{
	return VIEW_KIND(word) >= VIEW_MIGRATION_READ &&
	       VIEW_KIND(word) <= VIEW_MIGRATION_WRITE;
}

static inline bool ledger_device_private(u32 word)
{
	return VIEW_KIND(word) == VIEW_DEVICE_READ ||
	       VIEW_KIND(word) == VIEW_DEVICE_WRITE;
}

static inline bool ledger_lent(u32 word)
{
	return VIEW_KIND(word) == VIEW_EXCLUSIVE_READ ||
	       VIEW_KIND(word) == VIEW_EXCLUSIVE_WRITE;
}

/* The entry, once it is one of an access, lets it write. */
static inline bool ledger_writes(u32 word)
{
	switch (VIEW_KIND(word)) {
	case VIEW_PRESENT:
		return word & VIEW_W;
	case VIEW_MIGRATION_WRITE:
	case VIEW_DEVICE_WRITE:
	case VIEW_EXCLUSIVE_WRITE:
		return true;
	default:
		return false;
	}
}

/* It names a page that entries are counted of. */
static inline bool ledger_names_page(u32 word)
{
	return VIEW_KIND(word) != VIEW_NONE && !(word & VIEW_ZERO) &&
	       VIEW_PFN(word) && VIEW_PFN(word) < VIEW_PFNS;
}

static inline bool ledger_mm_exists(u32 mm)
{
	return ledger.mm_state[mm] == VIEW_MM_LIVE ||
	       ledger.mm_state[mm] == VIEW_MM_EXITING;
}

/* @pfn < VIEW_PFNS. Never NULL. */
struct ledger_page *ledger_page_block(u32 pfn);
static inline struct ledger_page *ledger_page_of(u32 pfn)
{
	struct ledger_page *block = ledger.pages[pfn / LEDGER_BLOCK];

	return block ? &block[pfn % LEDGER_BLOCK] : ledger_page_block(pfn);
}

/* Seq of the newest alloc or free; 0: never, or no such frame. */
static inline u32 ledger_page_seq(u32 pfn)
{
	return pfn < VIEW_PFNS && ledger.pages[pfn / LEDGER_BLOCK] ?
		ledger_page_of(pfn)->seq : 0;
}

/* As told, or where nothing is told as the view says. */
bool ledger_is_anon(const struct view *v, u32 pfn);

/* The frames of a device: bit n is VIEW_DEVICE_PFN + n. */
static inline u64 ledger_frames(const struct view_device *d)
{
	u64 frames = d->frames;

	for (u32 pfn = d->start; !d->frames && pfn < d->start + d->nr; pfn++)
		if (pfn >= VIEW_DEVICE_PFN && pfn < VIEW_PFNS)
			frames |= 1ull << (pfn - VIEW_DEVICE_PFN);
	return frames;
}

/* A file by its number, and where (mm, page) maps one: the slot in a cache,
 * or NULL. */
struct ledger_file *ledger_file_of(u64 file);

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
/* The same, and the driver will heed it: it is no migration of its own device. */
bool ledger_called_back(u32 space, u32 page);

/*
 * Entry @word of GPU space @space at @page, and the CPU's entry there: may the
 * one stand beside the other? It may be
 *
 *  - a copy of a present entry;
 *  - the data of the device page that the CPU's entry names;
 *  - (A) a page that the CPU has lent, or that stands behind the device page
 *    the CPU has been given instead of it;
 *  - what the space's own device is moving away, or towards: a driver ignores
 *    the brackets of its own migrations.
 */
bool ledger_space_allows(u32 space, u32 page, u32 word);
/* The last of these. */
bool ledger_own_move(u32 space, u32 page, u32 word);
/* Pages of @space's device move in bracket @b, at the device's own request. */
bool ledger_own_bracket(u32 space, const struct ledger_bracket *b);
/* The CPU's entry @cpu names @pfn, or the device page whose data it holds. */
bool ledger_reaches(u32 cpu, u32 pfn);

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

/*
 * Is @pfn in some CPU's TLB as present? Slow, but for a page that never was.
 */
bool ledger_in_tlb(const struct view *v, u32 pfn);

/*
 * Of oracle data, for who comes after it in the list: what a program must
 * read at @page of @mm.
 */
u32 data_shadow(u32 mm, u32 page);

/* Between the ledger's own files. */
void ledger_bracket_event(const struct event *e);
/* The operation of @task that may owe flushes of @mm is over, unless a larger
 * one of its is open still. */
void ledger_settle(u32 task, u32 mm);
void ledger_quiesce(const struct view *v);
void ledger_sub_event(const struct event *e);
void ledger_gpu_event(const struct event *e);
void ledger_page_event(const struct event *e);
void ledger_store(const struct event *e);
void ledger_page_entry(const struct event *e, u32 old, u32 word);
void ledger_file_event(const struct event *e);
void ledger_move_event(const struct event *e);
void ledger_vma_map(const struct event *e);

#endif /* TARGETS_ORACLE_LEDGER_H */
