// SPDX-License-Identifier: GPL-2.0
/*
 * site: names for the places where the tree's code makes marked accesses.
 *
 * The tree's objects have no table of their switch points. What is known of an
 * access is the address that its announcement returns to, and the program's own
 * symbol table tells in which function that is. The name is the function and the
 * how-manieth announced access of that function it is, in the order of the
 * code: the same in every process and every build of the same object, and
 * nothing that an address could creep into.
 */
#define _GNU_SOURCE
#include "targets/ktree/host/host_private.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SITES		16384		/* a power of two; half of it is used */
#define NAME_MAX_	64
#define CALL		0xe8		/* and a displacement of four bytes */
#define CALL_SIZE	5

struct function {
	u64 start, end;
	const char *name;
};

struct known {
	u64 pc;
	struct rt_site site;
	char name[NAME_MAX_];
};

static struct function *functions;
static u32 nr_functions;
static u64 *announcers;			/* addresses of the hooks themselves */
static u32 nr_announcers;
static struct known *known[SITES];
static u32 nr_known;

static void broken(const char *what)
{
	fprintf(stderr, "HARNESS: names of switch points: %s\n", what);
	exit(3);
}

static int by_start(const void *a, const void *b)
{
	const struct function *f = a, *g = b;

	if (f->start != g->start)
		return f->start < g->start ? -1 : 1;
	return strcmp(f->name, g->name);
}

static bool announces(const char *name)
{
	return !strncmp(name, "__tsan_", 7) || !strncmp(name, "__kcsan_", 8);
}

static void read_symbols(const u8 *file, const Elf64_Shdr *table,
			 const Elf64_Shdr *strings)
{
	const Elf64_Sym *sym = (const void *)(file + table->sh_offset);
	u64 nr = table->sh_size / sizeof(*sym);

	functions = calloc(nr, sizeof(*functions));
	announcers = calloc(nr, sizeof(*announcers));
	if (!functions || !announcers)
		broken("no memory");
	for (u64 i = 0; i < nr; i++) {
		const char *name = (const char *)file + strings->sh_offset +
				   sym[i].st_name;

		if (ELF64_ST_TYPE(sym[i].st_info) != STT_FUNC ||
		    sym[i].st_shndx == SHN_UNDEF)
			continue;
		if (announces(name))
			announcers[nr_announcers++] = sym[i].st_value;
		functions[nr_functions++] = (struct function){
			.start = sym[i].st_value,
			.end = sym[i].st_value + sym[i].st_size,
			.name = name,
		};
	}
	qsort(functions, nr_functions, sizeof(*functions), by_start);
}

/* The mapping stays: names point into it. */
static void read_program(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const Elf64_Ehdr *header;
	const Elf64_Shdr *section;
	struct stat st;
	const u8 *file;

	if (fd < 0 || fstat(fd, &st))
		broken("the program's own file");
	file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (file == MAP_FAILED)
		broken("the program's own file");
	header = (const void *)file;
	section = (const void *)(file + header->e_shoff);
	for (u32 i = 0; i < header->e_shnum; i++)
		if (section[i].sh_type == SHT_SYMTAB)
			read_symbols(file, &section[i],
				     &section[section[i].sh_link]);
	if (!nr_functions)
		broken("the program has no symbol table");
}

static const struct function *function_of(u64 pc)
{
	u32 low = 0, high = nr_functions;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (functions[mid].start < pc)
			low = mid + 1;
		else
			high = mid;
	}
	/* Of several at one address any but the last may be a mere label. */
	while (low-- > 0)
		if (functions[low].end >= pc)
			return &functions[low];
	return NULL;
}

static bool is_announcer(u64 address)
{
	for (u32 i = 0; i < nr_announcers; i++)
		if (announcers[i] == address)
			return true;
	return false;
}

/* Announcements in @f whose call ends at or before @pc. */
static u32 ordinal(const struct function *f, u64 pc)
{
	u32 n = 0;

	for (u64 at = f->start; at + CALL_SIZE <= pc; at++) {
		const u8 *code = (const u8 *)(size_t)at;
		s32 displacement;

		if (*code != CALL)
			continue;
		memcpy(&displacement, code + 1, sizeof(displacement));
		n += is_announcer(at + CALL_SIZE + (u64)(s64)displacement);
	}
	return n;
}

static const char *verb_of(u8 kind)
{
	switch (kind) {
	case RT_LOAD:
		return "load";
	case RT_STORE:
		return "store";
	default:
		return "atomic";
	}
}

static struct known *learn(u64 pc, u8 kind)
{
	struct known *k = calloc(1, sizeof(*k));
	const struct function *f;

	if (!k || nr_known == SITES / 2)
		broken("too many");
	if (!functions)
		read_program();
	f = function_of(pc);
	snprintf(k->name, sizeof(k->name), "%.48s:%u", f ? f->name : "?",
		 f ? ordinal(f, pc) : 0);
	k->pc = pc;
	k->site = (struct rt_site){ kind, verb_of(kind), k->name };
	nr_known++;
	return k;
}

/* Sim alone makes points of accesses, so one thread asks. */
const struct rt_site *site_of(u64 pc, u8 kind)
{
	u32 i = (u32)((pc * 0x9e3779b97f4a7c15ull) >> 50) & (SITES - 1);

	while (known[i] && known[i]->pc != pc)
		i = (i + 1) & (SITES - 1);
	if (unlikely(!known[i]))
		known[i] = learn(pc, kind);
	return &known[i]->site;
}
