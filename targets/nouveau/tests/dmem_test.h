/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmem_test.h: unit tests of device memory and of the GPU model; the machine is
 * nouveau_test.h's.
 */
#ifndef TARGETS_NOUVEAU_TESTS_DMEM_TEST_H
#define TARGETS_NOUVEAU_TESTS_DMEM_TEST_H

#include "harness/types.h"

/* test_dmem.c; the machine with values in pages 0 to 3 of mm 0, or with those
 * in VRAM, under form P or X */
void dmem_boot(void);
void dmem_x_boot(void);
void dmem_vram_boot(void);
void dmem_vram_x_boot(void);
void dmem_child_boot(void);
void dmem_two_svmms_x_boot(void);
void dmem_halt(void);

void dmem_round_trip_body(u32 index);
void dmem_stays_in_vram_body(u32 index);
void dmem_hole_body(u32 index);
void dmem_refuses_body(u32 index);
void dmem_copy_error_body(u32 index);
void dmem_bind_error_body(u32 index);
void dmem_peer_body(u32 index);
void dmem_evict_body(u32 index);
void dmem_full_body(u32 index);
void dmem_no_memory_body(u32 index);
void dmem_other_mm_body(u32 index);
void dmem_bind_of_child_body(u32 index);
void dmem_bind_write_body(u32 index);
void dmem_bind_dontneed_body(u32 index);
void dmem_bind_hole_body(u32 index);
void dmem_late_clear_body(u32 index);
void dmem_late_copy_body(u32 index);
void dmem_bind_fork_body(u32 index);
void dmem_bind_bind_body(u32 index);
void dmem_bind_close_body(u32 index);
void dmem_load_load_body(u32 index);
void dmem_load_write_body(u32 index);
void dmem_close_load_body(u32 index);
void dmem_two_svmms_body(u32 index);
void dmem_evict_bind_body(u32 index);
void dmem_evict_load_body(u32 index);

/* test_gpu.c */
void gpu_atomics_body(u32 index);
void gpu_atomics_halt(void);
void gpu_flush_waits_body(u32 index);
void gpu_needs_a_body(u32 index);
void gpu_copies_in_order_body(u32 index);
void gpu_channel_full_body(u32 index);

#endif /* TARGETS_NOUVEAU_TESTS_DMEM_TEST_H */
