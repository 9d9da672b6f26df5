// SPDX-License-Identifier: GPL-2.0
/*
 * test_pin: what becomes of one page that is unmapped and pinned for the GPU's
 * atomics; spec atomics-v1-pin.md 10.
 */
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>

#include "targets/nouveau/gpu.h"
#include "targets/svm_atomic/tests/pin_test.h"

static struct completion pinned __machine;

static void boot(const struct nouveau_svm_form *form, bool revoke)
{
	mm_boot();
	nouveau_boot(form);
	nouveau_pin_boot(revoke);
	init_completion(&pinned);
}

void pin_boot(void)
{
	boot(&nouveau_svm_pin, false);
}

void pin_callback_boot(void)
{
	boot(&nouveau_svm_pin_callback, true);
}

void pin_page_0_first(u32 index)
{
	struct mm_struct *mm;

	if (index) {
		wait_for_completion(&pinned);
		return;
	}
	mm = mm_enter(0);
	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5));
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == 5);
	mm_leave(mm);
	complete_all(&pinned);
}

void pin_halt(void)
{
	mm_halt();
	nouveau_halt();
	nouveau_dmem_atomic_fini();
}

void pin_close_first_halt(void)
{
	nouveau_halt();
	nouveau_dmem_atomic_fini();
	mm_halt();
}

/* What stands at page @n of mm 0: the page that is pinned, or NULL. */
static struct page *pinned_page(u32 n)
{
	u64 word = view_mm.cpu_entry(0, VIEW_VA(n));

	if (VIEW_KIND(word) != VIEW_DEVICE_WRITE)
		return NULL;
	return nouveau_dmem_atomic_page(pfn_to_page(VIEW_PFN(word)));
}

static void check_value(struct mm_struct *mm, u32 page, u32 expected)
{
	u32 value;

	CUT_CHECK(!cpu_load(mm, VIEW_VA(page), &value));
	CUT_CHECK(value == expected);
}

/* C2: and the GPU again. */
void pin_cpu_gets_it_back(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5));
	for (u32 i = 0; i < 3; i++) {
		CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == 5 + i);
		page = pinned_page(0);
		CUT_CHECK(page);
		CUT_CHECK(page->_refcount == 1 + GUP_PIN_COUNTING_BIAS);
		CUT_CHECK(!page->_mapcount);
		CUT_CHECK(!folio_test_lru(page_folio(page)));
		check_value(mm, 0, 6 + i);
		CUT_CHECK(!pinned_page(0));
		CUT_CHECK(page->_refcount == 1 && page->_mapcount == 1);
		CUT_CHECK(folio_test_lru(page_folio(page)));
	}
	mm_leave(mm);
}

/* C3 */
void pin_goes_with_its_mapping(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == 0);
	page = pinned_page(0);
	CUT_CHECK(page);
	CUT_CHECK(!vm_munmap(mm, VIEW_VA(0), PAGE_SIZE));
	CUT_CHECK(!page->_refcount && !page_lender(page));
	CUT_CHECK(gpu_entry(0, VIEW_VA(0)) == VIEW_NONE);
	mm_leave(mm);
}

/* C9 */
void pin_file_page_is_refused(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!ksys_mmap(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, NULL, 0));
	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5));
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == -EFAULT);
	check_value(mm, 0, 5);
	mm_leave(mm);
}

/* C4 */
void pin_long_pin_refuses(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	CUT_CHECK(pin_user_pages_fast(VIEW_VA(0), 1,
				      FOLL_WRITE | FOLL_LONGTERM, &page) == 1);
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == -EFAULT);
	unpin_user_page(page);
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == 0);
	CUT_CHECK(pinned_page(0) == page);
	mm_leave(mm);
}

/* C4: who holds the page keeps it, and sees what the GPU does. */
void pin_reference_is_tolerated(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	CUT_CHECK(get_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE, &page) == 1);
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == 0);
	CUT_CHECK(pinned_page(0) == page);
	CUT_CHECK(page_load(page) == 1);
	put_user_page(page);
	check_value(mm, 0, 1);
	mm_leave(mm);
}

/* R4: what nobody can be asked for is not pinned there. */
void pin_leaves_movable(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn;

	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5));
	pfn = VIEW_PFN(view_mm.cpu_entry(0, VIEW_VA(0)));
	CUT_CHECK(page_zonenum(pfn_to_page(pfn)) == ZONE_MOVABLE);
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == 5);
	CUT_CHECK(page_zonenum(pinned_page(0)) == ZONE_NORMAL);
	CUT_CHECK(!offline_pages(pfn));
	online_pages(pfn);
	check_value(mm, 0, 6);
	mm_leave(mm);
}

/* C1, C-N5: it moves, and nothing of what the GPU did is lost. */
void pin_offline_asks(u32 index)
{
	struct mm_struct *mm;
	struct page *page;
	u32 pfn;

	pin_page_0_first(index);
	mm = mm_enter(0);
	page = pinned_page(0);
	pfn = page_to_pfn(page);
	CUT_CHECK(page_zonenum(page) == ZONE_MOVABLE);
	CUT_CHECK(!offline_pages(pfn));
	CUT_CHECK(VIEW_PFN(view_mm.cpu_entry(0, VIEW_VA(0))) != pfn);
	online_pages(pfn);
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) == 6);
	check_value(mm, 0, 7);
	mm_leave(mm);
}

/* C7, R2: elsewhere it is refused at once, with or without somebody to ask. */
void pin_stays_where_it_is(u32 index)
{
	struct mm_struct *mm;
	struct folio *folio;

	pin_page_0_first(index);
	mm = mm_enter(0);
	folio = page_folio(pinned_page(0));
	CUT_CHECK(!folio_isolate_lru(folio));
	CUT_CHECK(folio_try_get(folio));
	CUT_CHECK(folio_revoke(folio) == -EBUSY);
	folio_put(folio);
	check_value(mm, 0, 6);
	mm_leave(mm);
}

void pin_and_leave(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(gpu_access(0, 1, VIEW_VA(index), GPU_ATOMIC, 0) == 0);
	mm_leave(mm);
}
