// SPDX-License-Identifier: GPL-2.0
/*
 * front_names: words for the program's objects, in detail executions.
 *
 * Statics and functions have the names of the symbol table of the running
 * program, memory the number of its allocation, and both an offset behind:
 * "queue+8", "malloc#3+16". What lies on a stack has no name.
 *
 * Words are kept for ever, since a report is printed after the execution.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/rt/engine.h"
#include "harness/rt/pthread/front.h"

#define WORDS_SIZE	(64u << 10)

static char words[WORDS_SIZE];
static u32 words_used;

static const u8 *image;		/* of the file; NULL: not looked, or none */
static const Elf64_Sym *symbols;
static u32 nr_symbols;
static const char *strings;

static const char *keep(const char *word)
{
	size_t size = strlen(word) + 1;

	for (u32 at = 0; at < words_used; at += strlen(words + at) + 1)
		if (!strcmp(words + at, word))
			return words + at;
	if (size > WORDS_SIZE - words_used)
		return NULL;
	memcpy(words + words_used, word, size);
	words_used += size;
	return words + words_used - size;
}

static void find_symbols(size_t size)
{
	const Elf64_Ehdr *head = (const void *)image;
	const Elf64_Shdr *section = (const void *)(image + head->e_shoff);

	for (u32 i = 0; i < head->e_shnum; i++) {
		if (section[i].sh_type != SHT_SYMTAB ||
		    section[i].sh_offset + section[i].sh_size > size)
			continue;
		symbols = (const void *)(image + section[i].sh_offset);
		nr_symbols = (u32)(section[i].sh_size / sizeof(*symbols));
		strings = (const char *)image +
			  section[section[i].sh_link].sh_offset;
	}
}

static void open_image(void)
{
	static bool tried;
	int fd = tried ? -1 : open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat st;

	tried = true;
	if (fd < 0)
		return;
	if (!fstat(fd, &st)) {
		void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			       fd, 0);

		if (p != MAP_FAILED) {
			image = p;
			find_symbols((size_t)st.st_size);
		}
	}
	close(fd);
}

/* Programs are linked -no-pie: a symbol's value is where it is. */
const char *front_symbol(const void *p, u32 *offset)
{
	open_image();
	for (u32 i = 0; i < nr_symbols; i++) {
		int type = ELF64_ST_TYPE(symbols[i].st_info);
		size_t at = (size_t)p - symbols[i].st_value;

		if ((type != STT_OBJECT && type != STT_FUNC) ||
		    at >= symbols[i].st_size)
			continue;
		*offset = (u32)at;
		return strings + symbols[i].st_name;
	}
	return NULL;
}

const char *front_word(const void *obj)
{
	char name[64], word[96];
	u32 offset = 0, block = front_block(obj, &offset);
	const char *symbol = block ? NULL : front_symbol(obj, &offset);

	if (block)
		snprintf(name, sizeof(name), "malloc#%u", block);
	else if (symbol)
		snprintf(name, sizeof(name), "%s", symbol);
	else
		return NULL;
	if (!offset)
		return keep(name);
	snprintf(word, sizeof(word), "%s+%u", name, offset);
	return keep(word);
}

void front_name(const void *obj)
{
	char has[96];
	const char *word;

	if (!obj || rt_object_name(obj, has, sizeof(has)))
		return;
	word = front_word(obj);
	if (word)
		rt_name(obj, word, -1);
}
