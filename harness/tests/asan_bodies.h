/* SPDX-License-Identifier: GPL-2.0 */
/*
 * asan_bodies.h: code under test of test_asan.c, in a file of its own because
 * it is compiled as such: freestanding, and instrumented.
 */
#ifndef HARNESS_TESTS_ASAN_BODIES_H
#define HARNESS_TESTS_ASAN_BODIES_H

#include "harness/rt/rt.h"

/* Each body does what it is named for if this is set, and stays clear of it
 * by one element, one scope or one function otherwise. */
extern bool astray;

void past_machine_static(void);
void past_machine_zeroes(void);
void past_const_static(void);
void past_stack_array(void);
void after_scope(void);
void after_return(void);
void past_allocation(void);
void after_free(void);

#endif /* HARNESS_TESTS_ASAN_BODIES_H */
