/* SPDX-License-Identifier: GPL-2.0 */
/*
 * faults.h: the names of what a strategy may choose to go wrong
 * (targets/kernel/kernel.h, KERNEL_FAULT_*), as options and files spell them.
 */
#ifndef HARNESS_EXEC_FAULTS_H
#define HARNESS_EXEC_FAULTS_H

#include "harness/types.h"

#define FAULTS_TEXT_MAX	64

/* "alloc,trylock" or "all" into *kinds. 0, or -1: a word is unknown. */
int faults_parse(const char *text, u32 *kinds);
/* The other way; buf holds FAULTS_TEXT_MAX bytes. Returns buf. */
const char *faults_print(u32 kinds, char *buf);
/* All words, for messages: "alloc, trylock, wake, timer or all". */
extern const char faults_words[];

#endif /* HARNESS_EXEC_FAULTS_H */
