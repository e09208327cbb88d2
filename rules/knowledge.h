/* What servers say and what it means: the tables of rules/knowledge/ as records. All bytes are borrowed from the
 * texts that were added. */
#ifndef RULES_KNOWLEDGE_H
#define RULES_KNOWLEDGE_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

enum tier { TIER_PROVIDER, TIER_VENDOR, TIER_SOFTWARE, TIER_PHRASE, TIER_GENERIC, TIER_COUNT };

struct reply_row { /* provider-replies.tsv; phrases.tsv: the rows with a phase */
	enum tier tier;
	struct bytes phase;
	struct bytes provider, code, enhanced, regex, cause, meaning, remedy, source;
};
struct code_row { /* reply-codes.tsv */
	struct bytes code, enhanced, phase, meaning, who_acts, retry, source, cause;
};
struct provider_sign { /* providers.tsv: how a provider is recognised */
	struct bytes provider, match_on, regex;
};
struct cause_row { /* causes.tsv: what a cause, or all that begin with it and a dot, asks for */
	struct bytes cause, who_acts, retry;
};

struct fingerprint { /* fingerprints.tsv: words by which products are recognised */
	struct bytes product, match_on, regex;
	struct bytes place;  /* client, path, gateway */
	struct bytes vendor; /* its domains: "example.com|example.net" */
	struct bytes meaning, confidence, source;
};
#define POLICY_PORTS 4
struct policy_row { /* port-policies.tsv: what a network does to outgoing connections */
	struct bytes provider, regex;
	struct bytes ports[POLICY_PORTS]; /* 25, 465, 587, 2525 */
	struct bytes advice, source, verified;
};

struct knowledge {
	struct reply_row *replies;
	struct code_row *codes;
	struct provider_sign *signs;
	struct cause_row *causes;
	struct fingerprint *fingerprints;
	struct policy_row *policies;
	size_t n_replies, n_codes, n_signs, n_causes, n_fingerprints, n_policies;
};

struct knowledge *knowledge_new(void);
void knowledge_free(struct knowledge *k); /* NULL is fine */
/* Puts the rows of a table before those that are there, so that a site's own rows win. The header tells which table
 * it is. text and name must outlive k. should_check: compile the patterns, so that bad ones are refused.
 * false: e names file and line; k is as before. */
bool knowledge_add(struct knowledge *k, const char *name, struct bytes text, bool should_check, struct err *e) MUST_USE;
const struct cause_row *knowledge_cause(const struct knowledge *k, struct bytes cause); /* NULL: none */

#endif
