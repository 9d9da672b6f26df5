/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pin_test.h: what the unit tests of unmap-and-pin share. The machine is that of
 * the targets: mm 0 with pages 0..7 mapped, mirrored by svmm 0, and channel
 * instances 0 and 1 joined to it. All oracles of the targets listen.
 */
#ifndef TARGETS_SVM_ATOMIC_TESTS_PIN_TEST_H
#define TARGETS_SVM_ATOMIC_TESTS_PIN_TEST_H

#include "targets/cut_test.h"
#include "targets/svm_atomic/nouveau_pin.h"

/* Without and with a callback for who moves a page. */
void pin_boot(void);
void pin_callback_boot(void);
/* Task 0 pins page 0, where 5 was, by an atomic; the others wait for it. */
void pin_page_0_first(u32 index);
void pin_halt(void);
/* The files of the device are closed, and the driver gone, before the mm. */
void pin_close_first_halt(void);
void pin_counter_halt(void);

/* test_pin.c */
void pin_cpu_gets_it_back(u32 index);
void pin_goes_with_its_mapping(u32 index);
void pin_file_page_is_refused(u32 index);
void pin_long_pin_refuses(u32 index);
void pin_reference_is_tolerated(u32 index);
void pin_leaves_movable(u32 index);
void pin_offline_asks(u32 index);
void pin_stays_where_it_is(u32 index);
void pin_and_leave(u32 index);

/* test_pin_race.c */
void pin_counter_race(u32 index);
void pin_dontneed_race(u32 index);
void pin_munmap_race(u32 index);
void pin_faults_race(u32 index);
void pin_gup_boot(void);
void pin_gup_race(u32 index);
void pin_offline_race(u32 index);
void pin_close_race(u32 index);
void pin_remap_race(u32 index);

#endif /* TARGETS_SVM_ATOMIC_TESTS_PIN_TEST_H */
