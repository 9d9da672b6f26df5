/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_hmm_uapi.h: what a program says to the test_hmm driver, and what it
 * hears. Models lib/test_hmm_uapi.h, 6.12; spec dmirror-and-hmm-tests.md 3.
 *
 * Differences: a page's content is one word, so data is one word a page; the
 * program's buffer is named by a structure instead of an address, for there
 * are no user addresses outside the pages under test; commands are numbers
 * without direction and size.
 */
#ifndef TARGETS_DMIRROR_TEST_HMM_UAPI_H
#define TARGETS_DMIRROR_TEST_HMM_UAPI_H

#include <linux/types.h>

/*
 * A program's memory: @value or @byte is read or written from its begin, room
 * for what the command asks for. @nr: pages that were written to it so far.
 * @fault: it cannot be accessed.
 */
struct dmirror_buffer {
	u32 *value;
	u8 *byte;
	u32 nr;
	bool fault;
};

/*
 * @addr, @npages: of the range, bytes and pages. @ptr: the program's memory.
 * Out, and only if the command succeeded: @cpages, pages that were copied;
 * @faults, rounds of faults it took.
 */
struct hmm_dmirror_cmd {
	u64 addr;
	struct dmirror_buffer *ptr;
	u64 npages;
	u64 cpages;
	u64 faults;
};

/* Commands; the numbers are upstream's, but for the last, which is far from any
 * that later kernels have. */
enum {
	HMM_DMIRROR_READ		= 0x00,
	HMM_DMIRROR_WRITE		= 0x01,
	HMM_DMIRROR_MIGRATE_TO_DEV	= 0x02,
	HMM_DMIRROR_MIGRATE_TO_SYS	= 0x03,
	HMM_DMIRROR_SNAPSHOT		= 0x04,
	HMM_DMIRROR_EXCLUSIVE		= 0x05,
	HMM_DMIRROR_CHECK_EXCLUSIVE	= 0x06,
	HMM_DMIRROR_RELEASE		= 0x07,
	HMM_DMIRROR_MIGRATE_PIN		= 0x7f,
};

/* A byte of SNAPSHOT: ERROR, or a kind and READ or WRITE, or NONE. */
enum {
	HMM_DMIRROR_PROT_ERROR			= 0xFF,
	HMM_DMIRROR_PROT_NONE			= 0x00,
	HMM_DMIRROR_PROT_READ			= 0x01,
	HMM_DMIRROR_PROT_WRITE			= 0x02,
	HMM_DMIRROR_PROT_PMD			= 0x04,
	HMM_DMIRROR_PROT_ZERO			= 0x10,
	HMM_DMIRROR_PROT_DEV_PRIVATE_LOCAL	= 0x20,
	HMM_DMIRROR_PROT_DEV_PRIVATE_REMOTE	= 0x30,
};

#endif /* TARGETS_DMIRROR_TEST_HMM_UAPI_H */
