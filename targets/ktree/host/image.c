// SPDX-License-Identifier: GPL-2.0
/*
 * image: the kernel as it is after its boot, and how it comes back.
 *
 * The image is the kernel's statics and a few arenas at fixed addresses. Most
 * of it is never written again: of four megabytes of struct pages an execution
 * touches a dozen. So the seal makes everything read-only; the first write to a
 * page is a fault, which keeps a copy of the page as it was and lets the write
 * through; and a reset copies back the pages that were ever written. After some
 * executions there are no more faults, and a reset is a few dozen pages of
 * memcpy(), which is several times as fast as letting the host kernel drop
 * pages and fault them in again.
 *
 * No system call may write to the image: it would fail and not fault. Nothing
 * passes kernel memory to one.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "targets/ktree/host/host_private.h"

#define PAGE		4096ul
#define REGIONS_MAX	8
#define DIRTY_MAX	4096		/* beyond it all is made read-only again */
#define HEAP_SIZE	(64ul << 20)

struct region {
	u8 *start;
	size_t size;
	u8 *dirty;		/* a byte a page */
};

static struct region region[REGIONS_MAX];
static u32 nr_regions;
static u8 *heap;
static size_t heap_used;
bool image_sealed;

/* Pages written since they were made read-only, and their copies. */
static u8 *dirty[DIRTY_MAX];
static u8 *copies;
static u32 nr_dirty;
static u32 dirty_lock;

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static void *reserve(void *addr, size_t size, int flags)
{
	void *p = mmap(addr, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags,
		       -1, 0);

	if (p == MAP_FAILED)
		die("HARNESS: no address space for the kernel");
	return p;
}

static void add_region(void *start, size_t size)
{
	struct region *r = &region[nr_regions];

	if (nr_regions == REGIONS_MAX || (size_t)start % PAGE || size % PAGE) {
		fprintf(stderr, "HARNESS: a region of the kernel image is odd\n");
		exit(3);
	}
	*r = (struct region){ start, size, reserve(NULL, size / PAGE, 0) };
	nr_regions++;
}

void *ktree_arena(u64 addr, size_t size)
{
	void *p;

	size = (size + PAGE - 1) & ~(PAGE - 1);
	p = reserve((void *)(size_t)addr, size, MAP_FIXED_NOREPLACE);
	/* Copies are by page: a huge one would be split at once. */
	madvise(p, size, MADV_NOHUGEPAGE);
	add_region(p, size);
	return p;
}

void *ktree_boot_alloc(size_t size)
{
	void *p;

	if (!heap)
		heap = ktree_arena(KTREE_HEAP, HEAP_SIZE);
	size = (size + 63) & ~63ul;
	if (image_sealed || size > HEAP_SIZE - heap_used) {
		fprintf(stderr, "HARNESS: the kernel's boot heap: %s\n",
			image_sealed ? "used after boot" : "full");
		exit(3);
	}
	p = heap + heap_used;
	heap_used += size;
	return p;
}

bool ktree_is_boot(const void *p)
{
	return (size_t)p - KTREE_HEAP < HEAP_SIZE;
}

/* Memory may be poisoned for a sanitizer, which watches memcpy(). */
static inline void copy_page(u8 *to, const u8 *from)
{
	size_t n = PAGE / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void protect(void *p, size_t size, int prot)
{
	if (mprotect(p, size, prot))
		die("HARNESS: mprotect of the kernel image");
}

static void make_read_only(void)
{
	for (u32 i = 0; i < nr_regions; i++)
		protect(region[i].start, region[i].size, PROT_READ);
}

static struct region *region_of(const void *p)
{
	for (u32 i = 0; i < nr_regions; i++)
		if ((size_t)p - (size_t)region[i].start < region[i].size)
			return &region[i];
	return NULL;
}

/* The first write to a page since the seal. Threads may race to it. */
bool image_fault(const void *addr)
{
	struct region *r = image_sealed ? region_of(addr) : NULL;
	u8 *page = (u8 *)((size_t)addr & ~(PAGE - 1));
	u8 *mark;

	if (!r)
		return false;
	mark = &r->dirty[(size_t)(page - r->start) / PAGE];
	while (__atomic_exchange_n(&dirty_lock, 1, __ATOMIC_ACQUIRE))
		__builtin_ia32_pause();
	if (!*mark) {
		if (nr_dirty == DIRTY_MAX) {
			fprintf(stderr, "HARNESS: an execution wrote to more than %u pages of the kernel\n",
				DIRTY_MAX);
			_exit(3);
		}
		copy_page(copies + nr_dirty * PAGE, page);
		dirty[nr_dirty++] = page;
		protect(page, PAGE, PROT_READ | PROT_WRITE);
		*mark = 1;
	}
	__atomic_store_n(&dirty_lock, 0, __ATOMIC_RELEASE);
	return true;
}

void ktree_image_seal(void)
{
	size_t size = (size_t)ktree_data_end - (size_t)ktree_data_start;

	add_region(ktree_data_start, size);
	copies = reserve(NULL, DIRTY_MAX * PAGE, 0);
	faults_init();
	cpu_init();
	image_sealed = true;
	make_read_only();
	/* The first execution is to find what all others will. */
	ktree_image_reset();
}

bool ktree_image_sealed(void)
{
	return image_sealed;
}

void ktree_image_reset(void)
{
	for (u32 i = 0; i < nr_dirty; i++)
		copy_page(dirty[i], copies + i * PAGE);
	ktree_quiet = 0;
	watch_reset();
	frames_reset();
	if (nr_dirty < DIRTY_MAX / 2)
		return;
	/* What one program in a thousand wrote need not be copied for all. */
	for (u32 i = 0; i < nr_dirty; i++) {
		struct region *r = region_of(dirty[i]);

		r->dirty[(size_t)(dirty[i] - r->start) / PAGE] = 0;
	}
	nr_dirty = 0;
	make_read_only();
}
