/* What the DNS messages of the capture show: names of servers, and attempts that died before a connection. Private to
 * decode/. Order: new, (datagram or connected or tell)*, free. */
#ifndef DECODE_DNS_H
#define DECODE_DNS_H

#include "flow/flow.h"

struct dialogue_context;
struct dns;

struct dns *dns_new(void);
void dns_free(struct dns *d);
void dns_datagram(struct dns *d, const struct datagram *datagram);
void dns_connected(struct dns *d, const struct address *client, struct when when); /* opened a mail connection */
struct bytes dns_name_of(const struct dns *d, const struct address *server);       /* empty: not known */
/* Makes sessions of the attempts that are over at this time (INT64_MAX: all) and tells the sink. Returns how many. */
uint64_t dns_tell(struct dns *d, int64_t now_ns, struct dialogue_context *context, uint64_t *n_ids);

#endif
