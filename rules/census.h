/* Who took part - clients, servers, senders, recipients, domains - and how things went with each; for the question what
 * failures share that successes do not (scope.h), and for the closing section of reports. Running counters: memory
 * does not grow with the capture. Order: new, add*, then read. */
#ifndef RULES_CENSUS_H
#define RULES_CENSUS_H

#include "rules/census_table.h"

enum census_of {
	CENSUS_CLIENT,
	CENSUS_SERVER,
	CENSUS_TLS,
	CENSUS_SENDER,
	CENSUS_RECIPIENT,
	CENSUS_DOMAIN,
	CENSUS_COUNT
};

/* An attempt that delivered nothing, or a recipient who got nothing. */
struct census_failure {
	uint64_t session;
	int64_t started_ns;           /* of the session */
	uint32_t key;                 /* census_key_of the refusal; 0: of the attempt as a whole */
	uint16_t value[CENSUS_COUNT]; /* numbers of rows; 0: not known */
	uint8_t phase;
	bool is_recipient; /* or a message that no recipient was named for */
};

struct census {
	struct census_table of[CENSUS_COUNT]; /* keys of clients and servers are endpoints, see census_endpoint */
	struct census_failure *failures;      /* a ring once it is full, as are the times */
	int64_t *good_ns;                     /* starts of the attempts that delivered */
	uint64_t n_failures, n_good;          /* ever */
	size_t failures_room, good_room;
	uint64_t n_attempts, n_recipients;
	uint8_t last_domain_text[CENSUS_KEY_MAX]; /* as it was written, and its row */
	size_t last_domain, last_domain_len;
};

struct census *census_new(void);
void census_free(struct census *c);                         /* NULL is fine */
void census_add(struct census *c, const struct session *s); /* when its facts are final */
/* Tells a refusal from others of its session. recipient: of a reply to RCPT, else empty. */
uint32_t census_key_of(uint64_t packet, unsigned code, struct bytes recipient);
struct endpoint census_endpoint(struct bytes key); /* port 0: the key has none */
size_t census_n_failures(const struct census *c);  /* that are kept */
size_t census_n_good(const struct census *c);      /* times that are kept */

#endif
