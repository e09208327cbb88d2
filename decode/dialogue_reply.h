/* Replies: kept for the report, and as facts for the rules. Private to decode/. */
#ifndef DECODE_DIALOGUE_REPLY_H
#define DECODE_DIALOGUE_REPLY_H

#include "decode/dialogue.h"

/* A greeting or a reply; returns it as the session keeps it. */
struct reply reply_keep(struct dialogue *d, const struct event *e);
/* Its facts; calls the sink's scope. scopes: what else it completes, as bits (1 << enum fact_scope). */
void reply_tell(struct dialogue *d, const struct event *e, unsigned scopes);
/* Before text is copied: when all open sessions together hold too much, this one keeps what it has and takes no more.
 */
void reply_count_text(struct dialogue *d);

#endif
