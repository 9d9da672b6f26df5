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
 * Read [page, page + count) of the boot mm as a driver would, write: asking
 * for the right to. 0 if what was read was true under the driver's lock, else
 * minus an errno. Needs no lock.
 */
int listener_read(u32 page, u32 count, bool write);

#endif /* TARGETS_MM_LISTENER_H */
