/* How one session differs from one profile of the settings. */
#ifndef RULES_COMPARE_H
#define RULES_COMPARE_H

#include "base/limits.h"
#include "rules/seen.h"

enum match { MATCH_NO, MATCH_UNKNOWN, MATCH_YES };
struct difference {
	enum setting_id setting;
	struct bytes seen; /* borrowed from the session or from struct seen */
	struct when when;
};
struct differences {
	struct difference one[EXPECT_DIFFERENCES_MAX];
	size_t n;
};

/* Is the server one of those in the settings? Without any, or where no name is visible: not known. */
enum match compare_server(const struct profile *p, const struct seen *seen);
void compare_all(const struct profile *p, const struct seen *seen, const struct session *s, struct differences *d);

/* Is the certificate with these names ("a.example, *.b.example") for this host? A star is one label, RFC 9525 6.3. */
bool certificate_is_for(struct bytes names, struct bytes host);

#endif
