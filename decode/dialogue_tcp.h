/* What TCP and ICMP showed, as facts of the session. Private to decode/. */
#ifndef DECODE_DIALOGUE_TCP_H
#define DECODE_DIALOGUE_TCP_H

#include "decode/dialogue.h"

/* All the rest, and closed_by and reset_by of the session. After s->ended and is_encrypted. */
void dialogue_tcp_end(struct dialogue *d, const struct hosts *hosts);

/* Questions that outcome.c has, too. */
bool tcp_is_established(const struct tcp_facts *t);
bool tcp_is_one_sided(const struct tcp_facts *t);
const struct tcp_reset *tcp_refusal(const struct tcp_facts *t);      /* the reset that answered the SYN, or NULL */
const struct icmp_error *tcp_unreachable(const struct tcp_facts *t); /* the ICMP error that did, or NULL */
/* When the first side ended the connection; packet 0: nobody did. */
struct when tcp_closed(const struct tcp_facts *t);
/* Nobody closed it, and the client repeats bytes that nobody acknowledges. */
bool tcp_is_stalled(const struct tcp_facts *t);

#endif
