/* Look-ups of mail hosts and what became of them: an attempt to send mail can die before the first SYN. Bounded by
 * LOOKUPS_MAX. Private to decode/. Order: new, (message, connected, tcp, told)*, next until it says no, free. */
#ifndef DECODE_LOOKUPS_H
#define DECODE_LOOKUPS_H

#include "decode/lookup.h"

struct lookups;

struct lookups *lookups_new(void);
void lookups_free(struct lookups *l);
void lookups_message(struct lookups *l, const struct dns_message *m, const struct address *from,
		     const struct address *to, struct when when);
/* A mail connection; name: of its server, empty where it is not known. */
void lookups_connected(struct lookups *l, const struct address *client, struct bytes name, struct when when);
/* A connection to a name server, from its first packet to its end. */
void lookups_tcp_opened(struct lookups *l, const struct address *client, struct when when);
void lookups_tcp_closed(struct lookups *l, const struct address *client, enum lookup_tcp what, struct when when);
/* A client told this mail server this name: then the look-up of it is a check, not an attempt. */
void lookups_told(struct lookups *l, const struct address *server, struct bytes name);
bool lookups_are_any(const struct lookups *l);
/* The next one that failed and is over at this time; INT64_MAX: all are. Valid until the next call. False: no more. */
bool lookups_next(struct lookups *l, int64_t now_ns, struct lookup *failed, enum lookup_error *error) MUST_USE;

#endif
