/* Recognises products by the words that servers use, and networks by the names of their clients: the tables
 * fingerprints.tsv and port-policies.tsv. */
#ifndef RULES_DEVICES_H
#define RULES_DEVICES_H

#include "decode/session.h"
#include "rules/knowledge.h"

struct devices;

struct devices *devices_new(const struct knowledge *k); /* borrows k */
void devices_free(struct devices *d);                   /* NULL is fine */
/* Sets the product.* and client.port_policy* facts of a session that is over, where there are any. */
void devices_set_facts(struct devices *d, const struct session *s);

#endif
