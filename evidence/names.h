/* Which look-ups of the DNS belong to the flagged sessions: those of a name that leads to one of their hosts, or of one
 * that was looked up in vain, and those about an address. Order: init, (host | wanted | message)*, choose, has*, fini.
 */
#ifndef EVIDENCE_NAMES_H
#define EVIDENCE_NAMES_H

#include "decode/dns_message.h"
#include "evidence/numbers.h"

struct looked_up;

struct names {
	struct numbers hosts;   /* hashed addresses */
	struct numbers chosen;  /* hashed names */
	struct looked_up *list; /* what was looked up, DNS_NAMES_MAX at most */
	size_t n, capacity;
	char (*wanted)[DNS_NAME_MAX]; /* looked up in vain, WANTED_NAMES_MAX at most */
	size_t n_wanted;
};

void names_fini(struct names *n); /* one that is zeroed is empty */
void names_host(struct names *n, const struct address *host);
void names_proof(struct names *n, const struct dns_message *m); /* a finding shows it */
void names_wanted(struct names *n, struct bytes name);
void names_message(struct names *n, const struct dns_message *m);
void names_choose(struct names *n);
bool names_has(const struct names *n, const struct dns_message *m);

#endif
