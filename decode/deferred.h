/* Which sender a server put off for which recipient: a later attempt that works is seen to be a retry. Private to
 * decode/. */
#ifndef DECODE_DEFERRED_H
#define DECODE_DEFERRED_H

#include "base/bytes.h"

struct deferral {
	uint64_t key;     /* 0: free */
	uint64_t session; /* the first one */
	int64_t first_ns, last_ns;
	int64_t n;
};

struct deferred;

struct deferred *deferred_new(void);
void deferred_free(struct deferred *d);
void deferred_add(struct deferred *d, struct bytes sender, struct bytes recipient, uint64_t session, int64_t now_ns);
/* Takes it out. False: this pair was not put off before, or only in this session. */
bool deferred_take(struct deferred *d, struct bytes sender, struct bytes recipient, uint64_t session,
		   struct deferral *found);

#endif
