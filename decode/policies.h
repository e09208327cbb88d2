/* What the DNS of the capture says about domains that send mail: the SPF record (RFC 7208 4.5) and the DMARC record
 * (RFC 7489 6.6.3). Bounded: POLICIES_MAX names, the latest ones. Private to decode/. Order: new, message*, find*,
 * free. */
#ifndef DECODE_POLICIES_H
#define DECODE_POLICIES_H

#include "base/when.h"
#include "decode/dns_message.h"

struct policies;

struct policy {
	struct when when; /* of the answer; packet 0: the capture has none */
	const char *text; /* "": the answer holds no such record; borrowed until the next message */
};

struct policies *policies_new(void); /* allocates little until the first answer */
void policies_free(struct policies *p);
void policies_message(struct policies *p, const struct dns_message *m, struct when when);
struct policy policies_spf(const struct policies *p, struct bytes domain);
struct policy policies_dmarc(const struct policies *p, struct bytes domain); /* of the domain itself */

#endif
