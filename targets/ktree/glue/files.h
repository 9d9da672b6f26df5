/* SPDX-License-Identifier: GPL-2.0 */
/*
 * files.h: the files of a program, by number: what the glue's file system, the
 * journal and the view share. Kernel world.
 */
#ifndef TARGETS_KTREE_GLUE_FILES_H
#define TARGETS_KTREE_GLUE_FILES_H

#include <linux/fs.h>

#include "targets/ktree/glue/ground.h"

/* -- vfs.c -- */

/* Before the image is sealed: the file systems, and shared memory's mount. */
void kt_files_boot(void);
/* A new inode of the named files' system, of @size bytes. NULL: no memory. */
struct inode *kt_inode_new(loff_t size);
/* A file of it; takes over a count of @inode, and drops it on failure. */
struct file *kt_file_open(struct inode *inode);

/* -- ops_file.c -- */

/* What names a file, let go: inodes live on as long as somebody uses them. */
void kt_files_halt(void);
extern const struct address_space_operations kt_file_aops;
extern const struct file_operations kt_file_fops;

/* -- file_events.c -- */

/* Gives @inode its number. False: there were too many. */
bool ktree_file_new(struct inode *inode, bool shmem);
void ktree_file_gone(const struct inode *inode);
/* VIEW_FILES: none of the program's. */
u32 ktree_file_number(const struct inode *inode);
bool ktree_file_is_shmem(u32 number);

#endif /* TARGETS_KTREE_GLUE_FILES_H */
