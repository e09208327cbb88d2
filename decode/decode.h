/* From ordered bytes to sessions. Give decode_flow_sink() to a flow table; sessions come out of the sink.
 * Order: new, flow table feeds, flow_table_finish, finish, capture_facts, free. */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <stdio.h>

#include "decode/event.h"
#include "decode/session.h"
#include "flow/flow.h"

struct decode;
struct tls_keys;
struct tls_trust;

struct decode_config {
	const uint16_t *mail_ports; /* sessions even when nothing is said there; borrowed */
	size_t n_mail_ports;
	const uint64_t *wanted;  /* facts that somebody asks for, as facts_want; NULL = all; borrowed */
	struct tls_trust *trust; /* for certificates; NULL: chains are not judged; borrowed */
	struct tls_keys *keys;   /* NULL: none; borrowed */
	bool is_redacted;        /* names of mail users become others */
	FILE *trace;             /* state changes, one per line, without wire text; NULL = none */
};

/* The session is borrowed for each call. Any function may be NULL. */
struct decode_sink {
	void *user;
	void (*event)(void *user, const struct session *s, const struct event *e);
	/* The facts of one reply, recipient or message are complete. Replies below 400 and the recipients they are
	 * about are told only on request: nearly all are, and few rules ask for them. */
	bool wants_all_replies;
	bool wants_details; /* the session's lists of replies and capabilities; else it keeps refusals only */
	bool wants_moments; /* the session's list of moments; else it is empty */
	void (*scope)(void *user, const struct session *s, enum fact_scope scope);
	void (*closed)(void *user, const struct session *s); /* all facts are final; the session is gone after it */
};

/* What the stages before know about the capture as a whole. */
struct capture_summary {
	uint64_t n_packets, n_cut, n_dropped;
	struct when first, last;
	const char *damage; /* NULL = none */
	struct flow_stats flow;
};

enum vantage { VANTAGE_UNKNOWN, VANTAGE_CLIENT, VANTAGE_SERVER, VANTAGE_BETWEEN };

struct decode *decode_new(const struct decode_config *config, const struct decode_sink *sink);
const struct flow_sink *decode_flow_sink(struct decode *d);
void decode_finish(struct decode *d); /* after flow_table_finish: nothing comes any more */
/* The capture.* facts, over all sessions closed so far; owned by d. */
const struct facts *decode_capture_facts(struct decode *d, const struct capture_summary *c);
/* Where the capture was taken, from TTLs that no router has lowered yet. */
enum vantage decode_vantage(const struct decode *d);
void decode_free(struct decode *d); /* NULL is fine */

#endif
