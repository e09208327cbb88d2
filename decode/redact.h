/* Takes names of mail users out of what was said, before anybody keeps it (--redact). Private to decode/. */
#ifndef DECODE_REDACT_H
#define DECODE_REDACT_H

#include "decode/event.h"

struct buf;
struct pseudonyms;

/* The same event with other names; its text may be in room, which is cleared before. */
struct event redact_event(struct pseudonyms *p, const struct event *e, struct buf *room);
/* dialogue_event, for those who must not know names of mail users. */
void dialogue_event_redacted(void *dialogue, const struct event *e);

#endif
