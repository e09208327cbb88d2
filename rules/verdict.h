/* The one sentence about the whole capture. */
#ifndef RULES_VERDICT_H
#define RULES_VERDICT_H

#include "base/buf.h"
#include "decode/session.h"
#include "rules/finding.h"

enum {
#define OUTCOME(id, name) +1
	N_OUTCOMES = 0
#include "decode/outcomes.def"
#undef OUTCOME
};

struct outcomes { /* of the attempts that were judged */
	uint64_t n[N_OUTCOMES];
};

/* f: by importance. text holds the sentence and must live as long as the verdict. */
struct verdict verdict_on(const struct outcomes *o, const struct finding *f, size_t n, struct buf *text);

#endif
