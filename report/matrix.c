/* In: stories. Out: counts and times per server and phase. */
#include "report/matrix.h"

#include <stdlib.h>
#include <string.h>

size_t
matrix_find(const struct matrix *m, const struct endpoint *server)
{
	size_t i = 0;

	while (i < m->n &&
	       (m->rows[i].server.port != server->port || !address_eq(&m->rows[i].server.address, &server->address)))
		i++;
	return i;
}

static struct matrix_row *
row_of(struct matrix *m, const struct endpoint *server)
{
	size_t i = matrix_find(m, server);

	if (i == m->n && m->n == REPORT_SERVERS_MAX)
		return &m->others;
	if (i == m->n)
		m->rows[m->n++].server = *server;
	return &m->rows[i];
}

static void
count(struct matrix_cell *c, int64_t took_ns, bool has_failed)
{
	if (c->n == 0 || took_ns < c->shortest_ns)
		c->shortest_ns = took_ns;
	if (took_ns > c->longest_ns)
		c->longest_ns = took_ns;
	c->n++;
	c->n_failed += has_failed;
}

void
matrix_add(struct matrix *m, const struct story *y, struct bytes server_name)
{
	const struct attempt *a = &y->head.attempt;
	struct matrix_row *row = row_of(m, &a->server);

	row->n++;
	row->n_failed += a->is_failure;
	row->n_delivered += a->outcome == OUTCOME_DELIVERED;
	if (row->name_len == 0 && server_name.len > 0 && row != &m->others) {
		row->name_len = (uint8_t)(server_name.len < MATRIX_NAME_MAX ? server_name.len : MATRIX_NAME_MAX);
		memcpy(row->name, server_name.p, row->name_len);
	}
	for (size_t i = 0; i < MATRIX_PHASES; i++)
		if (y->head.phase_ns[i] >= 0)
			count(&row->cells[i], y->head.phase_ns[i], a->is_failure && i == y->head.failed_in);
}

static int
row_cmp(const void *a, const void *b)
{
	const struct matrix_row *x = a, *y = b;
	int order;

	if (x->n_failed != y->n_failed)
		return x->n_failed > y->n_failed ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	order = address_cmp(&x->server.address, &y->server.address);
	return order != 0 ? order : (int)x->server.port - (int)y->server.port;
}

void
matrix_sort(struct matrix *m)
{
	qsort(m->rows, m->n, sizeof(m->rows[0]), row_cmp);
}
