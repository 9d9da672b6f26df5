// SPDX-License-Identifier: GPL-2.0
/*
 * ledger_page: page frames and files.
 *
 * What is told of a frame is kept until it is told otherwise; an allocation
 * makes it new but for what oracle refcount books, which must outlive it to
 * show that something was left.
 */
#include "targets/oracle/ledger.h"

struct ledger_page *ledger_page_block(u32 pfn)
{
	struct ledger_page **block = &ledger.pages[pfn / LEDGER_BLOCK];

	if (!*block)
		*block = rt_alloc(LEDGER_BLOCK * sizeof(**block));
	return &(*block)[pfn % LEDGER_BLOCK];
}

bool ledger_is_anon(const struct view *v, u32 pfn)
{
	if (ledger_live())
		return ledger_page_of(pfn)->mapping == VIEW_MAPPING_ANON;
	return v->page(pfn).anon;
}

struct ledger_file *ledger_file_of(u64 file)
{
	return file < VIEW_FILES ? ledger.file[file] : NULL;
}

static void count(u32 word, s32 n)
{
	struct ledger_page *p;

	if (!ledger_names_page(word))
		return;
	p = ledger_page_of(VIEW_PFN(word));
	p->named = (u8)(p->named + n);
	if (ledger_migrating(word))
		p->migrations = (u8)(p->migrations + n);
	else if (ledger_device_private(word))
		p->devices = (u8)(p->devices + n);
	else if (ledger_lent(word))
		p->exclusives = (u8)(p->exclusives + n);
	else
		p->present = (u8)(p->present + n);
}

/* An entry that was just cleared had the only word that the page was written. */
static bool was_dirty(const struct event *e, u32 word)
{
	u32 was = ledger.was[e->a][ledger_page(e->b)];

	return (ledger_migrating(word) || ledger_lent(word)) &&
	       VIEW_KIND(was) == VIEW_PRESENT && was & VIEW_DIRTY &&
	       VIEW_PFN(was) == VIEW_PFN(word) &&
	       ledger_page_of(VIEW_PFN(word))->locker == e->task + 1;
}

/* Entry @old of the mm and page of @e became @word. */
void ledger_page_entry(const struct event *e, u32 old, u32 word)
{
	struct ledger_page *p;

	if ((old ^ word) >> 16 || VIEW_KIND(old) != VIEW_KIND(word)) {
		count(old, -1);
		count(word, 1);
	}
	if (!ledger_names_page(word))
		return;
	p = ledger_page_of(VIEW_PFN(word));
	if (VIEW_KIND(old) == VIEW_NONE && was_dirty(e, word))
		p->owes_dirty = true;
	if (VIEW_KIND(word) != VIEW_EXCLUSIVE_WRITE)
		return;
	p->exclusive_seq = e->seq;
	p->exclusive_task = e->task + 1;
	p->exclusive_mm = (u8)e->a;
	p->exclusive_page = (u8)ledger_page(e->b);
}

/* A page that is free keeps its traces, for who looks whether any is wrong. */
static void allocated(struct ledger_page *p, const struct event *e)
{
	p->seq = e->seq;
	p->allocated = e->kind == EV_page_alloc;
	p->lent = 0;
	if (!p->allocated)
		return;
	p->value = 0;
	p->in_tlb = p->exclusive = p->owes_dirty = p->lru = false;
	p->mapping = VIEW_MAPPING_NONE;
	p->moved_to = p->source = 0;
}

/*
 * A folio lock that is dropped ends what it stood for: a move, and the promise
 * that no CPU maps the page.
 */
static void locked(struct ledger_page *p, const struct event *e)
{
	p->locked_seq = e->seq;
	if (e->kind == EV_page_lock) {
		p->locker = e->task + 1;
		ledger.locks[e->task]++;
		return;
	}
	p->unlocker = p->locker;
	if (p->locker && ledger.locks[p->locker - 1])
		ledger.locks[p->locker - 1]--;
	p->locker = 0;
	p->moved_to = p->lent = 0;
	ledger.making[e->task] = 0;
}

static void copied(const struct event *e)
{
	struct ledger_page *to;

	if (e->b >= VIEW_PFNS)
		return;
	to = ledger_page_of((u32)e->b);
	to->source = (u8)e->a;
	to->value = (u32)e->c;
}

/* Who moves a page gives the new one the old one's mapping. */
static void remapped(struct ledger_page *p, const struct event *e)
{
	u32 old = ledger.moving[e->task];

	p->mapping = (u8)e->b;
	p->index = (u8)e->c;
	if (!old || old == e->a || e->b == VIEW_MAPPING_NONE)
		return;
	ledger_page_of(old)->moved_to = (u8)e->a;
	/* Of a file, what is dirty is the new one's alone. */
	if (e->b == VIEW_MAPPING_FILE && ledger_page_of(old)->owes_dirty) {
		ledger_page_of(old)->owes_dirty = false;
		p->owes_dirty = true;
	}
}

static void backed(struct ledger_page *p, const struct event *e)
{
	if (p->backing && ledger_page_of(p->backing)->backs == (u8)e->a)
		ledger_page_of(p->backing)->backs = 0;
	p->backing = e->b < VIEW_PFNS ? (u8)e->b : 0;
	if (p->backing)
		ledger_page_of(p->backing)->backs = (u8)e->a;
}

void ledger_page_event(const struct event *e)
{
	struct ledger_page *p;

	if (e->a >= VIEW_PFNS)
		return;
	p = ledger_page_of((u32)e->a);
	switch (e->kind) {
	case EV_page_alloc:
	case EV_page_free:
		allocated(p, e);
		break;
	case EV_page_exclusive:
		p->exclusive = !!e->b;
		break;
	case EV_page_copy:
		copied(e);
		break;
	case EV_page_mapping:
		remapped(p, e);
		break;
	case EV_page_lock:
	case EV_page_unlock:
		locked(p, e);
		break;
	case EV_page_lru:
		p->lru = !!e->b;
		break;
	case EV_page_backing:
		backed(p, e);
		break;
	}
}

/* By a CPU, a GPU or a holder of a reference. */
void ledger_store(const struct event *e)
{
	u32 pfn = VIEW_DATA_PFN(e->c);

	if (pfn < VIEW_PFNS)
		ledger_page_of(pfn)->value = VIEW_DATA_VALUE(e->c);
}

/* -- files -- */
static void resize(struct ledger_file *f, const struct event *e, u64 nr)
{
	if (nr < f->nr_pages)
		f->shrunk = e->seq;
	else if (nr > f->nr_pages)
		f->grown = e->seq;
	f->nr_pages = (u8)nr;
}

/* The slot is emptied or filled; the page is of the cache while it is there. */
static void cache(struct ledger_file *f, const struct event *e)
{
	struct ledger_page *p;

	if (e->b >= PROG_PAGES || !e->c || e->c >= VIEW_PFNS)
		return;
	p = ledger_page_of((u32)e->c);
	if (e->kind == EV_cache_add) {
		f->cached[e->b] = (u8)e->c;
		p->file = (u8)(e->a + 1);
		p->index = (u8)e->b;
	} else {
		f->cached[e->b] = 0;
		p->file = 0;
	}
}

void ledger_file_event(const struct event *e)
{
	struct ledger_file *f;

	if (e->a >= VIEW_FILES)
		return;
	if (e->kind == EV_file_store)
		ledger_store(e);
	if (e->kind == EV_file_new && !ledger.file[e->a])
		ledger.file[e->a] = rt_alloc(sizeof(*f));
	f = ledger.file[e->a];
	if (!f)
		return;
	switch (e->kind) {
	case EV_file_new:
		f->live = true;
		f->nr_pages = (u8)e->b;
		break;
	case EV_file_gone:
		f->live = false;
		break;
	case EV_file_size:
	case EV_file_grown:
		resize(f, e, e->b);
		break;
	default:
		cache(f, e);
	}
}

/* What a range maps, when that is new; see vma_set for the rights. */
void ledger_vma_map(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), first, last;

	if (mm >= PROG_MMS)
		return;
	ledger_range(e->b, e->c, &first, &last);
	for (u32 page = first; page < last; page++) {
		ledger.vma[mm][page] = (u8)(VIEW_VMA_KIND(e->a) + 1);
		ledger.vma_file[mm][page] = (u8)VIEW_VMA_FILE_OF(e->a);
		ledger.vma_index[mm][page] =
			(u8)(VIEW_VMA_PGOFF(e->a) + page - first);
	}
}
