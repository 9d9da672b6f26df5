// SPDX-License-Identifier: GPL-2.0
/*
 * data: every load returns what was stored last.
 *
 * Each virtual page of each mm has a shadow, the value a program must read
 * there. Where the page is the mm's own, an anonymous one, the shadow is the
 * mm's: stores move it; zapping the page zeroes it; copy on write, migration
 * and lending do not touch it, which is the point: a lost or a torn copy shows
 * as a load that disagrees. fork hands the parent's shadows to the child, entry
 * by entry, and mremap moves them. Where the page is a file's, the shadow is
 * the file's: everybody who shares it sees one store. A private mapping of a
 * file begins with the file's and gets its own with its first copy, of what the
 * file held when it was copied.
 *
 * Between a change of an entry and the TLB flush that is owed for it, accesses
 * may still go to the old page:
 *
 *  - the entry now names another page or none: a load may return what the old
 *    page held when the entry changed, or what such late accesses stored since;
 *    a store changes nothing that the page tables can reach;
 *  - the entry names the same page with fewer rights, or not as present: it is
 *    the page, so a store moves the shadow, and in fork also the child's, whose
 *    entry for the page may already be there.
 *
 * A device reaches a page by its own table; the data of a device-private page
 * is in the page behind it, if it has one, or else in itself. A holder of a
 * reference reaches a page by nobody's table: what it stores is seen by whoever
 * maps the page then. But a page that is pinned must stay where it was pinned,
 * or the store is lost.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define MIXED	0xffff		/* more than one old page is in some TLB */

static struct {
	u32 value[PROG_MMS][PROG_PAGES];
	u32 stale_value[PROG_MMS][PROG_PAGES];
	u16 stale_pfn[PROG_MMS][PROG_PAGES];	/* 0: none */
	u32 store_seq[PROG_MMS][PROG_PAGES];
	u32 zap_seq[PROG_MMS][PROG_PAGES];
	u16 own[PROG_MMS];		/* mask of pages with a value of their own */
	u32 *file[VIEW_FILES];		/* by index; NULL: nothing yet */
	/* The entry that was cleared last, which may turn up elsewhere. */
	struct {
		u32 word, value, seq;
		u8 mm, page, task;
		bool own;
	} cleared;
} data __machine;

static u32 *file_value(u32 file, u32 index)
{
	if (!data.file[file])
		data.file[file] = rt_alloc(PROG_PAGES * sizeof(u32));
	return &data.file[file][index];
}

/* What (mm, page) maps of a file and has no value of its own for, or NULL. */
static u32 *shared_value(u32 mm, u32 page)
{
	u32 kind = ledger.vma[mm][page];

	if (data.own[mm] >> page & 1 || kind <= VIEW_VMA_ANON + 1 ||
	    kind == VIEW_VMA_SPECIAL + 1)
		return NULL;
	if (ledger.vma_file[mm][page] >= VIEW_FILES ||
	    ledger.vma_index[mm][page] >= PROG_PAGES)
		return NULL;
	return file_value(ledger.vma_file[mm][page],
			  ledger.vma_index[mm][page]);
}

/* A driver's own frames, mapped: whatever they hold. */
static bool unknown(u32 mm, u32 page)
{
	return ledger.vma[mm][page] == VIEW_VMA_SPECIAL + 1 &&
	       !(data.own[mm] >> page & 1);
}

u32 data_shadow(u32 mm, u32 page)
{
	const u32 *shared = shared_value(mm, page);

	return shared ? *shared : data.value[mm][page];
}

static void forget(u32 mm, u32 page, u32 seq)
{
	data.own[mm] &= (u16)~(1u << page);
	data.value[mm][page] = 0;
	data.store_seq[mm][page] = data.zap_seq[mm][page] = seq;
}

/* -- entries -- */

/*
 * (mm, page) has got its first page of its own. In fork it is the parent's
 * shadow, or the copy of a pinned page; else a copy of a file's page, if it was
 * made of what was there; and if entries moved, what went with them.
 */
static void begins(u32 mm, u32 page, u32 word, const struct event *e)
{
	const struct ledger_page *p = ledger_page_of(VIEW_PFN(word));
	u32 parent = ledger.fork_parent[mm], from;

	if (parent != LEDGER_UNKNOWN && ledger.fork_task[parent] == e->task) {
		from = VIEW_PFN(ledger.cpu[parent][page]);
		data.value[mm][page] = p->source && p->source == from ?
			p->value : data_shadow(parent, page);
	} else if (data.cleared.own && data.cleared.mm == mm &&
		   data.cleared.task == e->task && data.cleared.page != page &&
		   data.cleared.seq > p->seq &&
		   VIEW_PFN(data.cleared.word) == VIEW_PFN(word)) {
		data.value[mm][page] = data.cleared.value;
		forget(mm, data.cleared.page, e->seq);
	} else if (unknown(mm, page)) {
		data.value[mm][page] = p->value;
	} else {
		from = p->source;
		data.value[mm][page] =
			from && ledger_page_of(from)->file &&
			ledger_page_of(from)->file ==
				ledger.vma_file[mm][page] + 1 ?
			p->value : data_shadow(mm, page);
	}
	data.own[mm] |= (u16)(1u << page);
}

static void went(u32 mm, u32 page, u32 old, u32 word, const struct event *e)
{
	u16 *stale = &data.stale_pfn[mm][page];

	if (ledger_readable(old) && VIEW_PFN(word) != VIEW_PFN(old)) {
		if (ledger.old_tlb_owed && *stale && *stale != VIEW_PFN(old))
			*stale = MIXED;
		else
			*stale = (u16)VIEW_PFN(old);
		data.stale_value[mm][page] = data_shadow(mm, page);
	}
	if (VIEW_KIND(word) != VIEW_NONE)
		return;
	data.cleared.word = old;
	data.cleared.value = data_shadow(mm, page);
	data.cleared.seq = e->seq;
	data.cleared.mm = (u8)mm;
	data.cleared.page = (u8)page;
	data.cleared.task = e->task;
	data.cleared.own = data.own[mm] >> page & 1;
	if (ledger_zapping(e->task, mm))
		forget(mm, page, e->seq);
}

/*
 * The mm's own page is replaced by a copy. What somebody who had only a
 * reference to it, and no pin, stored there since, the copy need not have.
 */
static void copied(u32 mm, u32 page, u32 word)
{
	const struct ledger_page *p = ledger_page_of(VIEW_PFN(word));

	if (VIEW_KIND(word) == VIEW_PRESENT && p->source &&
	    p->source == VIEW_PFN(ledger.was[mm][page]) &&
	    ledger_page_of(p->source)->direct_seq > p->seq)
		data.value[mm][page] = p->value;
}

static void pte_set(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 old = ledger.old_word;

	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	if (VIEW_KIND(old) != VIEW_NONE)
		went(mm, page, old, word, e);
	if (!ledger_names_page(word) ||
	    ledger_page_of(VIEW_PFN(word))->mapping != VIEW_MAPPING_ANON)
		return;
	if (data.own[mm] >> page & 1)
		copied(mm, page, word);
	else
		begins(mm, page, word, e);
}

/*
 * Nothing is there any more, or something new: what was there is forgotten. A
 * page of the mm's own without an entry is one that is just being replaced, or
 * put back: it stays until the zap that is to come.
 */
static void vma_set(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), first, last;

	if (mm >= PROG_MMS || e->a >> 8 != VIEW_UNMAPPED)
		return;
	ledger_range(e->b, e->c, &first, &last);
	for (u32 page = first; page < last; page++) {
		data.zap_seq[mm][page] = e->seq;
		if (VIEW_KIND(ledger.cpu[mm][page]) == VIEW_NONE &&
		    !(data.own[mm] >> page & 1))
			forget(mm, page, e->seq);
	}
}

/* -- accesses -- */

/*
 * Is @pfn the page at (mm, page)? It still is while its entry was taken away to
 * be replaced by another of the page, and nobody zapped it; and from where its
 * mapping went to another page until an entry says so, both are: what is stored
 * to the old one then is lost, and will be missed.
 */
static bool is_page(u32 mm, u32 page, u32 pfn)
{
	u32 cpu = ledger.cpu[mm][page], to;

	if (VIEW_KIND(cpu) == VIEW_NONE && data.own[mm] >> page & 1)
		cpu = ledger.was[mm][page];
	if (ledger_reaches(cpu, pfn))
		return true;
	if (!ledger_migrating(cpu) || !ledger_names_page(cpu))
		return false;
	to = ledger_page_of(VIEW_PFN(cpu))->moved_to;
	return to && pfn && (to == pfn || ledger_page_of(to)->backing == pfn);
}

/* A store to @pfn, which is the page at (mm, page). */
static void moves(u32 mm, u32 page, u32 pfn, const struct event *e)
{
	u32 value = VIEW_DATA_VALUE(e->c), child = ledger.fork_child[mm];
	u32 *shared = shared_value(mm, page);

	if (shared && ledger.vma[mm][page] == VIEW_VMA_PRIVATE + 1)
		oracle_raise(&oracle_data, ledger.cpu_seq[mm][page],
			     ledger_page_name(pfn),
			     "A store at 0x%llx in mm%u, a private mapping, went to page#%u of the file.",
			     e->b, mm, pfn);
	if (shared)
		*shared = value;
	else
		data.value[mm][page] = value;
	data.store_seq[mm][page] = e->seq;
	/* Through a TLB, before the entry that was cleared turns up elsewhere. */
	if (data.cleared.mm == mm && data.cleared.page == page)
		data.cleared.value = value;
	if (child != LEDGER_UNKNOWN && !shared &&
	    ledger_reaches(ledger.cpu[child][page], pfn))
		data.value[child][page] = value;
}

/* By who maps the page, and by whose TLB still does. */
static void seen(u32 mm, u32 page, u32 pfn, u32 value)
{
	if (pfn && data.own[mm] >> page & 1 && is_page(mm, page, pfn))
		data.value[mm][page] = value;
	else if (pfn && data.stale_pfn[mm][page] == pfn)
		data.stale_value[mm][page] = value;
}

static void store(u32 mm, u32 page, u32 pfn, const struct event *e)
{
	const struct ledger_page *p = ledger_page_of(pfn % VIEW_PFNS);

	if (is_page(mm, page, pfn))
		moves(mm, page, pfn, e);
	else if (p->file)
		*file_value(p->file - 1u, p->index) = VIEW_DATA_VALUE(e->c);
	else if (data.stale_pfn[mm][page] == pfn)
		/* mremap may have put the page elsewhere by now. */
		for (u32 i = 0; i < PROG_PAGES; i++)
			seen(mm, i, pfn, VIEW_DATA_VALUE(e->c));
}

static void load(u32 mm, u32 page, u32 pfn, const struct event *e,
		 const char *who)
{
	u32 value = VIEW_DATA_VALUE(e->c), expected = data_shadow(mm, page);

	if (unknown(mm, page))
		return;
	if (!is_page(mm, page, pfn)) {
		if (data.stale_pfn[mm][page] != pfn)
			return;
		expected = ledger_page_of(pfn)->mapping == VIEW_MAPPING_ANON ?
			data.stale_value[mm][page] : ledger_page_of(pfn)->value;
	}
	if (value == expected)
		return;
	oracle_raise(&oracle_data, data.store_seq[mm][page],
		     ledger_page_name(pfn),
		     "A %s load at 0x%llx in mm%u returned %u from page#%u; the value there is %u.",
		     who, e->b, mm, value, pfn, expected);
}

static void gpu_access(const struct event *e)
{
	u32 page = ledger_page(e->b), pfn = VIEW_DATA_PFN(e->c);
	u32 space = (u32)e->a, mm;

	if (space >= VIEW_SPACES || page >= PROG_PAGES)
		return;
	mm = ledger.space_mm[space];
	if (mm >= PROG_MMS)
		return;
	if (!is_page(mm, page, pfn) && !ledger_excused(space, page) &&
	    !ledger_own_move(space, page, (u32)VIEW_WORD(VIEW_PRESENT, 0, pfn)))
		oracle_raise(&oracle_data, ledger.cpu_seq[mm][page],
			     ledger_page_name(pfn),
			     "A GPU %s at 0x%llx in space %u went to page#%u; mm%u's entry there is %s.",
			     e->kind == EV_gpu_store ? "store" : "load", e->b,
			     space, pfn, mm,
			     ledger_word_name(ledger.cpu[mm][page]));
	if (e->kind == EV_gpu_store)
		store(mm, page, pfn, e);
	else
		load(mm, page, pfn, e, "GPU");
}

/*
 * Everybody who maps the page sees it. The one pin that is left is not always
 * the newest there was: gup_fast pins first, looks at the entry again, and if
 * that was zapped, gives the pin back.
 */
static void gup_store(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), page = ledger_page(e->b);
	u32 pfn = VIEW_DATA_PFN(e->c);
	struct ledger_page *p;
	u32 cpu;

	if (mm >= PROG_MMS || page >= PROG_PAGES || pfn >= VIEW_PFNS)
		return;
	p = ledger_page_of(pfn);
	p->direct_seq = e->seq;
	cpu = ledger.cpu[mm][page];
	if (VIEW_CPU_CPU(e->a) && p->held[VIEW_REF_PIN] == 1 &&
	    p->mapping == VIEW_MAPPING_ANON &&
	    VIEW_KIND(cpu) == VIEW_PRESENT && VIEW_PFN(cpu) != pfn &&
	    data.zap_seq[mm][page] < p->pinned_seq &&
	    ledger.mm_state[mm] == VIEW_MM_LIVE)
		oracle_raise(&oracle_data, ledger.cpu_seq[mm][page],
			     ledger_page_name(pfn),
			     "A store to page#%u, pinned at 0x%llx in mm%u, is lost: the entry there is %s by now.",
			     pfn, e->b, mm, ledger_word_name(cpu));
	if (p->file)
		*file_value(p->file - 1u, p->index) = VIEW_DATA_VALUE(e->c);
	for (mm = 0; mm < PROG_MMS; mm++)
		for (page = 0; ledger_mm_exists(mm) && page < PROG_PAGES; page++)
			seen(mm, page, pfn, VIEW_DATA_VALUE(e->c));
}

/* -- files -- */
static void file_event(const struct event *e)
{
	u32 pfn = e->kind == EV_cache_del ? (u32)e->c : VIEW_DATA_PFN(e->c);
	const struct ledger_file *f = ledger_file_of(e->a);
	u32 *value;

	if (!f || e->b >= PROG_PAGES || pfn >= VIEW_PFNS)
		return;
	value = file_value((u32)e->a, (u32)e->b);
	switch (e->kind) {
	case EV_cache_del:
		if (!ledger_page_of(pfn)->moved_to)
			*value = 0;
		break;
	case EV_file_store:
		*value = VIEW_DATA_VALUE(e->c);
		break;
	case EV_file_load:
		if (pfn == f->cached[e->b] && *value == VIEW_DATA_VALUE(e->c))
			break;
		oracle_raise(&oracle_data, ledger_page_seq(pfn),
			     ledger_page_name(pfn),
			     "A read of file%llu at index %llu returned %u from page#%u; the value there is %u, in page#%u.",
			     e->a, e->b, VIEW_DATA_VALUE(e->c), pfn, *value,
			     f->cached[e->b]);
	}
}

static void mm_new(u32 mm)
{
	if (mm >= PROG_MMS)
		return;
	for (u32 page = 0; page < PROG_PAGES; page++) {
		data.value[mm][page] = 0;
		data.stale_pfn[mm][page] = 0;
		data.store_seq[mm][page] = data.zap_seq[mm][page] = 0;
	}
	data.own[mm] = 0;
}

static void cpu_access(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), page = ledger_page(e->b);

	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	if (e->kind == EV_cpu_store)
		store(mm, page, VIEW_DATA_PFN(e->c), e);
	else
		load(mm, page, VIEW_DATA_PFN(e->c), e, "CPU");
}

/* Through a reference: of the page, wherever it is; judged where it was taken. */
static void gup_load(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), page = ledger_page(e->b);

	if (mm < PROG_MMS && page < PROG_PAGES &&
	    is_page(mm, page, VIEW_DATA_PFN(e->c)))
		load(mm, page, VIEW_DATA_PFN(e->c), e, "direct");
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_mm_new:
		mm_new((u32)e->b);
		break;
	case EV_pte_set:
		pte_set(e);
		break;
	case EV_vma_set:
		vma_set(e);
		break;
	case EV_cpu_load:
	case EV_cpu_store:
		cpu_access(e);
		break;
	case EV_gpu_load:
	case EV_gpu_store:
		gpu_access(e);
		break;
	case EV_gup_load:
		gup_load(e);
		break;
	case EV_gup_store:
		gup_store(e);
		break;
	default:
		file_event(e);
	}
}

/* Where the data of an entry is; 0: nowhere we can look. */
static u32 frame(u32 word)
{
	if (!ledger_names_page(word) || ledger_migrating(word))
		return 0;
	if (ledger_device_private(word) &&
	    ledger_page_of(VIEW_PFN(word))->backing)
		return ledger_page_of(VIEW_PFN(word))->backing;
	return VIEW_PFN(word);
}

/* What a program would read now, had it another call. */
static void quiesce(const struct view *v)
{
	if (!ledger_live())
		return;
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 pfn = frame(ledger.cpu[mm][page]);
			u32 value = pfn ? v->page(pfn).value : 0;

			if (!pfn || unknown(mm, page) ||
			    value == data_shadow(mm, page))
				continue;
			oracle_raise(&oracle_data, data.store_seq[mm][page],
				     ledger_page_name(pfn),
				     "page#%u, which mm%u maps at 0x%llx, holds %u; the value there is %u.",
				     pfn, mm, VIEW_VA(page), value,
				     data_shadow(mm, page));
		}
	}
}

static const u16 kinds[] = {
	EV_mm_new, EV_pte_set, EV_vma_set, EV_cpu_load, EV_cpu_store,
	EV_gpu_load, EV_gpu_store, EV_gup_load, EV_gup_store, EV_file_load,
	EV_file_store, EV_cache_del, 0
};

const struct oracle oracle_data = {
	.name	= "data",
	.claim	= "a load returns the value stored last, or, before an owed TLB flush, one that was current since",
	.spec	= "I-M20 I-A16",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};
