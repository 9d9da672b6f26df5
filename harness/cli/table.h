/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h: rows of named values, for people or as JSON.
 */
#ifndef HARNESS_CLI_TABLE_H
#define HARNESS_CLI_TABLE_H

#include "harness/types.h"

/*
 * One row: its name, then key and value pairs up to a NULL key. The last value
 * is the sentence. All rows of a table have the same keys; values are copied.
 */
void table_add(const char *name, const char *const *pair);

#define TABLE_ROW(name, ...) \
	table_add(name, (const char *const[]){ __VA_ARGS__, NULL })

/*
 * For people: short values in columns, the sentence last and wrapped, values
 * too long for a column below it. As JSON: an array of objects.
 */
void table_print(bool json);

#endif /* HARNESS_CLI_TABLE_H */
