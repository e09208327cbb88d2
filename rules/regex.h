/* A regular expression (PCRE2 on bytes, letters match in either case), with bounded effort per match. */
#ifndef RULES_REGEX_H
#define RULES_REGEX_H

#include "base/attr.h"
#include "base/bytes.h"

struct regex;

/* NULL: message says why, *offset where in the pattern. */
struct regex *regex_new(struct bytes pattern, char *message, size_t message_len, size_t *offset);
void regex_free(struct regex *r); /* NULL is fine */
/* Too much effort counts as no match. Keeps the places of the last match in r. */
bool regex_matches(struct regex *r, struct bytes text);
/* The part of the text last matched that the group with this name took; empty when there is none. */
struct bytes regex_group(struct regex *r, struct bytes text, const char *name);

struct lazy_regex { /* of a table: most patterns are never needed */
	struct regex *regex;
	bool is_tried;
};
bool regex_lazy_matches(struct lazy_regex *lazy, struct bytes pattern, struct bytes text);

#endif
