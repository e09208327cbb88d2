/* What the DNS messages of the capture show: names of servers, attempts that died before a connection, and what servers
 * asked about their clients. Private to decode/. Order: new, (datagram, stream, connected, tell, ...)*, free. */
#ifndef DECODE_DNS_H
#define DECODE_DNS_H

#include "decode/policies.h"
#include "decode/questions.h"
#include "flow/flow.h"

struct dialogue_context;
struct dns;
struct dns_stream;

struct dns *dns_new(void);
void dns_free(struct dns *d);
void dns_datagram(struct dns *d, const struct datagram *datagram);
/* A connection to a name server. NULL: it is not read. */
struct dns_stream *dns_opened(struct dns *d, const struct tcp_facts *t);
void dns_chunk(struct dns *d, struct dns_stream *s, const struct tcp_facts *t, const struct chunk *c);
void dns_closed(struct dns *d, struct dns_stream *s, const struct tcp_facts *t); /* frees s */
void dns_connected(struct dns *d, const struct tcp_facts *t);                    /* opened a mail connection */
void dns_told(struct dns *d, const struct address *server, struct bytes name);   /* a client told this name */
bool dns_is_busy(const struct dns *d); /* there are look-ups that dns_told may be about */
struct bytes dns_name_of(const struct dns *d, const struct address *server); /* empty: not known */
const struct questions *dns_questions(const struct dns *d);
const struct policies *dns_policies(const struct dns *d);
/* Makes sessions of the attempts that are over at this time (INT64_MAX: all) and tells the sink. Returns how many. */
uint64_t dns_tell(struct dns *d, int64_t now_ns, struct dialogue_context *context, uint64_t *n_ids);

#endif
