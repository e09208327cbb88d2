/* Questions that were sent lately: some answers name only the number of theirs (REFUSED of Unbound, RFC 1035 4.1.1).
 * The ASKED_MAX latest. Private to decode/. Order: new, (note or complete)*, free. */
#ifndef DECODE_ASKED_H
#define DECODE_ASKED_H

#include "decode/dns_message.h"

struct asked;

struct asked *asked_new(void); /* allocates little until the first question */
void asked_free(struct asked *a);
void asked_note(struct asked *a, const struct dns_message *m, const struct address *client,
		const struct address *server);
/* Gives the answer its question. False: nobody asked that. */
bool asked_complete(const struct asked *a, struct dns_message *m, const struct address *client,
		    const struct address *server) MUST_USE;

#endif
