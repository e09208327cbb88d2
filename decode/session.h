/* Everything known about one attempt to deliver mail. Plain record: built by decode/, read by rules/ and report/.
 * Bytes are wire text, borrowed from the session, never NUL-terminated; empty = not seen. */
#ifndef DECODE_SESSION_H
#define DECODE_SESSION_H

#include "base/arena.h"
#include "decode/facts.h"
#include "decode/transaction.h"
#include "flow/flow.h"

/* phases.def: PHASE(CONNECT, "connect") ... outcomes.def: OUTCOME(DELIVERED, "delivered") ... */
enum phase {
#define PHASE(id, name) PHASE_##id,
#include "decode/phases.def"
#undef PHASE
};
enum outcome {
#define OUTCOME(id, name) OUTCOME_##id,
#include "decode/outcomes.def"
#undef OUTCOME
};
enum closer { CLOSED_BY_NONE, CLOSED_BY_CLIENT, CLOSED_BY_SERVER, CLOSED_BY_BOTH };
enum starttls { STARTTLS_UNKNOWN, STARTTLS_NONE, STARTTLS_OFFERED, STARTTLS_REFUSED, STARTTLS_DONE };

struct tls_info;
struct moment; /* moment.h */

struct session {
	uint64_t id;                 /* from 1 in order of appearance */
	const struct tcp_facts *tcp; /* valid during the sink's calls only */
	const struct tls_info *tls;  /* likewise; NULL: no TLS */
	struct facts *facts;
	struct arena arena;   /* owns all bytes of this record */
	enum phase phase;     /* the furthest one reached */
	enum outcome outcome; /* final in the sink's closed call */
	struct transaction *transactions;
	struct reply *replies;
	struct moment *moments; /* what was said besides the replies; only on request */
	size_t n_transactions, n_replies, n_replies_dropped, n_moments, n_moments_dropped;
	struct when started, ended;
	enum closer closed_by, reset_by;
	struct address client;       /* of an attempt that had no connection: tcp is NULL */
	struct bytes server_name;    /* by DNS or configuration; empty = unknown */
	struct bytes greeting, ehlo; /* text of the greeting, whatever its code; the name the client gave last */
	struct bytes *capabilities;  /* of the last EHLO answer: "SIZE 1000" */
	size_t n_capabilities;
	enum starttls starttls;
	bool is_implicit_tls, is_encrypted, is_decrypted;
	bool is_proxied; /* a proxy that one side knows of passes the dialogue on, or refused to */
	struct bytes auth_mechanism, auth_user;
	unsigned auth_code;
};

const char *phase_name(enum phase p);
const char *outcome_name(enum outcome o);

#endif
