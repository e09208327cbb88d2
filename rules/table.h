/* Tables of tab-separated text: a header row, then rows of as many cells, none of them empty. ASCII, no quoting. */
#ifndef RULES_TABLE_H
#define RULES_TABLE_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

#define TABLE_COLUMNS_MAX 12

struct table {
	const char *name;
	struct bytes rest;
	unsigned line; /* of the row last read */
	size_t n_columns;
	struct bytes cells[TABLE_COLUMNS_MAX]; /* borrowed from the text */
};

/* Reads the header into cells. */
bool table_open(struct table *t, const char *name, struct bytes text, struct err *e) MUST_USE;
/* *has_row: false at the end. */
bool table_next(struct table *t, bool *has_row, struct err *e) MUST_USE;
/* Are these the columns of the header? NULL ends the names. */
bool table_has_header(const struct table *t, const char *const *names);
bool table_fail(const struct table *t, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
