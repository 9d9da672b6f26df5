// SPDX-License-Identifier: GPL-2.0
/*
 * file_events: files and their page caches, for the journal and the view.
 *
 * A page comes into a cache and leaves it in half a dozen functions, all of
 * which hold the lock of the mapping's xarray. Whoever finds a page without it
 * has to lock the folio before it means anything, and that is held longer. So
 * when the lock is let go the sixteen slots a program can name are looked up,
 * and what differs from before is told.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/xarray.h>

#include "targets/ktree/glue/files.h"

static struct {
	const struct inode *inode;	/* NULL: it is gone */
	bool shmem;
	u8 told[PROG_PAGES];		/* frames of its cache; 0: none */
} files[VIEW_FILES];

/* Numbers given; they do not come back. */
static u32 nr_files;

bool ktree_file_new(struct inode *inode, bool shmem)
{
	u32 number = __atomic_fetch_add(&nr_files, 1, __ATOMIC_RELAXED);

	if (number >= VIEW_FILES)
		return false;
	files[number].shmem = shmem;
	__atomic_store_n(&files[number].inode, inode, __ATOMIC_RELEASE);
	view_emit(EV_file_new, number,
		  DIV_ROUND_UP(i_size_read(inode), PAGE_SIZE), shmem);
	return true;
}

u32 ktree_file_number(const struct inode *inode)
{
	u32 number, nr = min_t(u32, nr_files, VIEW_FILES);

	for (number = 0; number < nr; number++)
		if (inode && files[number].inode == inode)
			return number;
	return VIEW_FILES;
}

bool ktree_file_is_shmem(u32 number)
{
	return files[number].shmem;
}

void ktree_file_gone(const struct inode *inode)
{
	u32 number = ktree_file_number(inode);

	if (number == VIEW_FILES)
		return;
	__atomic_store_n(&files[number].inode, NULL, __ATOMIC_RELEASE);
	view_emit(EV_file_gone, number, 0, 0);
}

/* Other arrays of the tree hold pointers to anything. */
static bool is_page(const void *entry)
{
	return (u64)(size_t)entry - KTREE_VMEMMAP <
	       (u64)KTREE_FRAMES * sizeof(struct page);
}

/* Of a cache that does not change meanwhile. 0: no page of a program's. */
static u32 slot(const struct inode *inode, u32 index)
{
	XA_STATE(xas, &inode->i_mapping->i_pages, index);
	struct folio *folio;

	ktree_quiet++;
	folio = xas_load(&xas);
	ktree_quiet--;
	return folio && !xa_is_internal(folio) && !xa_is_value(folio) ?
	       ktree_view_pfn(folio_pfn(folio)) : 0;
}

static void tell_cache(u32 number)
{
	u32 index, old, new;

	for (index = 0; index < PROG_PAGES; index++) {
		old = files[number].told[index];
		new = slot(files[number].inode, index);
		if (old == new)
			continue;
		files[number].told[index] = (u8)new;
		if (old)
			view_emit(EV_cache_del, number, index, old);
		if (new)
			view_emit(EV_cache_add, number, index, new);
	}
}

void ktree_cache_settle(const void *lock)
{
	u32 number, nr = min_t(u32, nr_files, VIEW_FILES);
	const struct inode *inode;

	for (number = 0; number < nr; number++) {
		inode = files[number].inode;
		if (inode && &inode->i_data.i_pages.xa_lock.rlock == lock)
			tell_cache(number);
	}
}

void __real__raw_spin_unlock_irq(raw_spinlock_t *lock);
void __wrap__raw_spin_unlock_irq(raw_spinlock_t *lock);
void __wrap__raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	ktree_cache_settle(lock);
	__real__raw_spin_unlock_irq(lock);
}

void __real__raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);
void __wrap__raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);
void __wrap__raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	ktree_cache_settle(lock);
	__real__raw_spin_unlock_irqrestore(lock, flags);
}

/*
 * Who finds a page whose references are frozen looks again and again without a
 * pause: the one that moves the page has its interrupts off and is soon through.
 * Here that task may not be running, so let it.
 */
static void *look_again(void *entry)
{
	if (entry && !xa_is_internal(entry) && !xa_is_value(entry) &&
	    !ktree_quiet && !ktree_booting && is_page(entry) &&
	    !folio_ref_count(entry))
		rt_relax();
	return entry;
}

void *__real_xas_load(struct xa_state *xas);
void *__wrap_xas_load(struct xa_state *xas);
void *__wrap_xas_load(struct xa_state *xas)
{
	return look_again(__real_xas_load(xas));
}

void *__real_xas_find(struct xa_state *xas, unsigned long max);
void *__wrap_xas_find(struct xa_state *xas, unsigned long max);
void *__wrap_xas_find(struct xa_state *xas, unsigned long max)
{
	return look_again(__real_xas_find(xas, max));
}

void *__real___xas_next(struct xa_state *xas);
void *__wrap___xas_next(struct xa_state *xas);
void *__wrap___xas_next(struct xa_state *xas)
{
	return look_again(__real___xas_next(xas));
}

/* -- the view -- */

struct view_file ktree_file_answer(u32 file)
{
	const struct inode *inode = file < VIEW_FILES ? files[file].inode : NULL;

	return (struct view_file){
		.live = inode,
		.nr_pages = inode ? (u32)DIV_ROUND_UP(inode->i_size, PAGE_SIZE) :
				    0,
		.past_end = true,
	};
}

u32 ktree_cached_answer(u32 file, u32 index)
{
	const struct inode *inode = file < VIEW_FILES ? files[file].inode : NULL;

	return inode ? slot(inode, index) : 0;
}
