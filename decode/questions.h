/* What mail servers ask the DNS about their clients: reverse names, and blocklists (RFC 5782). Bounded by
 * QUESTIONS_MAX. Private to decode/. Order: new, (message or wait or listing)*, free. */
#ifndef DECODE_QUESTIONS_H
#define DECODE_QUESTIONS_H

#include "base/when.h"
#include "decode/dns_message.h"

struct question_wait {      /* how long somebody waited for answers about a client */
	int64_t ns;         /* in all; 0: nobody waited */
	int64_t longest_ns; /* for the question below */
	struct when asked;
	struct address resolver;
	const char *name; /* borrowed until the next message */
	unsigned n_unanswered;
};

struct question_listing { /* an answer of a blocklist */
	struct when when; /* packet 0: there is none */
	struct address answer, asker, resolver;
	const char *zone;    /* borrowed until the next message */
	const char *refusal; /* why it is no listing; NULL: it is one */
};

struct questions;

struct questions *questions_new(void); /* allocates little until the first question */
void questions_free(struct questions *q);
void questions_message(struct questions *q, const struct dns_message *m, const struct address *from,
		       const struct address *to, struct when when);
/* Is it a name that an address was found to have, by the same host? */
bool questions_is_reverse_name(const struct questions *q, const struct address *asker, const char *name);
struct question_wait questions_wait(const struct questions *q, const struct address *client, int64_t from_ns,
				    int64_t to_ns);
/* The answer of the list that the text names, else the latest; of several one that is a refusal. Not older than
 * since_ns. */
struct question_listing questions_listing(const struct questions *q, const struct address *client, struct bytes text,
					  int64_t since_ns);

#endif
