/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cell_bodies.h: code under test of test_cells.c, in a file of its own because
 * it is compiled as such: every access watched.
 */
#ifndef HARNESS_TESTS_CELL_BODIES_H
#define HARNESS_TESTS_CELL_BODIES_H

void cells_boot(void);

/* Plain writes of so many bytes of the same sixteen, from there on. */
void write_1_at_0(void);
void write_1_at_3(void);
void write_2_at_2(void);
void write_4_at_0(void);
void write_4_at_4(void);
void write_8_at_0(void);
void write_8_at_4(void);	/* crosses a cell's end */
void write_8_at_8(void);
void write_16_at_0(void);
void write_3_bytes_at_3(void);	/* one after the other */

void read_1_at_1(void);
void read_4_at_0(void);
void read_8_at_0(void);
void read_16_at_0(void);

/* Statics beside each other. */
void write_first_static(void);
void write_second_static(void);

/* Each task's own lock: the two are halves of one word. */
void count_by_first_lock(void);
void count_by_second_lock(void);

/* A variable of the task's stack, that another is told of. */
void lend_stack(void);
void use_lent_stack(void);

/* Half of what both read is written under a lock, and read without. */
void write_half_then_read(void);
void write_half(void);

void make_use_free(void);
void make_use(void);
void give_often(void);		/* the task's time goes on by a million */

/* In the first execution of a time, by one task in each: how many there were. */
extern unsigned int cells_times;
void write_in_even_times(void);
void write_in_odd_times(void);

#endif /* HARNESS_TESTS_CELL_BODIES_H */
