/* Finds what a reply means: by its text where a row of the recognised provider, of a vendor, of mail software or of
 * the general ones fits, else by its enhanced code, else by its code (knowledge README). Remembers what it found. */
#ifndef RULES_MATCHER_H
#define RULES_MATCHER_H

#include "decode/session.h"
#include "rules/knowledge.h"

struct matcher;

struct reply_meaning { /* borrowed from the matcher until the next call */
	struct bytes cause, basis, provider, list, meaning, remedy, who_acts, retry, source;
};
struct reply_asked {
	unsigned code;
	struct bytes enhanced, text, phase;
	struct bytes greeting, server_name; /* for recognising the provider */
	struct bytes recipient;             /* its address says nothing about the cause */
};

struct matcher *matcher_new(const struct knowledge *k); /* borrows k */
void matcher_free(struct matcher *m);                   /* NULL is fine */
const struct reply_meaning *matcher_find(struct matcher *m, const struct reply_asked *asked);
/* Sets the smtp.reply.* facts that come from the tables, when the reply is a failure; else takes them away. */
void matcher_set_facts(struct matcher *m, const struct session *s);
/* Sets server.provider at the end of a session whose greeting other networks use, too. */
void matcher_set_provider(struct matcher *m, const struct session *s);

#endif
