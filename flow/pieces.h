/* Which bytes of one direction are held behind a hole: disjoint pieces, sorted by sequence number. */
#ifndef FLOW_PIECES_H
#define FLOW_PIECES_H

#include "base/bytes.h"
#include "base/when.h"

struct piece {
	uint32_t seq, len;
	struct when when; /* the packet that carried it */
	bool is_missing;  /* on the wire, but cut off by the snapshot length */
};

struct pieces {
	struct piece *list;
	size_t first, n, capacity; /* list[first .. first + n) */
};

void pieces_fini(struct pieces *p);
struct piece *pieces_first(const struct pieces *p); /* NULL when empty */
void pieces_drop_first(struct pieces *p);
/* The first piece that ends after seq; NULL when there is none. */
struct piece *pieces_after(const struct pieces *p, uint32_t seq);
void pieces_insert(struct pieces *p, struct piece piece); /* overlaps no other */

#endif
