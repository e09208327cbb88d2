/* Attempts over IPv6 beside connections over IPv4 to the same port: did IPv4 work right after IPv6 had failed? Private
 * to decode/. Order: new, (opened, answered, closed)*, free. */
#ifndef DECODE_FAMILIES_H
#define DECODE_FAMILIES_H

#include "flow/tcp_facts.h"

struct over_ipv4 { /* the connection that came instead */
	struct address client, server;
	struct bytes dns_name; /* under which DNS gave the server; empty: not known. Set by decode.c */
	struct when syn;       /* packet 0: there was none */
	int64_t after_ns;      /* since the first SYN over IPv6 */
	bool is_ambiguous;     /* others could be meant as well */
	bool is_only;          /* in all the capture so far one address of each family talks to one of each */
};

struct families;

struct families *families_new(void);
void families_free(struct families *f); /* NULL is fine */
/* A SYN to a mail port. tcp is borrowed until closed. */
void families_opened(struct families *f, const struct tcp_facts *tcp);
/* The server of a connection to a mail port said its first words. */
void families_answered(struct families *f, const struct tcp_facts *tcp);
/* What came instead of this attempt over IPv6; forgets it. */
struct over_ipv4 families_closed(struct families *f, const struct tcp_facts *tcp);

#endif
