/* Sums over all sessions: the capture.* facts, and from where the capture was taken. Private to decode/. */
#ifndef DECODE_TOTALS_H
#define DECODE_TOTALS_H

#include "decode/decode.h"

struct totals {
	uint64_t n_sessions, n_unanswered, missing_bytes, n_lossy, n_one_sided, n_midstream;
	struct when lossy, one_sided, midstream;         /* where each was first seen */
	uint64_t n_fresh[2], n_both_fresh, n_none_fresh; /* sessions whose packets no router has touched, by side */
};

void totals_add(struct totals *t, const struct session *s);
enum vantage totals_vantage(const struct totals *t);
void totals_facts(const struct totals *t, const struct capture_summary *c, struct facts *f);

#endif
