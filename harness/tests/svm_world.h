/* SPDX-License-Identifier: GPL-2.0 */
/*
 * svm_world.h: a machine made of arrays, for the tests of the SVM oracles.
 *
 * A test tells a story with the verbs below. Each verb changes the arrays and
 * emits the event a port would; the fake view answers from the arrays; so an
 * oracle sees what it would see of a port, without one. oracle_raise() stands
 * in here: it keeps the class and the text, and ends the story.
 *
 * Verbs do one thing and do not protect a test from itself: a wrong story is
 * what half of the tests tell.
 */
#ifndef HARNESS_TESTS_SVM_WORLD_H
#define HARNESS_TESTS_SVM_WORLD_H

#include <stdarg.h>

#include "harness/oracle/window.h"
#include "harness/tests/test.h"
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define RW	VIEW_W
#define RO	0
#define ZERO	VIEW_ZERO
#define NR_PAGES 40u

struct world {
	struct view_mm mm[PROG_MMS];
	u32 prot[PROG_MMS][PROG_PAGES];
	u64 cpu[PROG_MMS][PROG_PAGES];
	u64 tlb[VIEW_CPUS][PROG_MMS][PROG_PAGES];
	struct view_page page[VIEW_PFNS];
	struct view_svmm svmm[VIEW_SPACES];
	u64 gpu[VIEW_SPACES][PROG_PAGES];
	u64 gpu_tlb[VIEW_SPACES][PROG_PAGES];
	struct view_file file[VIEW_FILES];
	u32 cached[VIEW_FILES][PROG_PAGES];
	struct view_device device[2];
	struct view_ring ring;
	u32 stalled;
	u32 lost;		/* free pages that are on no list */
};
static struct world w;

/* What oracles allocate, until the next story. */
static char arena[1 << 16] __attribute__((aligned(16)));
static size_t arena_used;

void *rt_alloc(size_t size)
{
	void *p = arena + arena_used;

	arena_used += (size + 15) & ~(size_t)15;
	if (arena_used > sizeof(arena))
		abort();
	return p;
}

/* Hears all after the oracles; and what it counts. */
static const struct oracle *observer;
struct window_count window_count[WINDOWS_MAX];

/* The clock that oracles may look at; a story sets it. */
static u64 clock_ns;

u64 rt_peek_now(void)
{
	return clock_ns;
}

/* Loads of the story may find older values than the newest. */
static bool loads_lag;

bool rt_loads_lag(void)
{
	return loads_lag;
}

static u32 seq;
static u8 task;
static bool deaf;			/* as in native: events reach nobody */
static bool keeps_flags;		/* put() frees a page as it is */
static jmp_buf story_over;
static const char *raised;		/* class, or NULL */
static char raised_text[256], raised_subject[32];
static u32 raised_other;

void oracle_raise(const struct oracle *o, u32 other, const char *subject,
		  const char *fmt, ...)
{
	va_list args;

	raised = o->name;
	raised_other = other;
	snprintf(raised_subject, sizeof(raised_subject), "%s", subject);
	va_start(args, fmt);
	vsnprintf(raised_text, sizeof(raised_text), fmt, args);
	va_end(args);
	longjmp(story_over, 1);
}

/* -- the view -- */
static inline struct view_mm see_mm(u32 slot) { return w.mm[slot]; }
static inline u64 see_cpu(u32 slot, u64 va) { return w.cpu[slot][VIEW_PAGE(va)]; }
static inline u32 see_prot(u32 slot, u64 va) { return w.prot[slot][VIEW_PAGE(va)]; }
static inline u64 see_tlb(u32 cpu, u32 slot, u64 va)
{
	return w.tlb[cpu][slot][VIEW_PAGE(va)];
}
static inline struct view_page see_page(u32 pfn) { return w.page[pfn]; }
static inline u32 see_nr_pages(void) { return NR_PAGES; }
static inline u32 see_nr_free(void)
{
	u32 n = 0;

	for (u32 pfn = 1; pfn <= NR_PAGES; pfn++)
		n += !w.page[pfn].refcount;
	return n - w.lost;
}
static inline struct view_svmm see_svmm(u32 space) { return w.svmm[space]; }
static inline u64 see_gpu(u32 space, u64 va) { return w.gpu[space][VIEW_PAGE(va)]; }
static inline u64 see_gpu_tlb(u32 space, u64 va)
{
	return w.gpu_tlb[space][VIEW_PAGE(va)];
}
static inline struct view_ring see_ring(void) { return w.ring; }
static inline u32 see_stalled(void) { return w.stalled; }

static inline struct view_file see_file(u32 file) { return w.file[file]; }
static inline u32 see_cached(u32 file, u32 i) { return w.cached[file][i]; }
static inline struct view_device see_device(u32 dev)
{
	return dev < 2 ? w.device[dev] : (struct view_device){ .live = false };
}

/* A test of its oracles defines it before it includes this. */
#ifndef WORLD_HMM_V12
#define WORLD_HMM_V12	NULL
#endif

static const struct view fake = {
	.mm = see_mm, .cpu_entry = see_cpu, .vma_prot = see_prot,
	.cpu_tlb = see_tlb, .page = see_page, .nr_free = see_nr_free,
	.nr_pages = see_nr_pages, .file = see_file, .cached = see_cached,
	.device = see_device, .svmm = see_svmm, .gpu_entry = see_gpu,
	.hmm_v12 = WORLD_HMM_V12,
	.gpu_tlb = see_gpu_tlb, .ring = see_ring, .stalled = see_stalled,
};

/*
 * All oracles there are: what follows the last one of the first list that both
 * lists have is the second's own. In this order events are handed out.
 */
#ifndef WORLD_LISTS
#define WORLD_LISTS svm_oracles_nouveau, svm_oracles_dmirror
#endif
static const struct oracle *everything[64];
static const struct oracle *ear[EV_NR][32];

static inline void add(const struct oracle *o)
{
	u32 i = 0;

	while (everything[i] && everything[i] != o)
		i++;
	everything[i] = o;
}

static inline void listen(void)
{
	static const struct oracle *const *const lists[] = { WORLD_LISTS };

	for (u32 i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct oracle *const *o = lists[i]; *o; o++)
			if (*o != &oracle_end_state)
				add(*o);
	add(&oracle_end_state);
	for (const struct oracle **o = everything; *o; o++)
		for (const u16 *k = (*o)->kinds; k && *k; k++)
			for (u32 i = 0; i < 32; i++)
				if (!ear[*k][i]) {
					ear[*k][i] = *o;
					break;
				}
}

static inline u32 emit(u16 kind, u64 a, u64 b, u64 c)
{
	const u32 n = ++seq;
	struct event e = {
		.seq = n, .step = n, .kind = kind, .task = task,
		.a = a, .b = b, .c = c,
	};

	for (u32 i = 0; !deaf && i < 32 && ear[kind][i]; i++)
		ear[kind][i]->event(&fake, &e);
	if (observer)
		observer->event(&fake, &e);
	return e.seq;
}

static inline void quiesce(void)
{
	for (const struct oracle **o = everything; *o; o++)
		if ((*o)->quiesce)
			(*o)->quiesce(&fake);
}

static inline void end(void)
{
	for (const struct oracle **o = everything; *o; o++)
		if ((*o)->end)
			(*o)->end(&fake);
}

/* -- running a story -- */
extern char __start_machine_oracles[], __stop_machine_oracles[];
static char *pristine;

/* The class @story raised, or "" if none. */
static inline const char *told(void (*story)(void))
{
	size_t size = __stop_machine_oracles - __start_machine_oracles;

	if (!pristine) {
		listen();
		pristine = malloc(size);
		memcpy(pristine, __start_machine_oracles, size);
	}
	memcpy(__start_machine_oracles, pristine, size);
	memset(&w, 0, sizeof(w));
	memset(arena, 0, arena_used);
	arena_used = 0;
	w.ring.entries = 8;
	seq = 0;
	clock_ns = 0;
	loads_lag = false;
	task = 1;
	deaf = keeps_flags = false;
	raised = NULL;
	raised_text[0] = 0;
	if (!setjmp(story_over))
		story();
	return raised ? raised : "";
}

#define RAISES(class, story) do {					\
	const char *told_ = told(story);				\
	if (strcmp(told_, class))					\
		printf("%s: %s\n", #story, raised_text);		\
	CHECK_STR(told_, class);					\
} while (0)
#define SILENT(story) RAISES("", story)

/* -- verbs: address spaces -- */
static inline void users(u32 mm, s32 n, s32 count)
{
	w.mm[mm].users = n;
	w.mm[mm].count = count;
	emit(EV_mm_users, mm, (u64)n, (u64)count);
}

static inline void new_mm(u32 mm)
{
	w.mm[mm] = (struct view_mm){ .state = VIEW_MM_LIVE, .users = 1, .count = 1 };
	emit(EV_mm_new, ~0ull, mm, 0);
}

static inline void vma(u32 mm, u32 prot, u32 first, u32 n)
{
	for (u32 i = first; i < first + n; i++)
		w.prot[mm][i] = prot;
	emit(EV_vma_set, VIEW_VMA(mm, prot), VIEW_VA(first), VIEW_VA(first + n));
}

/* What the range maps, from page @index of @file on. */
static inline void vma_map(u32 mm, u32 kind, u32 file, u32 index, u32 first,
			   u32 n)
{
	emit(EV_vma_map, VIEW_VMA_MAP(mm, kind, file, index), VIEW_VA(first),
	     VIEW_VA(first + n));
}

static inline void exit_mm(u32 mm)
{
	users(mm, 0, w.mm[mm].count);
	w.mm[mm].state = VIEW_MM_EXITING;
	emit(EV_mm_exit, mm, 0, 0);
}

/* -- verbs: pages -- */
static inline s32 weight(u32 why)
{
	return why == VIEW_REF_PIN || why == VIEW_REF_ATOMIC_PIN ?
		PIN_WEIGHT : 1;
}

static inline void get(u32 pfn, u32 why)
{
	w.page[pfn].refcount += weight(why);
	emit(EV_page_get, pfn, (u64)w.page[pfn].refcount, why);
}

static inline void mapping(u32 pfn, u32 what, u32 index)
{
	w.page[pfn].mapping = what;
	w.page[pfn].anon = what == VIEW_MAPPING_ANON;
	w.page[pfn].index = index;
	emit(EV_page_mapping, pfn, what, index);
}

static inline void put(u32 pfn, u32 why)
{
	w.page[pfn].refcount -= weight(why);
	emit(EV_page_put, pfn, (u64)w.page[pfn].refcount, why);
	if (w.page[pfn].refcount)
		return;
	if (w.page[pfn].exclusive && !keeps_flags) {
		w.page[pfn].exclusive = false;
		emit(EV_page_exclusive, pfn, 0, 0);
	}
	if (w.page[pfn].mapping && !keeps_flags)
		mapping(pfn, VIEW_MAPPING_NONE, 0);
	emit(EV_page_free, pfn, 0, 0);
}

static inline void alloc(u32 pfn)
{
	w.page[pfn] = (struct view_page){ .refcount = 1 };
	emit(EV_page_alloc, pfn, 1, 0);
}

static inline void exclusive(u32 pfn, bool on)
{
	w.page[pfn].exclusive = on;
	emit(EV_page_exclusive, pfn, on, 0);
}

static inline void mapcount(u32 pfn, s32 n)
{
	w.page[pfn].mapcount += n;
	emit(EV_page_mapcount, pfn, (u64)w.page[pfn].mapcount, 0);
}

static inline void lock(u32 pfn)
{
	w.page[pfn].locked = true;
	emit(EV_page_lock, pfn, 0, 0);
}

static inline void unlock(u32 pfn)
{
	w.page[pfn].locked = false;
	emit(EV_page_unlock, pfn, 0, 0);
}

/* -- verbs: CPU entries and TLBs -- */
static inline bool named(u64 word)
{
	return VIEW_KIND(word) != VIEW_NONE && !(word & VIEW_ZERO);
}

static inline void set(u32 mm, u32 page, u64 word)
{
	w.mm[mm].rss += named(word) - named(w.cpu[mm][page]);
	w.cpu[mm][page] = word;
	emit(EV_pte_set, mm, VIEW_VA(page), word);
}

static inline u64 word(u32 pfn, u64 bits)
{
	return VIEW_WORD(VIEW_PRESENT, bits, pfn);
}

/* A page of its own for (mm, page), as a first write fault gives. */
static inline void map(u32 mm, u32 page, u32 pfn)
{
	alloc(pfn);
	mapping(pfn, VIEW_MAPPING_ANON, page);
	exclusive(pfn, true);
	mapcount(pfn, 1);
	get(pfn, VIEW_REF_PTE);
	put(pfn, VIEW_REF_TMP);
	set(mm, page, word(pfn, RW));
}

static inline void fill(u32 mm, u32 page)
{
	w.tlb[task][mm][page] = w.cpu[mm][page];
	emit(EV_tlb_fill, VIEW_CPU(mm, task), VIEW_VA(page), w.cpu[mm][page]);
}

static inline void flush(u32 mm, u32 first, u32 n)
{
	for (u32 cpu = 0; cpu < VIEW_CPUS; cpu++)
		for (u32 i = first; i < first + n; i++)
			w.tlb[cpu][mm][i] = 0;
	emit(EV_tlb_flush, mm, VIEW_VA(first), VIEW_VA(first + n));
}

static inline void store(u32 mm, u32 page, u32 pfn, u32 value)
{
	w.page[pfn].value = value;
	emit(EV_cpu_store, VIEW_CPU(mm, task), VIEW_VA(page), VIEW_DATA(pfn, value));
}

static inline void load(u32 mm, u32 page, u32 pfn, u32 value)
{
	emit(EV_cpu_load, VIEW_CPU(mm, task), VIEW_VA(page), VIEW_DATA(pfn, value));
}

/* Clear the entry and hand its page to the gather. */
static inline void zap(u32 mm, u32 page, u32 pfn)
{
	set(mm, page, 0);
	mapcount(pfn, -1);
	get(pfn, VIEW_REF_GATHER);
	put(pfn, VIEW_REF_PTE);
}

/* -- verbs: brackets -- */
static inline u64 inv(u32 id, u32 mm, u32 what)
{
	return VIEW_BRACKET(id, mm, what, 1);
}

static inline void inv_begin(u64 b, u32 first, u32 n)
{
	emit(EV_inv_begin, b, VIEW_VA(first), VIEW_VA(first + n));
}

static inline void inv_open(u64 b, u32 first, u32 n)
{
	inv_begin(b, first, n);
	emit(EV_inv_open, b, 0, 0);
}

static inline void inv_close(u64 b)
{
	emit(EV_inv_end, b, 0, 0);
	emit(EV_inv_closed, b, 0, 0);
}

static inline void subs(u32 mm, u64 s, u32 active)
{
	w.mm[mm].invalidate_seq = s;
	w.mm[mm].active_ranges = active;
	emit(EV_subs_seq, mm, s, active);
}

/* -- verbs: the GPU -- */
#define HLIST	0x1000u		/* the address of space 0's notifier */
#define SUB	0x2000u		/* of an interval notifier */

static inline void new_space(u32 space, u32 mm)
{
	w.svmm[space] = (struct view_svmm){
		.live = true, .mm = mm,
		.unmanaged_start = VIEW_VA(14), .unmanaged_limit = VIEW_VA(16),
	};
	emit(EV_gpu_space, space, mm, HLIST + space);
	emit(EV_mn_register, mm, HLIST + space, 0);
}

static inline void gpu_set(u32 space, u32 page, u64 entry)
{
	u64 old = w.gpu[space][page];

	w.gpu[space][page] = entry;
	if (entry)
		emit(EV_gpu_map, space, VIEW_VA(page), entry);
	else if (old)
		emit(EV_gpu_unmap, space, VIEW_VA(page), old);
}

static inline void gpu_flush(u32 space, u32 first, u32 n)
{
	for (u32 i = first; i < first + n; i++)
		w.gpu_tlb[space][i] = 0;
	emit(EV_gpu_flush, space, VIEW_VA(first), VIEW_VA(first + n));
}

static inline void gpu_done(u32 space, u32 first, u32 n)
{
	emit(EV_gpu_op_end, space, VIEW_VA(first), VIEW_VA(first + n));
}

static inline void gpu_fill(u32 space, u32 page)
{
	w.gpu_tlb[space][page] = w.gpu[space][page];
	emit(EV_gpu_tlb_fill, space, VIEW_VA(page), w.gpu[space][page]);
}

/* The driver maps what it found, under its lock. */
static inline void driver_map(u32 space, u32 page, u64 entry)
{
	emit(EV_driver_map, space, VIEW_VA(page), SUB);
	gpu_set(space, page, entry);
	gpu_done(space, page, 1);
}

/* The hlist callback of @space's notifier clears [first, first + n). */
static inline void clear_callback(u64 b, u32 space, u32 first, u32 n)
{
	emit(EV_callback_begin, b, HLIST + space, 0);
	for (u32 i = first; i < first + n; i++)
		gpu_set(space, i, 0);
	gpu_flush(space, first, n);
	gpu_done(space, first, n);
	emit(EV_callback_end, b, HLIST + space, 0);
}

/* -- stories that others begin with -- */

/* mm0 with pages 0 to 7 read-write; page 0 maps page#7 and is in task 1's TLB. */
static inline void base(void)
{
	new_mm(0);
	vma(0, VIEW_PROT_RW, 0, 8);
	map(0, 0, 7);
	fill(0, 0);
	store(0, 0, 7, 70);
}

/* munmap(page 0) by task 2, step by step, up to the end of the bracket. */
static inline void unmap_to_bracket_end(void)
{
	u64 b = inv(1, 0, LEDGER_UNMAP);

	task = 2;
	vma(0, VIEW_UNMAPPED, 0, 1);
	emit(EV_gather_begin, 0, 0, 0);
	inv_open(b, 0, 1);
	zap(0, 0, 7);
	inv_close(b);
}

static inline void unmap(void)
{
	unmap_to_bracket_end();
	flush(0, 0, 1);
	put(7, VIEW_REF_GATHER);
	emit(EV_gather_end, 0, 0, 0);
}

/* fork of mm0 into mm1 by task 2, up to the child's entry. */
static inline void fork_to_entry(void)
{
	task = 2;
	new_mm(1);
	emit(EV_fork_begin, 0, 1, 0);
	vma(1, VIEW_PROT_RW, 0, 8);
	inv_open(inv(1, 0, LEDGER_PROTECTION_PAGE), 0, 8);
	exclusive(7, false);
	get(7, VIEW_REF_PTE);
	mapcount(7, 1);
	set(0, 0, word(7, RO));
	set(1, 0, word(7, RO));
}

static inline void fork_from_entry(void)
{
	inv_close(inv(1, 0, LEDGER_PROTECTION_PAGE));
	flush(0, 0, 16);
	emit(EV_fork_end, 0, 1, 0);
}

/* Besides, GPU space 0 on mm0, with nothing mapped. */
static inline void gpu_base(void)
{
	base();
	new_space(0, 0);
}

#endif /* HARNESS_TESTS_SVM_WORLD_H */
