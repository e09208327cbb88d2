/* In: the text of a table. Out: its rows as borrowed cells, or the line that is wrong. */
#include "rules/table.h"

#include <stdarg.h>
#include <stdio.h>

bool
table_fail(const struct table *t, struct err *e, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(e, "%s:%u: %s", t->name, t->line, text);
	return false;
}

static bool
read_cells(struct table *t, size_t *n_cells, struct err *e)
{
	struct bytes line = bytes_split(&t->rest, '\n');

	t->line++;
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] >= 0x7f || (line.p[i] < ' ' && line.p[i] != '\t'))
			return table_fail(t, e, "byte %zu is not printable ASCII", i + 1);
	}
	for (*n_cells = 0; *n_cells == 0 || line.p; (*n_cells)++) {
		size_t at = bytes_find(line, '\t');

		if (*n_cells == TABLE_COLUMNS_MAX)
			return table_fail(t, e, "more than %d columns", TABLE_COLUMNS_MAX);
		t->cells[*n_cells] = bytes_head(line, at);
		if (at == 0)
			return table_fail(t, e, "column %zu is empty; write - for none", *n_cells + 1);
		if (at + 1 == line.len)
			return table_fail(t, e, "column %zu is empty; write - for none", *n_cells + 2);
		line = bytes_from(line, at + 1);
	}
	return true;
}

bool
table_open(struct table *t, const char *name, struct bytes text, struct err *e)
{
	*t = (struct table){ .name = name, .rest = text };
	return read_cells(t, &t->n_columns, e);
}

bool
table_next(struct table *t, bool *has_row, struct err *e)
{
	size_t n = 0;

	*has_row = false;
	if (t->rest.len == 0)
		return true;
	if (!read_cells(t, &n, e))
		return false;
	if (n != t->n_columns)
		return table_fail(t, e, "%zu columns, the header has %zu", n, t->n_columns);
	*has_row = true;
	return true;
}

bool
table_has_header(const struct table *t, const char *const *names)
{
	size_t n = 0;

	for (; names[n]; n++) {
		if (n == t->n_columns || !bytes_eq_str(t->cells[n], names[n]))
			return false;
	}
	return n == t->n_columns;
}
