// SPDX-License-Identifier: GPL-2.0
/*
 * dmirror: the devices, the driver, and the files that are open on it.
 *
 * What upstream has from the VFS: a file is referenced by the table of open
 * files and by every call that is in it, and the last of them closes it.
 *
 * MODEL. Not modelled: a mapping of the device's node keeps no file open, for
 * the pages in it are the node's and the mirror has no part in them; and a
 * process that exits leaves its files open, as if a child had inherited them.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "targets/dmirror/dmirror.h"
#include "targets/dmirror/test_hmm.h"
#include "targets/mm/mm.h"

/* @count: under files_lock. */
struct dmirror_file {
	struct dmirror *dmirror;
	u32 count;
};

struct dmirror_machine {
	struct dmirror_device device[DMIRROR_NDEVICES];
	spinlock_t files_lock;
	struct dmirror_file *file[DMIRROR_FILES];	/* files_lock */
};

static struct dmirror_machine *machine __machine;

/* NULL: it is not open. */
static struct dmirror_file *fget(u32 file)
{
	struct dmirror_file *f;

	spin_lock(&machine->files_lock);
	f = machine->file[file];
	if (f)
		f->count++;
	spin_unlock(&machine->files_lock);
	return f;
}

/* NULL is allowed. */
static void dmirror_fput(struct dmirror_file *f)
{
	bool last;

	if (!f)
		return;
	spin_lock(&machine->files_lock);
	last = !--f->count;
	spin_unlock(&machine->files_lock);
	if (!last)
		return;
	dmirror_fops_release(f->dmirror);
	kfree(f);
}

/* What the file was until now, with the reference of the table. */
static struct dmirror_file *file_install(u32 file, struct dmirror_file *f)
{
	struct dmirror_file *old;

	spin_lock(&machine->files_lock);
	old = machine->file[file];
	machine->file[file] = f;
	spin_unlock(&machine->files_lock);
	return old;
}

long dmirror_open(u32 file, u32 dev, u32 slot)
{
	struct mm_struct *mm = mm_enter(slot);
	struct dmirror_file *f;
	long ret = -ENOMEM;

	if (!mm)
		return -ESRCH;
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (f)
		ret = dmirror_fops_open(&machine->device[dev % DMIRROR_NDEVICES],
					&f->dmirror);
	mm_leave(mm);
	if (ret) {
		kfree(f);
		return ret;
	}
	f->count = 1;
	dmirror_fput(file_install(file, f));
	return 0;
}

long dmirror_close(u32 file)
{
	struct dmirror_file *f = file_install(file, NULL);

	if (!f)
		return -EBADF;
	dmirror_fput(f);
	return 0;
}

long dmirror_ioctl(u32 file, u32 command, struct hmm_dmirror_cmd *cmd)
{
	struct dmirror_file *f = fget(file);
	long ret;

	if (!f)
		return -EBADF;
	view_emit(EV_dmirror_ioctl, f->dmirror->space, command,
		  cmd ? VIEW_PAGE(cmd->addr) | (u64)(u32)cmd->npages << 16 : 0);
	ret = dmirror_fops_unlocked_ioctl(f->dmirror, command, cmd);
	view_emit(EV_dmirror_done, f->dmirror->space, command, (u64)-ret);
	dmirror_fput(f);
	return ret;
}

long dmirror_mmap(u32 file, unsigned long addr, unsigned long len,
		  unsigned long prot, u32 slot)
{
	struct dmirror_file *f = fget(file);
	struct mm_struct *mm;
	long ret = -ESRCH;

	if (!f)
		return -EBADF;
	mm = mm_enter(slot);
	if (mm) {
		ret = ksys_mmap(mm, addr, len, prot, MAP_PRIVATE,
				&f->dmirror->mdevice->file, 0);
		mm_leave(mm);
	}
	dmirror_fput(f);
	return ret;
}

void dmirror_boot(void)
{
	machine = rt_alloc(sizeof(*machine));
	spin_lock_init(&machine->files_lock);
	for (u32 i = 0; i < DMIRROR_NDEVICES; i++)
		dmirror_device_init(&machine->device[i], i);
	dmirror_open(0, 0, 0);
	dmirror_view_boot();
}

void dmirror_halt(void)
{
	for (u32 i = 0; i < DMIRROR_FILES; i++)
		dmirror_close(i);
	for (u32 i = 0; i < DMIRROR_NDEVICES; i++)
		dmirror_device_remove(&machine->device[i]);
}

const struct dmirror_device *dmirror_device(u32 dev)
{
	return dev < DMIRROR_NDEVICES ? &machine->device[dev] : NULL;
}
