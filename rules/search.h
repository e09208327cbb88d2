/* One look-up in the tables, without memory of earlier ones but for patterns that were compiled. */
#ifndef RULES_SEARCH_H
#define RULES_SEARCH_H

#include "rules/matcher.h"

struct search;

struct found_rows {
	const struct reply_row *reply; /* NULL: no row fits the text */
	const struct code_row *code;   /* NULL: not even the code is known */
	struct bytes provider;         /* recognised; empty: none */
	struct bytes list;             /* what the pattern called "list" in the text; borrowed from it */
};

struct search *search_new(const struct knowledge *k); /* borrows k */
void search_free(struct search *s);                   /* NULL is fine */
/* By the greeting, then by the name of the server, then by the text of the reply. */
struct bytes search_provider(struct search *s, struct bytes greeting, struct bytes server_name, struct bytes text);
/* masked: the text without names, as long as text; phrases are looked for in it. */
struct found_rows search_rows(struct search *s, const struct reply_asked *asked, struct bytes provider,
			      struct bytes text, struct bytes masked);

#endif
