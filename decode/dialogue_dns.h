/* What the server of a session asked the DNS about its client. Private to decode/. */
#ifndef DECODE_DIALOGUE_DNS_H
#define DECODE_DIALOGUE_DNS_H

#include "decode/dialogue.h"

/* For what somebody waited for from one time to the other: the greeting, the slowest reply. */
void dialogue_dns_greeting(struct dialogue *d, int64_t from_ns, int64_t to_ns);
void dialogue_dns_slowest(struct dialogue *d, int64_t from_ns, int64_t to_ns);
/* A reply of 400 or more, before rules look at it. */
void dialogue_dns_refused(struct dialogue *d, struct bytes text);
void dialogue_dns_end(struct dialogue *d);

#endif
