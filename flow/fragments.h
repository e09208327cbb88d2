/* Puts fragmented IP datagrams together again (RFC 791 3.2, RFC 8200 4.5, RFC 5722). Bounded by FRAGMENT_BUDGET,
 * FRAGMENT_DATAGRAMS_MAX and FRAGMENT_IDLE_NS; the oldest datagram goes first. Order: new, add*, free. */
#ifndef FLOW_FRAGMENTS_H
#define FLOW_FRAGMENTS_H

#include "base/when.h"
#include "flow/ip.h"

struct fragments;

struct fragments *fragments_new(void);
/* Takes a copy of the fragment. True when it completes its datagram: *p is then the whole packet, borrowed until the
 * next call. Where fragments overlap, the bytes that came first stay. */
bool fragments_add(struct fragments *f, struct ip_packet *p, const struct when *when) MUST_USE;
void fragments_free(struct fragments *f); /* NULL is fine */

#endif
