/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/string.h>: the C functions every freestanding compiler may
 * call anyway. Declared here because libc's headers are out of reach.
 */
#ifndef _LINUX_STRING_H
#define _LINUX_STRING_H

#include <linux/types.h>

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *p, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
ssize_t strscpy(char *to, const char *from, size_t size);

#define memset_after(obj, v, member) do {				\
	u8 *obj_ = (u8 *)(obj);						\
	size_t from_ = offsetof(__typeof__(*(obj)), member) +		\
		       sizeof((obj)->member);				\
	memset(obj_ + from_, v, sizeof(*(obj)) - from_);		\
} while (0)

#endif /* _LINUX_STRING_H */
