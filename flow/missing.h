/* Decides that bytes are missing from the capture. Private to order.c. */
#ifndef FLOW_MISSING_H
#define FLOW_MISSING_H

#include "flow/table.h"

/* A segment of `from` itself at seq: does it confirm that bytes before it are missing? Before its payload. */
void missing_sender_at(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, const struct when *when);
/* A segment that begins ORDER_SPAN_MAX or more ahead. True: a second one confirmed the distance, everything before
 * seq was reported as missing, and the segment is in order now. */
bool missing_far_ahead(struct flow_table *t, struct flow *f, enum side from, uint32_t seq, uint32_t len,
		       const struct when *when) MUST_USE;
/* d->next moved: forgets what was waited for and has come. */
void missing_settle(struct direction *d, int64_t now_ns);

#endif
