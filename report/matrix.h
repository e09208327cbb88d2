/* Servers against phases: how many attempts came so far, how many failed there, how long it took; private to report/.
 * Order: add*, sort, then read. */
#ifndef REPORT_MATRIX_H
#define REPORT_MATRIX_H

#include "report/story.h"

#define MATRIX_PHASES (PHASE_QUIT + 1)
#define MATRIX_NAME_MAX 80

struct matrix_cell {
	uint64_t n, n_failed;
	int64_t shortest_ns, longest_ns; /* of n */
};

struct matrix_row {
	struct endpoint server;
	char name[MATRIX_NAME_MAX];
	uint8_t name_len;
	uint64_t n, n_delivered, n_failed;
	struct matrix_cell cells[MATRIX_PHASES];
};

struct matrix {
	size_t n;
	struct matrix_row rows[REPORT_SERVERS_MAX];
	struct matrix_row others; /* n is 0 when there was room for all */
};

void matrix_add(struct matrix *m, const struct story *y, struct bytes server_name);
void matrix_sort(struct matrix *m); /* most failures first, then most attempts */
/* Number of the row of a server; m->n: others. */
size_t matrix_find(const struct matrix *m, const struct endpoint *server);

#endif
