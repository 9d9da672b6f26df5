// SPDX-License-Identifier: GPL-2.0
/*
 * hmm_mirror_tests: the list of the unit tests of the mirrors, and the machine
 * they run on. Each race is run correct, and with the known bugs it shows.
 */
#include <linux/err.h>

#include "targets/hmm_mirror/tests/hmm_mirror_test.h"
#include "targets/mm/internal.h"
#include "targets/mm/ops.h"
#include "targets/oracle/svm_oracles.h"

void hmm_test_boot(void)
{
	mm_boot();
	hmm_devices_boot();
}

void hmm_test_halt(void)
{
	mm_halt();
	hmm_devices_halt();
}

void test_store(u32 page, u32 value)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!cpu_store(mm, VIEW_VA(page), value));
	mm_leave(mm);
}

u32 test_load(u32 page)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value = ~0u;

	CUT_CHECK(!cpu_load(mm, VIEW_VA(page), &value));
	mm_leave(mm);
	return value;
}

void test_dontneed(u32 page, u32 count)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(page), count * PAGE_SIZE));
	mm_leave(mm);
}

void test_protect(u32 page, u32 count, unsigned long prot)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!do_mprotect(mm, VIEW_VA(page), count * PAGE_SIZE, prot));
	mm_leave(mm);
}

void test_map_file(u32 page, u32 count)
{
	struct mm_struct *mm = mm_enter(0);
	struct file *file = op_file(0);

	CUT_CHECK(!IS_ERR(file));
	CUT_CHECK(!ksys_mmap(mm, VIEW_VA(page), count * PAGE_SIZE,
			     PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
	fput(file);
	mm_leave(mm);
}

void test_hugepage(u32 page, u32 count)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!do_madvise_hugepage(mm, VIEW_VA(page), count * PAGE_SIZE));
	mm_leave(mm);
}

void test_device_write(u32 slot, u32 page)
{
	long ret = hmm_slot_write(slot, VIEW_VA(page), mm_next_value());

	CUT_CHECK(!ret || ret == -ENODEV || ret == -EBADF || ret == -EFAULT);
}

#define MACHINE(boot_)							\
	.boot = boot_, .halt = hmm_test_halt,				\
	.oracles = svm_oracles_hmm_v12, .view = &view_hmm
#define CONTRACT(name_)							\
	{ .name = "hmm_v12." #name_, .nr_tasks = 1,			\
	  .body = contract_##name_, MACHINE(hmm_test_boot) }
#define RACE(name_, tasks_, boot_, seen_)				\
	{ .name = "hmm_v12.race_" #name_, .nr_tasks = tasks_,		\
	  .body = race_##name_, .seen = seen_, MACHINE(boot_) }
#define CAUGHT(name_, tasks_, boot_, mutation_, class_)		\
	{ .name = "hmm_v12." #mutation_, .nr_tasks = tasks_,		\
	  .body = race_##name_, .mutation = M_##mutation_,		\
	  .expect = &oracle_##class_, MACHINE(boot_),			\
	  .sim_only = "the checker judges single steps" }

const struct cut_test hmm_mirror_tests[] = {
	CONTRACT(access),
	CONTRACT(fault),
	CONTRACT(rights),
	CONTRACT(slots),
	CONTRACT(failure),
	CONTRACT(huge),
	CONTRACT(fork),
	CONTRACT(exit),
	CONTRACT(dirty),
	RACE(dontneed, 2, hmm_test_boot, EV_v12_backoff),
	RACE(elsewhere, 3, hmm_test_boot, EV_v12_asleep),
	RACE(ranges, 3, hmm_test_boot, EV_v12_range_asleep),
	RACE(two_mirrors, 3, race_two_boot, EV_v12_backoff),
	RACE(unregister, 3, hmm_test_boot, EV_v12_released),
	RACE(kill, 2, hmm_test_boot, EV_v12_released),
	RACE(exit, 2, hmm_test_boot, EV_v12_released),
	RACE(reclaim, 2, race_file_boot, EV_v12_page_done),
	RACE(writeback, 2, race_file_boot, EV_v12_page_done),
	RACE(reread, 2, race_file_boot, EV_v12_page_done),
	RACE(populate, 3, hmm_test_boot, EV_v12_unlinked),
	RACE(huge, 2, race_huge_boot, EV_v12_again),
	RACE(fork, 2, hmm_test_boot, EV_v12_page_dirty),
	RACE(fail, 2, hmm_test_boot, EV_v12_released),
	CAUGHT(elsewhere, 3, hmm_test_boot, h12_fault_count_aba, v12_wait),
	CAUGHT(ranges, 3, hmm_test_boot, h12_range_count_aba, v12_wait),
	CAUGHT(reclaim, 2, race_file_boot, h12_page_unlisted, v12_fault_list),
	CAUGHT(reread, 2, race_file_boot, h12_pte_read_many_times, v12_entry),
	CAUGHT(kill, 2, hmm_test_boot, h12_kill_skip_fault_wait,
	       v12_fault_list),
	CAUGHT(dontneed, 2, hmm_test_boot, h12_publish_after_callbacks,
	       v12_fault_list),
	CAUGHT(dontneed, 2, hmm_test_boot, h12_start_check_outside_lock,
	       v12_fault_list),
	CAUGHT(dontneed, 2, hmm_test_boot, h12_update_skip_fault_wait,
	       v12_fault_list),
	CAUGHT(dontneed, 2, hmm_test_boot, h12_skip_backoff, v12_wait),
	CAUGHT(dontneed, 2, hmm_test_boot, h12_drop_dirty, v12_dirty),
	CAUGHT(populate, 3, hmm_test_boot, h12_skip_directory_ref,
	       v12_directory),
	CAUGHT(populate, 3, hmm_test_boot, h12_populate_skip_recheck,
	       v12_directory),
	{ .name = NULL },
};
