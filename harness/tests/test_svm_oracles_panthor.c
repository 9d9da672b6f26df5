// SPDX-License-Identifier: GPL-2.0
/*
 * The oracles of Panthor's address spaces, in both directions: a story that is
 * right is silent, one that is wrong is named. See test_svm_oracles.c.
 *
 * The machine is three VMs (1 the firmware's, root table 10; 2, root table 20; 3,
 * root table 30) and three address spaces, told by the verbs below.
 */
#include "harness/tests/svm_world.h"
#include "targets/view_panthor.h"

#define NR_AS	3

static struct {
	struct view_as as[NR_AS];
	struct view_as_vm vm[3];
	struct view_as_irq irq;
	bool off, owed;
} p;

static struct view_as p_as(u32 as) { return p.as[as]; }
static u32 p_nr_as(void) { return NR_AS; }
static struct view_as_irq p_irq(void) { return p.irq; }
static bool p_powered(void) { return !p.off; }
static bool p_owed(void) { return p.owed; }
static u32 p_vms(struct view_as_vm *vm)
{
	memcpy(vm, p.vm, sizeof(p.vm));
	return 3;
}

static const struct view_panthor questions = {
	.as = p_as, .nr_as = p_nr_as, .vms = p_vms, .irq = p_irq,
	.powered = p_powered, .reset_owed = p_owed,
};
static const struct view panthor_view = { .panthor = &questions };

static const struct oracle *const heard[] = {
	&oracle_panthor_registers, &oracle_panthor_isolation,
	&oracle_panthor_users, &oracle_panthor_false_fault,
	&oracle_panthor_slots, &oracle_panthor_lru, &oracle_panthor_table,
	&oracle_panthor_faulty, &oracle_panthor_irq_mask,
	&oracle_panthor_fence, &oracle_panthor_stall,
	&oracle_panthor_context, &oracle_panthor_region, NULL,
};

static u8 who;	/* the task that does what is said */

static void say(u16 kind, u64 a, u64 b, u64 c)
{
	struct event e = { .seq = seq + 1, .step = seq + 1, .kind = kind,
			   .task = who, .a = a, .b = b, .c = c };

	seq++;
	for (const struct oracle *const *o = heard; *o; o++)
		for (const u16 *k = (*o)->kinds; *k; k++)
			if (*k == kind)
				(*o)->event(&panthor_view, &e);
}

/* -- verbs -- */
static void slots(void) { say(EV_as_slots, 0, 0, 0); }

static void put_in(u32 vm, s32 as)
{
	p.vm[vm - 1].as = as;
	p.vm[vm - 1].active = 1;
	p.as[as] = (struct view_as){
		.root = vm * 10, .enabled = true, .allocated = true, .vm = vm,
	};
}

static void take_out(u32 vm)
{
	u32 as = (u32)p.vm[vm - 1].as;

	p.as[as] = (struct view_as){ .root = 0 };
	p.vm[vm - 1].as = -1;
	p.vm[vm - 1].active = 0;
	p.vm[vm - 1].on_lru = false;
}

static void fault_in(u32 as)
{
	p.as[as].faulty = true;
	p.as[as].enabled = false;
	p.irq.mask &= ~(1u << as);
	p.irq.int_mask &= ~(1u << as);
}

/* The firmware in AS 0, VM 2 in AS 1, VM 3 in none. */
static void world(void)
{
	memset(&p, 0, sizeof(p));
	for (u32 i = 0; i < 3; i++) {
		p.vm[i] = (struct view_as_vm){
			.id = i + 1, .root = (i + 1) * 10, .as = -1,
			.for_mcu = !i,
		};
		say(EV_vm_new, i + 1, (i + 1) * 10, !i);
	}
	put_in(1, 0);
	put_in(2, 1);
	p.irq.mask = p.irq.int_mask = 0xffff;
	say(EV_as_irq, 0, 2, 0);
}

/* -- slots -- */
static void sl_right(void) { world(); slots(); }
static void sl_two(void) { world(); p.vm[2].as = 1; p.vm[2].active = 1; slots(); }
static void sl_nobody(void) { world(); p.vm[1].as = -1; slots(); }
static void sl_free(void) { world(); p.as[1].allocated = false; slots(); }
static void sl_mcu(void) { world(); take_out(1); put_in(3, 0); slots(); }
static void sl_evicted(void)
{
	world();
	take_out(2);
	put_in(3, 1);
	say(EV_as_bind, 3, 1, 2);
	slots();
}
static void sl_evicted_keeps(void)
{
	sl_evicted();
	p.vm[1].as = 1;
	say(EV_as_bind, 3, 1, 2);
}

static void slots_test(void)
{
	SILENT(sl_right);
	SILENT(sl_evicted);
	RAISES("panthor-slots", sl_two);
	RAISES("panthor-slots", sl_nobody);
	RAISES("panthor-slots", sl_free);
	RAISES("panthor-slots", sl_mcu);
	RAISES("panthor-slots", sl_evicted_keeps);
}

/* -- lru, users -- */
static void lru_idle(void)
{
	world();
	p.vm[1].active = 0;
	p.vm[1].on_lru = true;
	slots();
}
static void lru_active(void) { lru_idle(); p.vm[1].active = 1; slots(); }
static void lru_lost(void) { lru_idle(); p.vm[1].on_lru = false; slots(); }
static void users_0(void) { say(EV_as_idle, 2, 1, 0); }
static void users_less(void) { say(EV_as_idle, 2, 1, ~0ull); }

static void lru_test(void)
{
	SILENT(lru_idle);
	RAISES("panthor-lru", lru_active);
	RAISES("panthor-lru", lru_lost);
	SILENT(users_0);
	RAISES("panthor-users", users_less);
}

/* -- table, faulty -- */
static void tb_other(void) { world(); p.as[1].root = 30; slots(); }
static void tb_nobody(void) { world(); p.as[2].enabled = true; slots(); }
static void tb_excused(void) { world(); p.as[1].root = 30; p.owed = true; slots(); }
static void fy_right(void) { world(); fault_in(1); slots(); }
static void fy_enabled(void) { fy_right(); p.as[1].enabled = true; slots(); }
static void fy_unmarked(void) { world(); p.as[1].enabled = false; slots(); }
static void fy_reset(void)
{
	world();
	say(EV_as_reset, 0, 0, 0);
	p.as[1].enabled = false;
	slots();
}
static void fy_reset_over(void) { fy_reset(); say(EV_as_reset, 0, 2, 0); slots(); }

static void faulty_test(void)
{
	RAISES("panthor-table", tb_other);
	RAISES("panthor-table", tb_nobody);
	SILENT(tb_excused);
	SILENT(fy_right);
	RAISES("panthor-faulty", fy_enabled);
	RAISES("panthor-faulty", fy_unmarked);
	SILENT(fy_reset);
	RAISES("panthor-faulty", fy_reset_over);
}

/* -- irq mask -- */
static void im_stale(void) { world(); p.irq.mask = 0xfffd; slots(); }
static void im_register(void)
{
	world();
	p.irq.int_mask = 0xfffd;
	say(EV_as_irq_end, 0, 0, 0);
}
static void im_inflight(void) { world(); p.irq.int_mask = 0; p.irq.inflight = true; slots(); }
static void im_suspended(void)
{
	world();
	say(EV_as_irq, 0, 0, 0);
	p.irq.mask = p.irq.int_mask = 0;
	slots();
	say(EV_as_irq, 0, 1, 0);
}
static void im_reopened(void) { im_suspended(); p.irq.mask = 0xffff; slots(); }

static void irq_mask_test(void)
{
	RAISES("panthor-irq-mask", im_stale);
	RAISES("panthor-irq-mask", im_register);
	SILENT(im_inflight);
	SILENT(im_suspended);
	RAISES("panthor-irq-mask", im_reopened);
}

/* -- registers -- */
static void reg(u32 flags) { say(EV_as_reg, 0x58, 0, flags); }
static void rg_entered(void) { reg(VIEW_REG_POWERED | VIEW_REG_ENTERED); }
static void rg_irq(void) { reg(VIEW_REG_POWERED | VIEW_REG_IRQ); }
static void rg_nobody(void) { reg(VIEW_REG_POWERED); }
static void rg_off(void) { reg(VIEW_REG_CORE); }
static void rg_gone(void) { reg(VIEW_REG_POWERED | VIEW_REG_CORE | VIEW_REG_GONE); }

static void registers_test(void)
{
	SILENT(rg_entered);
	SILENT(rg_irq);
	RAISES("panthor-registers", rg_nobody);
	RAISES("panthor-registers", rg_off);
	RAISES("panthor-registers", rg_gone);
}

/* -- isolation, false-fault, fence -- */
static void is_own(void) { world(); say(EV_vm_load, VIEW_VM_ACCESS(2, 1, 20), 0, 0); }
static void is_other(void) { world(); say(EV_vm_load, VIEW_VM_ACCESS(2, 1, 30), 0, 0); }
static void is_store(void) { world(); say(EV_vm_store, VIEW_VM_ACCESS(3, 1, 20), 0, 0); }
static void blame(u32 vm)
{
	world();
	say(EV_as_fault, 1, 0, VIEW_VM_ACCESS(2, 1, 20));
	say(EV_as_faulty, 1, vm, vm * 10);
}
static void ff_own(void) { blame(2); }
static void ff_nobody(void) { blame(0); }
static void ff_other(void) { blame(3); }
static void fence_late(void) { say(EV_vm_job_late, 1, 2, 0); }

static void isolation_test(void)
{
	SILENT(is_own);
	RAISES("panthor-isolation", is_other);
	RAISES("panthor-isolation", is_store);
	SILENT(ff_own);
	SILENT(ff_nobody);
	RAISES("panthor-false-fault", ff_other);
	RAISES("panthor-fence", fence_late);
}

/* -- stall -- */
static void cleared(void)
{
	say(EV_as_int_clear, 1u << 1, 0, 0);
	say(EV_as_update, 1, 0, 1);
}
static void sl_waits(void) { world(); p.as[1].stalled = 1; }
static void sl_over(void) { world(); cleared(); }
static void sl_disabled(void) { sl_waits(); fault_in(1); cleared(); }
static void sl_another(void)
{
	sl_waits();
	say(EV_as_int_clear, 1u << 2, 0, 0);
	say(EV_as_update, 1, 0, 1);
}
static void sl_later(void)
{
	sl_waits();
	say(EV_as_int_clear, 1u << 1, 0, 0);
	slots();
	say(EV_as_update, 1, 0, 1);
}
static void sl_owed(void) { sl_waits(); p.owed = true; cleared(); }
static void sl_early(void) { sl_waits(); cleared(); }

static void stall_test(void)
{
	SILENT(sl_over);
	SILENT(sl_disabled);
	SILENT(sl_another);
	SILENT(sl_later);
	SILENT(sl_owed);
	RAISES("panthor-stall", sl_early);
}

/* -- region: VM 2, in AS 1, has an operation on pages 0 to 3; 8 are locked -- */
static void operates(u32 vm)
{
	p.vm[vm - 1].region_end = 4 * VIEW_PAGE_SIZE;
}
static void locks(u32 as)
{
	p.as[as].locked = true;
	p.as[as].lock_end = 8 * VIEW_PAGE_SIZE;
}
static void lk_locked(void) { world(); operates(2); locks(1); slots(); }
static void lk_no_slot(void) { world(); operates(3); slots(); }
static void lk_disabled(void) { world(); operates(2); fault_in(1); slots(); }
static void lk_owed(void) { world(); p.owed = true; locks(1); slots(); }
static void lk_no_power(void) { world(); p.off = true; locks(1); slots(); }
static void lk_lost(void)
{
	lk_locked();
	take_out(2);
	put_in(3, 1);
	locks(1);
	slots();
}
static void lk_nobody_left(void) { lk_locked(); take_out(2); locks(1); slots(); }
static void lk_over(void) { lk_locked(); p.vm[1].region_end = 0; slots(); }
static void lk_another(void)
{
	lk_locked();
	p.vm[1].region_end = 9 * VIEW_PAGE_SIZE;
	slots();
}
static void lk_not_again(void)
{
	lk_locked();
	take_out(2);
	slots();
	put_in(2, 1);
	slots();
}

static void region_test(void)
{
	SILENT(lk_locked);
	SILENT(lk_no_slot);
	SILENT(lk_disabled);
	SILENT(lk_owed);
	SILENT(lk_no_power);
	RAISES("panthor-region", lk_lost);
	RAISES("panthor-region", lk_nobody_left);
	RAISES("panthor-region", lk_over);
	RAISES("panthor-region", lk_another);
	RAISES("panthor-region", lk_not_again);
}

/* -- context: group 1 of VM 2, its heap at page 32 -- */
#define HEAP	(32 * VIEW_PAGE_SIZE)

static void unmap_heap(u8 task)
{
	who = task;
	say(EV_vm_op_begin, VIEW_BIND(2, 1, 0),
	    VIEW_BIND_VA(HEAP, VIEW_PAGE_SIZE), 0);
	who = 0;
}
static void saves(u64 fault_at)
{
	who = 4;
	say(EV_csg_save, 1, HEAP, 2 << 8 | 1);
	if (fault_at)
		say(EV_as_fault, 1, fault_at, VIEW_VM_ACCESS(2, 1, 20));
	say(EV_csg_saved, 1, 2, 0);
	who = 0;
}
static void in_order(void)
{
	say(EV_group_destroy, 1, 2, 1);
	say(EV_vm_destroy, 2, 0, 0);
	unmap_heap(0);
}
static void cx_late(void) { in_order(); saves(HEAP); }
static void cx_saved(void) { in_order(); saves(0); }
static void cx_elsewhere(void) { in_order(); saves(HEAP + VIEW_PAGE_SIZE); }
static void cx_alive(void) { say(EV_vm_destroy, 2, 0, 0); unmap_heap(0); saves(HEAP); }
static void cx_destroyed_after(void)
{
	say(EV_vm_destroy, 2, 0, 0);
	say(EV_group_destroy, 1, 2, 1);
	unmap_heap(0);
	saves(HEAP);
}
static void cx_heap_taken(void) { unmap_heap(0); in_order(); saves(HEAP); }
static void cx_heap_taken_beside(void)
{
	say(EV_group_destroy, 1, 2, 1);
	say(EV_vm_destroy, 2, 0, 0);
	unmap_heap(1);
	saves(HEAP);
}
static void cx_job(void)
{
	in_order();
	saves(0);
	who = 4;
	say(EV_as_fault, 1, HEAP, VIEW_VM_ACCESS(2, 1, 20));
	who = 0;
}

static void context_test(void)
{
	SILENT(cx_saved);
	SILENT(cx_elsewhere);
	SILENT(cx_alive);
	SILENT(cx_destroyed_after);
	SILENT(cx_heap_taken);
	SILENT(cx_heap_taken_beside);
	SILENT(cx_job);
	RAISES("panthor-context", cx_late);
}

static const struct test tests[] = {
	TEST(slots_test),
	TEST(lru_test),
	TEST(faulty_test),
	TEST(irq_mask_test),
	TEST(registers_test),
	TEST(isolation_test),
	TEST(stall_test),
	TEST(region_test),
	TEST(context_test),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_panthor", tests)
