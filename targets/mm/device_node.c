// SPDX-License-Identifier: GPL-2.0
/*
 * device_node.c: nodes of devices, which programs map: what they have in common,
 * and the one that is nothing but registers.
 *
 * Models what init_special_inode() and a driver's ->mmap() do, 6.12. Registers
 * are frames that no struct page stands for: they are mapped, shared, by
 * remap_pfn_range(), and stay where they are for as long as the mapping does. So
 * nobody may take a reference, find who maps them, or send them elsewhere, and
 * whoever walks page tables on behalf of a device passes them by: spec core.md
 * 2.3, 4.1 a, 6.9, 7.1.
 *
 * A register is a word that is the same for all who map it. What it holds is the
 * device's business and no oracle's, so an access of one is no load or store.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "targets/mm/internal.h"

struct registers {
	struct inode inode;
	struct file file;
};

/* Made on first use. */
static struct registers *registers __machine;

void device_node_init(struct inode *inode, struct file *file, u32 ino,
		      unsigned long vm_flags,
		      int (*mmap)(struct file *file,
				  struct vm_area_struct *vma))
{
	inode_init_always(inode);
	inode->i_ino = ino;
	inode->device = true;
	inode->vm_flags = vm_flags;
	inode->mmap = mmap;
	file->f_inode = inode;
	file->f_mapping = &inode->i_data;
	file->f_count = 1;
}

static int registers_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	return remap_pfn_range(vma, vma->vm_start, IO_PFN,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

struct file *registers_file(void)
{
	struct registers *r = __atomic_load_n(&registers, __ATOMIC_ACQUIRE);
	struct registers *none = NULL;

	if (r)
		return &r->file;
	r = rt_alloc(sizeof(*r));
	device_node_init(&r->inode, &r->file, VIEW_FILES + REGISTERS_MINOR,
			 VM_IO | VM_PFNMAP | VM_DONTEXPAND, registers_mmap);
	if (__atomic_compare_exchange_n(&registers, &none, r, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return &r->file;
	return &none->file;
}
