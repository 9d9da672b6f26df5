// SPDX-License-Identifier: GPL-2.0
/*
 * hw_mmu: the MMU's registers, and what happens when they are written.
 *
 * MODEL. Of each address space the driver writes TRANSTAB, MEMATTR and TRANSCFG,
 * and only UPDATE makes them count. LOCK stops accesses to a region; a flush of
 * the region drops its translations, releases it, and is complete when STATUS
 * has been read without AS_ACTIVE: a driver that does not wait has not flushed.
 * On a stuck engine AS_ACTIVE stays set after the next command.
 *
 * Told so at boot, it is the hardware of newer drivers, which flush by the GPU's
 * own command: that knows nothing of locks, and only UNLOCK releases a region.
 * The flush stays a command of the address space here.
 *
 * The interrupt is a level: the line rises when RAWSTAT & MASK ceases to be
 * zero, by a fault or by a write of MASK, and the handler runs on the task that
 * did it.
 *
 * Not modelled: a second command while one is active; it is lost. Interrupts of
 * commands that are complete, bits 16 to 31: nobody waits for them.
 */
#include "targets/panthor/hw_internal.h"

struct hw *hw __machine;

void hw_boot(void (*irq)(void *arg), void *arg, bool keeps_lock)
{
	hw = rt_alloc(sizeof(*hw));
	rt_name(hw, "mmu", -1);
	hw->irq = irq;
	hw->irq_arg = arg;
	hw->keeps_lock = keeps_lock;
	hw_memory_boot();
}

bool hw_line(void)
{
	bool stat = *hw_reg(MMU_INT_RAWSTAT) & *hw_reg(MMU_INT_MASK);
	bool rises = stat && !hw->asserted;

	hw->asserted = stat;
	return rises;
}

void hw_raise(void)
{
	hw->irq(hw->irq_arg);
}

/* -- commands; hw_lock() held -- */

static void hw_update(u32 as)
{
	struct hw_as *a = &hw->as[as];

	a->transtab = *hw_reg(AS_TRANSTAB_LO(as)) |
		      (u64)*hw_reg(AS_TRANSTAB_HI(as)) << 32;
	a->mode = *hw_reg(AS_TRANSCFG_LO(as)) & AS_TRANSCFG_ADRMODE_MASK;
	a->stalled = 0;
	__atomic_fetch_add(&a->updates, 1, __ATOMIC_RELEASE);
	hw_changed(a);
	view_emit(EV_as_update, as, HW_FRAME(a->transtab), a->mode);
}

/* What LOCKADDR says: the region that the next command is of. */
static void hw_region(u32 as, u64 *start, u64 *end)
{
	u64 addr = *hw_reg(AS_LOCKADDR_LO(as)) |
		   (u64)*hw_reg(AS_LOCKADDR_HI(as)) << 32;
	u32 width = (addr & AS_LOCK_REGION_WIDTH_MASK) + 1;

	*start = addr & ~(u64)AS_LOCK_REGION_WIDTH_MASK;
	*end = width > 47 ? ~0ull : *start + (1ull << width);
}

static void hw_lock_region(u32 as)
{
	struct hw_as *a = &hw->as[as];

	hw_region(as, &a->lock_start, &a->lock_end);
	a->locked = true;
	hw_changed(a);
	if (hw->keeps_lock)
		view_emit(EV_as_lock, as, a->lock_start, a->lock_end);
}

static void hw_unlock_region(u32 as)
{
	if (hw->keeps_lock)
		view_emit(EV_as_unlock, as, 0, 0);
	hw->as[as].locked = false;
	hw_changed(&hw->as[as]);
}

static void hw_flush_done(u32 as)
{
	struct hw_as *a = &hw->as[as];
	u64 start, end, first, last;

	hw_region(as, &start, &end);
	first = start >> 12;
	last = (end - 1) >> 12;
	if (last >= HW_VA_PAGES)
		last = HW_VA_PAGES - 1;
	for (u64 i = first; i <= last; i++)
		a->tlb[i] = 0;
	for (u64 i = first / HW_BLOCK_PAGES; first <= last &&
	     i <= last / HW_BLOCK_PAGES; i++)
		a->walk[i] = 0;
	view_emit(EV_as_flush, as, start, end);
	if (hw->keeps_lock)
		hw_changed(a);
	else
		hw_unlock_region(as);
}

static void hw_complete(u32 as)
{
	hw->as[as].active = false;
	switch (hw->as[as].command) {
	case AS_COMMAND_UPDATE:
		hw_update(as);
		break;
	case AS_COMMAND_LOCK:
		hw_lock_region(as);
		break;
	case AS_COMMAND_UNLOCK:
		hw_unlock_region(as);
		break;
	case AS_COMMAND_FLUSH_PT:
	case AS_COMMAND_FLUSH_MEM:
		hw_flush_done(as);
		break;
	}
}

/* A flush takes until somebody looks; the others are complete at once. */
static void hw_command(u32 as, u32 command)
{
	struct hw_as *a = &hw->as[as];

	if (a->active)
		return;
	a->command = command;
	a->active = true;
	if (a->stuck)
		view_emit(EV_as_stuck, as, command, 0);
	else if (command != AS_COMMAND_FLUSH_PT &&
		 command != AS_COMMAND_FLUSH_MEM)
		hw_complete(as);
}

static u32 hw_status(u32 as)
{
	struct hw_as *a = &hw->as[as];

	if (a->active && !a->stuck)
		hw_complete(as);
	return a->active ? AS_STATUS_AS_ACTIVE : 0;
}

void hw_fault(u32 as, u32 vm, u64 va, enum hw_access access, bool mapped)
{
	if (*hw_reg(MMU_INT_RAWSTAT) & 1u << as)
		return;
	*hw_reg(AS_FAULTSTATUS(as)) =
		(mapped ? DRM_PANTHOR_EXCEPTION_PERM_FAULT_0 :
			  DRM_PANTHOR_EXCEPTION_TRANSLATION_FAULT_0) |
		(access == HW_READ ? AS_FAULTSTATUS_ACCESS_READ :
				     AS_FAULTSTATUS_ACCESS_WRITE) << 8 |
		vm << 16;
	*hw_reg(AS_FAULTADDRESS_LO(as)) = (u32)va;
	*hw_reg(AS_FAULTADDRESS_HI(as)) = (u32)(va >> 32);
	*hw_reg(MMU_INT_RAWSTAT) |= 1u << as;
	view_emit(EV_as_fault, as, va,
		  VIEW_VM_ACCESS(vm, as, HW_FRAME(hw->as[as].transtab)));
}

/* -- registers -- */

/* The address space a register belongs to, or HW_AS. */
static u32 reg_as(u32 reg)
{
	u32 as = reg / 0x40 - 1;

	return reg >= 0x40 && as < HW_AS ? as : HW_AS;
}

/* hw_lock() held. */
static void hw_int_clear(u32 value)
{
	u32 cleared = *hw_reg(MMU_INT_RAWSTAT) & value;

	*hw_reg(MMU_INT_RAWSTAT) &= ~value;
	if (cleared)
		view_emit(EV_as_int_clear, cleared, 0, 0);
}

u32 hw_reg_read(u32 reg)
{
	u32 as = reg_as(reg), value;
	bool irq;

	hw_lock();
	if (!hw->powered)
		value = 0;
	else if (reg == MMU_INT_STAT)
		value = *hw_reg(MMU_INT_RAWSTAT) & *hw_reg(MMU_INT_MASK);
	else if (as < HW_AS && reg == AS_STATUS(as))
		value = hw_status(as);
	else
		value = *hw_reg(reg);
	irq = hw_line();
	hw_unlock();
	if (irq)
		hw_raise();
	return value;
}

void hw_reg_write(u32 reg, u32 value)
{
	u32 as = reg_as(reg);
	bool irq;

	/* Like writel(): whatever the CPU wrote to memory before is complete
	 * when the device sees this. */
	rt_fence(RT_MB);
	hw_lock();
	if (!hw->powered)
		;
	else if (reg == MMU_INT_CLEAR)
		hw_int_clear(value);
	else if (as < HW_AS && reg == AS_COMMAND(as))
		hw_command(as, value);
	else if (reg != MMU_INT_STAT && reg != MMU_INT_RAWSTAT)
		*hw_reg(reg) = value;
	irq = hw_line();
	hw_unlock();
	if (irq)
		hw_raise();
}

/* Whatever was under way is dead; hw_lock() held. */
static void hw_forget(void)
{
	for (u32 i = 0; i < HW_NR_REGS; i++)
		hw->reg[i] = 0;
	for (u32 as = 0; as < HW_AS; as++) {
		struct hw_as *a = &hw->as[as];

		a->transtab = 0;
		a->mode = 0;
		a->stalled = 0;
		a->locked = a->active = a->stuck = false;
		__builtin_memset(a->tlb, 0, sizeof(a->tlb));
		__builtin_memset(a->walk, 0, sizeof(a->walk));
		__atomic_fetch_add(&a->updates, 1, __ATOMIC_RELEASE);
		hw_changed(a);
	}
	hw->asserted = false;
}

void hw_power(bool on)
{
	hw_lock();
	if (!on)
		hw_forget();
	hw->powered = on;
	view_emit(EV_as_power, 0, on, 0);
	hw_unlock();
}

bool hw_powered(void)
{
	return __atomic_load_n(&hw->powered, __ATOMIC_RELAXED);
}

void hw_reset(void)
{
	hw_lock();
	hw_forget();
	hw_unlock();
}

void hw_stick(u32 as, bool stuck)
{
	hw_lock();
	if (as < HW_AS)
		hw->as[as].stuck = stuck;
	hw_unlock();
}

/* -- the view's -- */

u64 hw_live_transtab(u32 as)
{
	return hw->as[as].transtab;
}

u32 hw_live_mode(u32 as)
{
	return hw->as[as].mode;
}

u64 hw_tlb(u32 as, u64 va)
{
	return HW_TLB_PTE(hw->as[as].tlb[va >> 12 & (HW_VA_PAGES - 1)]);
}

u32 hw_tlb_root(u32 as, u64 va)
{
	return HW_TLB_ROOT(hw->as[as].tlb[va >> 12 & (HW_VA_PAGES - 1)]);
}

u32 hw_walk_cache(u32 as, u32 block)
{
	return HW_WALK_TABLE(hw->as[as].walk[block]);
}

u32 hw_reg_peek(u32 reg)
{
	return *hw_reg(reg);
}

bool hw_stuck(u32 as)
{
	return hw->as[as].stuck;
}

bool hw_locked(u32 as)
{
	return hw->as[as].locked;
}

u64 hw_lock_start(u32 as)
{
	return hw->as[as].lock_start;
}

u64 hw_lock_end(u32 as)
{
	return hw->as[as].lock_end;
}

u32 hw_stalled(u32 as)
{
	return hw->as[as].stalled;
}
