/* What is known of the look-ups of one name. Plain record. Private to decode/. */
#ifndef DECODE_LOOKUP_H
#define DECODE_LOOKUP_H

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
	LOOKUP_TRUNCATED, /* the answer is too long for a datagram, and does not come over TCP either */
};

enum lookup_asked { ASKED_A = 1, ASKED_AAAA = 2, ASKED_MX = 4, ASKED_TLSA = 8 }; /* bits */

enum lookup_tcp { /* what became of a connection to the resolver */
		  LOOKUP_TCP_UNKNOWN,
		  LOOKUP_TCP_ANSWERED,
		  LOOKUP_TCP_NO_ANSWER,
		  LOOKUP_TCP_REFUSED,
		  LOOKUP_TCP_UNREACHABLE,
		  LOOKUP_TCP_CUT, /* ended without an answer */
};

struct lookup { /* of one name by one host */
	struct address client, resolver;
	struct when first, last; /* packets about it */
	struct when answered;    /* the last answer; packet 0: none */
	struct when truncated;   /* the last answer that was cut; packet 0: none */
	struct when tcp_end;     /* what shows how TCP failed */
	enum lookup_tcp tcp;     /* the last time it was tried for an answer that was cut */
	unsigned n_tcp;          /* such connections that are open */
	uint64_t n_queries;
	unsigned asked, answered_types, truncated_types; /* enum lookup_asked; the last: only cut */
	unsigned rcode;                                  /* of the worst answer that matters */
	bool has_address, has_exchange, is_null_mx;
	bool is_mail;     /* MX or TLSA was asked, it is a mail exchanger, or it is called like one */
	bool is_repeated; /* a question was asked again after a while */
	bool is_followed; /* the client opened a mail connection soon after */
	bool is_check;    /* a mail server asked because of what a client said */
	char name[DNS_NAME_MAX];
	char domain[DNS_NAME_MAX]; /* whose mail exchanger it is; "" not known */
};

#endif
