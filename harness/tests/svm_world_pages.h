/* SPDX-License-Identifier: GPL-2.0 */
/*
 * svm_world_pages.h: more verbs for the machine of svm_world.h: files, pages
 * that move or are lent, devices and their mirrors.
 */
#ifndef HARNESS_TESTS_SVM_WORLD_PAGES_H
#define HARNESS_TESTS_SVM_WORLD_PAGES_H

#include "harness/tests/svm_world.h"

/* -- files -- */
static inline void new_file(u32 file, u32 pages)
{
	w.file[file] = (struct view_file){ .live = true, .nr_pages = pages };
	emit(EV_file_new, file, pages, 0);
}

static inline void cache_add(u32 file, u32 index, u32 pfn)
{
	get(pfn, VIEW_REF_CACHE);
	mapping(pfn, VIEW_MAPPING_FILE, index);
	w.cached[file][index] = pfn;
	emit(EV_cache_add, file, index, pfn);
}

/* A fresh page in the cache. */
static inline void cache_new(u32 file, u32 index, u32 pfn)
{
	alloc(pfn);
	cache_add(file, index, pfn);
	put(pfn, VIEW_REF_TMP);
}

static inline void cache_del(u32 file, u32 index, u32 pfn)
{
	w.cached[file][index] = 0;
	emit(EV_cache_del, file, index, pfn);
	mapping(pfn, VIEW_MAPPING_NONE, 0);
	put(pfn, VIEW_REF_CACHE);
}

static inline void map_file(u32 mm, u32 page, u32 pfn, u64 bits)
{
	get(pfn, VIEW_REF_PTE);
	mapcount(pfn, 1);
	set(mm, page, word(pfn, bits));
}

/* mm0's pages 4 to 7 map file 0 from index 0 on. */
static inline void file_base(u32 kind)
{
	new_mm(0);
	vma_map(0, VIEW_VMA_ANON, 0, 16, 0, 4);
	vma(0, VIEW_PROT_RW, 0, 4);
	vma_map(0, kind, 0, 0, 4, 4);
	vma(0, VIEW_PROT_RW, 4, 4);
	new_file(0, 8);
}

/* -- pages that move -- */
static inline u64 entry(u32 kind, u32 pfn)
{
	return VIEW_WORD(kind, 0, pfn);
}

/* The bracket's number is the page's. */
static inline void take_away(u32 mm, u32 page, u32 pfn, u64 to)
{
	u64 b = inv(20 + page, mm, LEDGER_CLEAR);

	inv_open(b, page, 1);
	set(mm, page, 0);
	flush(mm, page, 1);
	exclusive(pfn, false);
	set(mm, page, to);
	mapcount(pfn, -1);
	put(pfn, VIEW_REF_PTE);
	inv_close(b);
}

/* The page, locked and isolated, leaves its entry. */
static inline void move_begin(u32 mm, u32 page, u32 pfn)
{
	get(pfn, VIEW_REF_ISOLATE);
	lock(pfn);
	emit(EV_move_begin, pfn, 0, 0);
	take_away(mm, page, pfn, entry(VIEW_MIGRATION_WRITE, pfn));
}

static inline void copy(u32 from, u32 to)
{
	w.page[to].value = w.page[from].value;
	emit(EV_page_copy, from, to, w.page[to].value);
}

/* Its content and its mapping go to a fresh page. */
static inline void move_to(u32 pfn, u32 to)
{
	alloc(to);
	lock(to);
	copy(pfn, to);
	mapping(to, w.page[pfn].mapping, w.page[pfn].index);
}

static inline void put_back(u32 mm, u32 page, u32 pfn, u64 bits)
{
	get(pfn, VIEW_REF_PTE);
	exclusive(pfn, true);
	mapcount(pfn, 1);
	set(mm, page, word(pfn, bits));
}

/* -- devices, and what is lent to them -- */
static inline void new_device(u32 dev, u32 first, u32 n)
{
	w.device[dev] = (struct view_device){
		.live = true, .start = first, .nr = n, .ref = 1, .nr_free = n,
	};
	emit(EV_pgmap_new, dev, first, n);
}

/* A device page with its data in @rpage. */
static inline void device_alloc(u32 dev, u32 pfn, u32 rpage)
{
	w.device[dev].nr_free--;
	w.device[dev].allocated++;
	w.device[dev].ref++;
	alloc(rpage);
	get(rpage, VIEW_REF_DRIVER);
	put(rpage, VIEW_REF_TMP);
	alloc(pfn);
	lock(pfn);
	w.page[pfn].backing = rpage;
	emit(EV_page_backing, pfn, rpage, 0);
}

/* A mirror of device 0, as space 0 of mm0. */
static inline void open_mirror(void)
{
	new_space(0, 0);
	emit(EV_dmirror_open, 0, 0, 0);
}

/* mm0's page 0 is lent by task 1: page#7 is locked and referenced. */
static inline void lend(void)
{
	u64 b = inv(9, 0, LEDGER_EXCLUSIVE);

	emit(EV_exclusive_begin, 0, VIEW_VA(0), 0);
	get(7, VIEW_REF_GUP);
	lock(7);
	inv_open(b, 0, 1);
	set(0, 0, 0);
	flush(0, 0, 1);
	set(0, 0, entry(VIEW_EXCLUSIVE_WRITE, 7));
	mapcount(7, -1);
	get(7, VIEW_REF_DEXCL);
	put(7, VIEW_REF_PTE);
	inv_close(b);
}

static inline void lent(void)
{
	emit(EV_exclusive_made, 0, VIEW_VA(0), 7);
}

static inline void unlock_lent(void)
{
	unlock(7);
	put(7, VIEW_REF_GUP);
}

/* A CPU fault brings page 0 back. */
static inline void give_back(u64 bits)
{
	u64 b = inv(10, 0, LEDGER_EXCLUSIVE);

	lock(7);
	inv_open(b, 0, 1);
	get(7, VIEW_REF_PTE);
	put(7, VIEW_REF_DEXCL);
	mapcount(7, 1);
	set(0, 0, word(7, bits));
	unlock(7);
	inv_close(b);
}

/* -- the fault ring: client 0's access of task 5 faults; the handler reads it -- */
static inline void raise_at(u32 id, u64 va, u32 access)
{
	u8 who = task;

	task = 5;
	emit(EV_fault_raised, id, va, access);
	emit(EV_ring_put, 0, id % 8, 0);
	task = who;
}

static inline void raise_fault(u32 id, u32 page, u32 access)
{
	raise_at(id, VIEW_VA(page), access);
}

static inline void parse(u32 id, u32 page)
{
	emit(EV_fault_parsed, id, VIEW_VA(page), (id - 1) % 8);
	emit(EV_fault_lookup, id, 0, 0);
}

#endif /* HARNESS_TESTS_SVM_WORLD_PAGES_H */
