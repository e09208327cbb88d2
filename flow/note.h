/* Writes what the header of a segment shows into the facts of its connection. Payload facts are order.c's. */
#ifndef FLOW_NOTE_H
#define FLOW_NOTE_H

#include "flow/connection.h"

/* Any segment that is no duplicate; from: the side it names as its sender. */
void note_segment(struct flow *f, enum side from, const struct ip_packet *ip, const struct segment *s,
		  const struct when *when);
/* One that was captured twice, or sent twice: after a reset it matters that its sender, or its path, still sends. */
void note_duplicate(struct flow *f, enum side from, const struct segment *s, const struct when *when);
/* The class that the facts so far put the connection in. */
enum flow_class note_class(const struct flow *f);

#endif
