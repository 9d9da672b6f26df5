// SPDX-License-Identifier: GPL-2.0
/*
 * dmirror_tests: the list of the unit tests of the test_hmm driver, and the
 * machine they run on.
 */
#include <linux/fs.h>

#include "targets/dmirror/tests/dmirror_test.h"
#include "targets/mm/internal.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/target.h"

void dmirror_test_boot(void)
{
	mm_boot();
	dmirror_boot();
}

void dmirror_test_halt(void)
{
	mm_halt();
	dmirror_halt();
}

static long run(u32 file, u32 command, u32 page, u32 count, struct test_io *io)
{
	struct dmirror_buffer buffer = {
		.value = io->value, .byte = io->byte, .fault = io->fault,
	};
	struct hmm_dmirror_cmd cmd = {
		.addr = VIEW_VA(page), .npages = count, .ptr = &buffer,
		.cpages = ~0ull, .faults = ~0ull,
	};
	long ret = dmirror_ioctl(file, command, &cmd);

	/* An error leaves the structure as it was. */
	CUT_CHECK(!ret == (cmd.cpages != ~0ull));
	io->cpages = cmd.cpages;
	io->faults = cmd.faults;
	io->nr = buffer.nr;
	return ret;
}

long test_ioctl(u32 file, u32 command, u32 page, u32 count, struct test_io *io)
{
	struct test_io unused = { .fault = false };

	if (!io)
		io = &unused;
	__builtin_memset(io->value, 0xee, sizeof(io->value));
	__builtin_memset(io->byte, 0xee, sizeof(io->byte));
	return run(file, command, page, count, io);
}

long test_write(u32 file, u32 page, u32 count, u32 value, struct test_io *io)
{
	struct test_io unused = { .fault = false };

	if (!io)
		io = &unused;
	for (u32 i = 0; i < count; i++)
		io->value[i] = value + i;
	return run(file, HMM_DMIRROR_WRITE, page, count, io);
}

void test_ioctl_ok(u32 file, u32 command, u32 page, u32 count, u64 cpages,
		   u64 faults, struct test_io *io)
{
	struct test_io unused = { .fault = false };

	if (!io)
		io = &unused;
	CUT_CHECK(!test_ioctl(file, command, page, count, io));
	CUT_CHECK(io->cpages == cpages);
	/* An invalidation beside it may make it take more. */
	CUT_CHECK(io->faults == faults || (faults && io->faults > faults));
}

u8 test_snapshot(u32 file, u32 page)
{
	struct test_io io = { .fault = false };

	CUT_CHECK(!test_ioctl(file, HMM_DMIRROR_SNAPSHOT, page, 1, &io));
	CUT_CHECK(io.cpages == 1 && io.nr == 1);
	return io.byte[0];
}

static struct mm_struct *enter(u32 slot)
{
	struct mm_struct *mm = mm_enter(slot);

	CUT_CHECK(mm);
	return mm;
}

static int leave(struct mm_struct *mm, int ret)
{
	mm_leave(mm);
	return ret;
}

int test_cpu_fill(u32 slot, u32 page, u32 count, u32 value)
{
	struct mm_struct *mm = enter(slot);
	int ret = 0;

	for (u32 i = 0; i < count && !ret; i++)
		ret = cpu_store(mm, VIEW_VA(page + i), value + i);
	return leave(mm, ret);
}

u32 test_cpu_load(u32 slot, u32 page)
{
	struct mm_struct *mm = enter(slot);
	u32 value = 0;

	if (cpu_load(mm, VIEW_VA(page), &value))
		value = ~0u;
	leave(mm, 0);
	return value;
}

int test_cpu_mmap(u32 slot, u32 page, u32 count, unsigned long prot,
		  unsigned long flags)
{
	struct mm_struct *mm = enter(slot);

	return leave(mm, ksys_mmap(mm, VIEW_VA(page), count * PAGE_SIZE, prot,
				   flags, NULL, 0));
}

int test_cpu_map_registers(u32 slot, u32 page, u32 count)
{
	struct mm_struct *mm = enter(slot);

	return leave(mm, ksys_mmap(mm, VIEW_VA(page), count * PAGE_SIZE,
				   PROT_READ | PROT_WRITE, MAP_SHARED,
				   registers_file(), 0));
}

int test_cpu_mmap_file(u32 slot, u32 page, u32 count)
{
	struct mm_struct *mm = enter(slot);
	struct file *file = file_slot_get(0);
	int ret = ksys_mmap(mm, VIEW_VA(page), count * PAGE_SIZE,
			    PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);

	fput(file);
	return leave(mm, ret);
}

int test_cpu_munmap(u32 slot, u32 page, u32 count)
{
	struct mm_struct *mm = enter(slot);

	return leave(mm, vm_munmap(mm, VIEW_VA(page), count * PAGE_SIZE));
}

int test_cpu_mprotect(u32 slot, u32 page, u32 count, unsigned long prot)
{
	struct mm_struct *mm = enter(slot);

	return leave(mm, do_mprotect(mm, VIEW_VA(page), count * PAGE_SIZE,
				     prot));
}

int test_cpu_dontneed(u32 slot, u32 page, u32 count)
{
	struct mm_struct *mm = enter(slot);

	return leave(mm, do_madvise_dontneed(mm, VIEW_VA(page),
					     count * PAGE_SIZE));
}

/* A call of a program, by its name. */
static long call(const char *name, u32 arg)
{
	const struct op *op = mm_ops;

	while (__builtin_strcmp(op->name, name))
		op++;
	return op->run(&arg);
}

u32 test_fork(void)
{
	long slot = call("fork", 0);

	CUT_CHECK(slot > 0);
	return (u32)slot;
}

void test_exit(u32 slot)
{
	CUT_CHECK(!call("exit", slot));
}

/* A claim that holds on every schedule, and an event that shows it was tried. */
#define HOLDS(name_, nr, body_, boot_, seen_) {				\
	.name = name_, .nr_tasks = nr, .boot = boot_, .body = body_,	\
	.halt = dmirror_test_halt, .seen = EV_##seen_,			\
	.oracles = svm_oracles_dmirror, .view = &view_dmirror,		\
}

/*
 * A known bug that some schedule shows, as one class and no other. Those that
 * want a rarer one than a few hundred have are left to their reproducers.
 */
#define CAUGHT(mutation_, oracle_name, nr, body_, boot_, ...) {		\
	.name = "caught." #mutation_, .nr_tasks = nr, .boot = boot_,	\
	.body = body_, .halt = dmirror_test_halt,			\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = svm_oracles_dmirror, .view = &view_dmirror,		\
	__VA_ARGS__							\
}

/*
 * The same for what two or three oracles may see first, by the schedule: a
 * mapping that is wrong when it is made, one that becomes wrong, the word that
 * is read or written through it. Only one of them listens.
 */
#define ONLY(oracle_name)						\
	static const struct oracle *const oracle_name##_only[] = {	\
		&oracle_ledger, &oracle_##oracle_name, NULL,		\
	}
ONLY(unchecked_map);
ONLY(stale_pte);
ONLY(mirror);
#define CAUGHT_AS(mutation_, oracle_name, body_, boot_) {		\
	.name = "caught." #mutation_, .nr_tasks = 2, .boot = boot_,	\
	.body = body_, .halt = dmirror_test_halt,			\
	.expect = &oracle_##oracle_name, .mutation = M_##mutation_,	\
	.oracles = oracle_name##_only, .view = &view_dmirror,		\
}

#define BOOT	dmirror_test_boot

const struct cut_test dmirror_tests[] = {
	HOLDS("contract.common_checks", 1, contract_common_checks, BOOT,
	      dmirror_ioctl),
	HOLDS("contract.read", 1, contract_read, BOOT, dmirror_read),
	HOLDS("contract.read_fails", 1, contract_read_fails, BOOT,
	      dmirror_done),
	HOLDS("contract.write", 1, contract_write, BOOT, gpu_store),
	HOLDS("contract.write_fails", 1, contract_write_fails, BOOT, gpu_store),
	HOLDS("contract.dead_mm", 1, contract_dead_mm, BOOT, pgmap_gone),
	HOLDS("contract.bad_memory", 1, contract_bad_memory, BOOT,
	      exclusive_made),
	HOLDS("contract.one_too_many", 1, contract_one_too_many, BOOT,
	      gpu_unmap),
	HOLDS("contract.snapshot", 1, contract_snapshot, BOOT, migrate_moved),
	HOLDS("contract.mmap", 1, contract_mmap, BOOT, page_copy),
	HOLDS("contract.exclusive", 1, contract_exclusive, BOOT,
	      exclusive_restore),
	HOLDS("contract.exclusive_fails", 1, contract_exclusive_fails, BOOT,
	      exclusive_failed),

	HOLDS("contract.registers", 1, contract_registers, BOOT, dmirror_done),

	HOLDS("pin.faults_back", 1, pin_faults_back, BOOT, migrate_to_ram),
	HOLDS("pin.is_written_in_place", 1, pin_is_written_in_place, BOOT,
	      gpu_store),
	HOLDS("pin.goes_with_who_has_it", 1, pin_goes_with_who_has_it, BOOT,
	      page_free),
	HOLDS("pin.moves_when_asked", 1, pin_moves_when_asked, BOOT,
	      page_revoke),
	HOLDS("pin.meets_dontneed", 2, pin_meets_dontneed, race_boot,
	      migrate_moved),
	HOLDS("pin.meets_offline", 2, pin_meets_offline, race_boot,
	      offline_end),

	HOLDS("memory.migrate", 1, memory_migrate, BOOT, migrate_to_ram),
	HOLDS("memory.migrate_fails", 1, memory_migrate_fails, BOOT,
	      migrate_moved),
	HOLDS("memory.stays_in_the_table", 1, memory_stays, BOOT,
	      migrate_moved),
	HOLDS("memory.private_file", 1, memory_private_file, BOOT,
	      migrate_ready),
	HOLDS("memory.to_system", 1, memory_to_system, BOOT, migrate_moved),
	HOLDS("memory.two_devices", 1, memory_two_devices, BOOT,
	      migrate_to_ram),
	HOLDS("memory.shared_with_child", 1, memory_shared_with_child, BOOT,
	      migrate_to_ram),
	HOLDS("memory.release", 1, memory_release, BOOT, pgmap_gone),
	HOLDS("memory.close", 1, memory_close, BOOT, dmirror_close),
	HOLDS("memory.full", 1, memory_full, BOOT, migrate_moved),

	HOLDS("race.dontneed_against_read", 2, race_dontneed_read, race_boot,
	      retry),
	HOLDS("race.mprotect_against_write", 2, race_mprotect_write, race_boot,
	      retry),
	HOLDS("race.dontneed_against_migrate", 2, race_dontneed_migrate,
	      race_boot, migrate_moved),
	HOLDS("race.dontneed_against_exclusive", 2, race_dontneed_exclusive,
	      race_boot, exclusive_made),
	HOLDS("race.store_against_exclusive", 2, race_store_exclusive,
	      race_boot, exclusive_restore),
	HOLDS("race.load_against_write", 2, race_load_write,
	      race_migrated_boot, migrate_to_ram),
	HOLDS("race.load_with_two_openers", 2, race_load_two_openers,
	      race_openers_boot, migrate_to_ram),
	HOLDS("race.write_against_migrate", 2, race_write_migrate, race_boot,
	      migrate_moved),
	HOLDS("race.read_against_migrate", 2, race_read_migrate, race_boot,
	      retry),
	HOLDS("race.close_against_migrate", 2, race_close_migrate,
	      race_openers_boot, dmirror_close),
	HOLDS("race.close_against_release", 2, race_close_release,
	      race_openers_boot, pgmap_gone),
	HOLDS("race.close_against_load", 2, race_close_load, race_child_boot,
	      dmirror_close),
	HOLDS("race.release_against_migrate", 2, race_release_migrate,
	      race_boot, pgmap_gone),
	HOLDS("race.release_against_store", 2, race_store_release,
	      race_migrated_boot, pgmap_gone),
	HOLDS("race.loads_meet", 2, race_load_load, race_migrated_boot,
	      migrate_to_ram),

	CAUGHT_AS(dm_skip_set_seq, unchecked_map, race_dontneed_read,
		  race_boot),
	CAUGHT_AS(dm_skip_retry, unchecked_map, race_dontneed_read, race_boot),
	CAUGHT_AS(dm_retry_before_lock, unchecked_map, race_dontneed_read,
		  race_boot),
	CAUGHT_AS(dm_t2_exclusive_without_seq, mirror, race_dontneed_exclusive,
		  race_boot),
	CAUGHT(dm_skip_erase, stale_pte, 2, race_dontneed_read, race_boot),
	CAUGHT_AS(dm_ignores_mprotect, stale_pte, race_mprotect_write,
		  race_boot),
	CAUGHT(dm_writes_readonly_entry, pte_permission, 1,
	       contract_write_fails, BOOT),
	CAUGHT(dm_stores_device_page, data, 1, memory_shared_with_child, BOOT),
	CAUGHT(dm_dead_mm_fault_spins, progress, 1, contract_dead_mm, BOOT),
	CAUGHT(dm_erases_opener_only, stale_pte, 2, race_load_two_openers,
	       race_openers_boot),
	CAUGHT(dm_skip_src_reread, stale_pte, 1, memory_private_file, BOOT),
	CAUGHT(dm_fault_skip_copy, data, 1, memory_migrate, BOOT),
	CAUGHT(dm_migrate_keeps_mmap_lock, lock_leak, 1, memory_to_system,
	       BOOT),
	CAUGHT(dm_exclusive_keeps_lock, ioctl_effects, 1,
	       contract_exclusive_fails, BOOT),
	CAUGHT(dm_exclusive_keeps_mm, ioctl_effects, 1,
	       contract_exclusive_fails, BOOT),
	CAUGHT(dm_close_skip_evict, mirror, 1, memory_close, BOOT),
	CAUGHT(dm_t5_release_sweeps_once, deadlock, 2, race_release_migrate,
	       race_boot),
	CAUGHT(dm_release_keeps_devmem_lock, lock_order, 2,
	       race_release_migrate, race_migrated_boot),
	CAUGHT(dm_release_skip_evict, progress, 1, memory_release, BOOT),
	CAUGHT(dm_evict_skip_copy, data, 1, memory_close, BOOT),
	CAUGHT(dm_free_keeps_backing, end_state, 1, memory_close, BOOT),
	CAUGHT(dm_free_pushes_twice, device_page, 1, memory_close, BOOT),
	{ .name = NULL },
};
