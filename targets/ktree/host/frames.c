// SPDX-License-Identifier: GPL-2.0
/*
 * frames: physical memory that was given back. Its allocator hands it out again
 * within an execution, so what is nobody's is remembered by frame: for the
 * tree's announced accesses here, and for AddressSanitizer where that is what
 * the tree was compiled with.
 */
#include "harness/sanitize.h"
#include "targets/ktree/host/host_private.h"

#include <string.h>

#if SANITIZE_ADDRESS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, size)	((void)(p), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size)	((void)(p), (void)(size))
#endif

u8 frames_freed[FRAMES_SPAN >> 12];
static size_t first = FRAMES_SPAN >> 12, last;	/* of those that may be marked */

void ktree_frames(const void *p, size_t size, bool freed)
{
	size_t frame = ((size_t)p - KTREE_PHYS) >> 12, nr = size >> 12;

	if (frame + nr > FRAMES_SPAN >> 12 || !ktree_image_sealed())
		return;
	memset(&frames_freed[frame], freed, nr);
	if (!freed) {
		ASAN_UNPOISON_MEMORY_REGION(p, size);
		return;
	}
	ASAN_POISON_MEMORY_REGION(p, size);
	if (frame < first)
		first = frame;
	if (frame + nr > last)
		last = frame + nr;
}

void ktree_red_zone(const void *p, size_t size)
{
	ASAN_POISON_MEMORY_REGION(p, size);
}

void frames_reset(void)
{
	if (first >= last)
		return;
	ASAN_UNPOISON_MEMORY_REGION((void *)(KTREE_PHYS + (first << 12)),
				    (last - first) << 12);
	memset(&frames_freed[first], 0, last - first);
	first = FRAMES_SPAN >> 12;
	last = 0;
}
