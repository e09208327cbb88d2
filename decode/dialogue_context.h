/* What all dialogues share. Private to decode/. */
#ifndef DECODE_DIALOGUE_CONTEXT_H
#define DECODE_DIALOGUE_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct buf;
struct decode_sink;
struct deferred;
struct dns;
struct facts;
struct tls_keys;
struct tls_trust;
struct identities;
struct pseudonyms;
struct over_ipv4;

struct dialogue_context {
	const struct decode_sink *sink;
	bool is_listening; /* somebody wants events or moments */
	FILE *trace;       /* NULL: none */
	struct deferred *deferred;
	struct dns *dns;
	struct identities *identities;
	const struct over_ipv4 *instead; /* of the session that ends */
	struct facts *facts;             /* of the session that is looked at */
	size_t text_total;               /* bytes that all of them keep */
	struct tls_trust *trust;         /* NULL: no chain is judged */
	struct tls_keys *keys;           /* NULL: none */
	struct pseudonyms *pseudonyms;   /* NULL: names of users are told */
	struct buf *redacted;            /* room for one text of them */
	int64_t keys_looked_ns;          /* when the key log was asked for news, in packet time */
	size_t tls_held;                 /* memory of all struct tls_hold */
	uint64_t n_hidden;               /* sessions so far of which the server's packets were not captured */
};

#endif
