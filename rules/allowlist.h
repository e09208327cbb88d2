/* The allowlist of the settings: may this client send from where it is? */
#ifndef RULES_ALLOWLIST_H
#define RULES_ALLOWLIST_H

#include "rules/seen.h"

struct matcher;

/* An address that is written over on its way out, or never leaves its network (RFC 1918, 6598, 3927, 4193). */
bool allowlist_is_private(const struct address *a);
/* Sets client.not_allowlisted and smtp.refusal.cause; without an allowlist, and where the capture cannot tell, nothing.
 */
void allowlist_set_facts(const struct profile *p, const struct seen *seen, const struct session *s, struct matcher *m);

#endif
