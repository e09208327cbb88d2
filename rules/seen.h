/* What one session shows of the things that settings speak of; packet 0: the capture does not show it. Bytes are
 * borrowed from the session. For what compares with settings, and for what learns them. */
#ifndef RULES_SEEN_H
#define RULES_SEEN_H

#include "decode/session.h"
#include "rules/profile.h"

struct shown {
	struct bytes text;
	int64_t number;
	struct when when;
};
enum { SEEN_NAMES = 3, PORT_RELAY = 25 }; /* servers talk to servers there */

struct seen {
	struct shown names[SEEN_NAMES]; /* of the server: asked for in TLS, asked of a proxy, looked up */
	struct bytes greeting_name;     /* what the server calls itself */
	struct address server;          /* family 0: behind a proxy, or never reached */
	char address[ADDRESS_TEXT_MAX]; /* the same as text */
	char port_text[8];
	struct when started;
	struct shown port, tls, version, certificate, helo, auth, user; /* tls: a tls_mode */
	bool is_at_server;                                              /* the capture was taken there */
	bool is_outgoing;    /* from this side of the world: the settings may concern it */
	bool seems_outgoing; /* its name was looked up, somebody logs in, or servers do not use this port among each
				other */
};

struct seen seen_in(const struct session *s);
/* A name of the server, the one that says most first; packet 0: none is known. */
struct shown seen_name(const struct seen *seen);
const struct address *seen_client(const struct session *s);
/* Adds the facts that it asks for; FACT_WORDS words. */
void seen_wants(uint64_t *words);

#endif
