/* Look-ups of mail hosts and what became of them: an attempt to send mail can die before the first SYN. Bounded by
 * LOOKUPS_MAX. Private to decode/. Order: new, (message or connected)*, next until it says no, free. */
#ifndef DECODE_LOOKUPS_H
#define DECODE_LOOKUPS_H

#include "base/when.h"
#include "decode/dns_message.h"

enum lookup_error {
	LOOKUP_FINE, /* or not decided yet */
	LOOKUP_NO_NAME,
	LOOKUP_NO_ADDRESS, /* the name exists */
	LOOKUP_NULL_MX,    /* the domain takes no mail (RFC 7505) */
	LOOKUP_REFUSED,
	LOOKUP_FAILURE,
	LOOKUP_NO_ANSWER,
};

struct lookup { /* of one name by one host */
	struct address client, resolver;
	struct when first, last; /* packets about it */
	struct when answered;    /* the last answer; packet 0: none */
	uint64_t n_queries;
	unsigned asked, answered_types; /* bits: 1 A, 2 AAAA, 4 MX */
	unsigned rcode;                 /* of the worst answer that matters */
	bool has_address, has_exchange, is_null_mx;
	bool is_mail;     /* MX was asked, it is a mail exchanger, or it is called like one */
	bool is_repeated; /* a question was asked again after a while */
	bool is_followed; /* the client opened a mail connection soon after */
	char name[DNS_NAME_MAX];
	char domain[DNS_NAME_MAX]; /* whose mail exchanger it is; "" not known */
};

struct lookups;

struct lookups *lookups_new(void);
void lookups_free(struct lookups *l);
void lookups_message(struct lookups *l, const struct dns_message *m, const struct address *from,
		     const struct address *to, struct when when);
void lookups_connected(struct lookups *l, const struct address *client, struct when when); /* a mail connection */
/* The next one that failed and is over at this time; INT64_MAX: all are. Valid until the next call. False: no more. */
bool lookups_next(struct lookups *l, int64_t now_ns, struct lookup *failed, enum lookup_error *error) MUST_USE;

#endif
