/* SPDX-License-Identifier: GPL-2.0 */
/*
 * listener.h: somebody who follows the boot mm, so that brackets are heard.
 */
#ifndef TARGETS_MM_LISTENER_H
#define TARGETS_MM_LISTENER_H

#include <linux/types.h>

/* After mm_boot(): follows the mm of slot 0 from here on. */
void listener_boot(void);
/* After mm_halt(): stops; its memory is gone when kernel_quiesce() returns. */
void listener_halt(void);
/*
 * Mirror [page, page + count) of the boot mm, write: asking for the right to.
 * 0 if what was mirrored was true under the listener's lock, else minus an
 * errno. Needs no lock.
 */
int listener_mirror(u32 page, u32 count, bool write);
/* Look at a range and ask for nothing. As above; nothing is kept. */
int listener_snapshot(u32 page, u32 count);

/* Is there a mirror? Its word of view.h for @addr. */
bool listener_mirroring(void);
u64 listener_entry(u64 addr);

#endif /* TARGETS_MM_LISTENER_H */
