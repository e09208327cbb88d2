/* One DNS message (RFC 1035), read by the C library. Also for whoever chooses packets (evidence/). */
#ifndef DECODE_DNS_MESSAGE_H
#define DECODE_DNS_MESSAGE_H

#include "base/address.h"
#include "base/attr.h"

#define DNS_NAME_MAX 256     /* as text with the terminating NUL, RFC 1035 2.3.4 */
#define DNS_ADDRESSES_MAX 16 /* of one answer that are kept */
#define DNS_EXCHANGES_MAX 64 /* likewise mail exchangers */
#define DNS_POLICY_MAX 512   /* of a policy with the terminating NUL; the rest is cut off */

enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28, DNS_TLSA = 52 };

struct dns_message {
	bool is_response, is_truncated;
	bool is_referral; /* no answer, but name servers that may have one (RFC 1034 4.3.1) */
	unsigned id;
	unsigned rcode;          /* RFC 1035 4.1.1: 0 fine, 2 server failure, 3 no such name, 5 refused */
	unsigned type;           /* of the question */
	char name[DNS_NAME_MAX]; /* likewise, in small letters, without the last dot */
	struct address addresses[DNS_ADDRESSES_MAX];
	size_t n_addresses;
	char target[DNS_NAME_MAX];   /* of the first PTR; "" none */
	char policy[DNS_POLICY_MAX]; /* the first TXT that is an SPF or DMARC record; "" none */
	size_t n_exchanges;
	char exchanges[DNS_EXCHANGES_MAX][DNS_NAME_MAX]; /* of MX; "" is a null MX (RFC 7505); the rest is not set */
};

/* False: no message with one question in the class IN, and no failure without a question; its name is empty. */
bool dns_message_parse(struct bytes wire, struct dns_message *m) MUST_USE;

#endif
