/* "did you mean": the nearest known name to one that was mistyped. */
#ifndef RULES_SUGGEST_H
#define RULES_SUGGEST_H

#include "base/bytes.h"

struct suggestion {
	struct bytes wrong;
	const char *best; /* NULL: nothing is near */
	size_t distance;
};

struct suggestion suggest_for(struct bytes wrong);
void suggest_try(struct suggestion *s, const char *name);
/* "; did you mean NAME?" or "", in text. */
const char *suggest_text(const struct suggestion *s, char *text, size_t text_len);

#endif
