/* The census by the values of one dimension: endpoints become addresses, or ports; domains, own and others. Private to
 * scope.c. */
#ifndef RULES_SCOPE_VIEW_H
#define RULES_SCOPE_VIEW_H

#include "rules/scope.h"

struct settings;

struct scope_view {
	const struct census_table *table; /* of values of the dimension: the census's own, or the next */
	struct census_table sums;         /* of the rows that share a part of their keys */
	uint16_t *value_of;               /* row of the census, from 1, to value, from 1; NULL: they are the same */
};

void scope_view_init(struct scope_view *v, enum dimension d, const struct census *c,
		     const struct settings *own); /* own: NULL is fine */
void scope_view_fini(struct scope_view *v);
/* The value as text. */
void scope_view_print(const struct scope_view *v, enum dimension d, size_t value, struct buf *text);
enum census_of dimension_of(enum dimension d); /* CENSUS_COUNT: it has no values */
bool dimension_is_of_recipient(enum dimension d);

#endif
