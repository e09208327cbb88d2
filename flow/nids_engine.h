/* libnids as a machine that puts the segments of one direction in order. libnids is global, so all engines are one,
 * and it must not be entered again from the callback. Order: new, (open, feed* or skip*, close)*, free. */
#ifndef FLOW_NIDS_ENGINE_H
#define FLOW_NIDS_ENGINE_H

#include "base/attr.h"
#include "base/bytes.h"

struct nids_engine;
struct nids_slot;

/* Takes the next bytes in order; borrowed for the call. */
typedef void nids_sink(void *user, struct bytes data);

/* Reads /dev/urandom (libnids seeds its hash there): call it before a sandbox is closed. NULL: libnids failed. */
struct nids_engine *nids_engine_new(void);
void nids_engine_free(struct nids_engine *e); /* NULL is fine */

/* A stream whose first byte has the number seq; NULL when ORDER_STREAMS_MAX are open. */
struct nids_slot *nids_engine_open(struct nids_engine *e, uint32_t seq, nids_sink *sink, void *user);
/* Any bytes within GAP_MAX of the stream's first one; those that came first stay. May call the sink. */
void nids_engine_feed(struct nids_slot *s, uint32_t seq, struct bytes data);
/* The next n bytes are not coming: goes on behind them. May call the sink. */
void nids_engine_skip(struct nids_slot *s, uint32_t n);
void nids_engine_close(struct nids_slot *s); /* not from within the sink */

#endif
