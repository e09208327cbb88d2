/* Facts of the TLS of a session. Private to decode/. */
#ifndef DECODE_TLS_FACTS_H
#define DECODE_TLS_FACTS_H

#include "decode/dialogue.h"
#include "decode/tls_info.h"

/* All of them, into the store of the session. After closed_by is known. */
void tls_facts_add(const struct dialogue *d, const struct tls_info *t);
/* The client never said anything inside, and will not: an alert, or the connection is over. */
bool tls_has_failed(const struct tls_info *t, bool is_over);

#endif
