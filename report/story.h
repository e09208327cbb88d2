/* All that the HTML report and --ladder say of one session, kept until the findings are known: an attempt, times,
 * details, and its ladder. Can wait in a spool. Private to report/. Order: init, (of | load)*, fini. */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "report/attempt.h"
#include "report/ladder.h"
#include "rules/finding.h"

#define STORY_DETAILS_MAX 48 /* a few per session and one per recipient */

struct story_detail {
	const char *label; /* static text of our own */
	uint32_t at, len;  /* in details_text */
};

struct story_head {
	struct attempt attempt;
	struct when ended;
	uint64_t stream; /* as packet viewers count; only if has_stream */
	bool has_stream;
	int64_t phase_ns[PHASE_QUIT + 1]; /* time spent in it; < 0: was not in it */
	enum phase failed_in;             /* of a failure: where the refusal came, or else the furthest phase */
	uint64_t n_recipients_left_out;
	size_t n_details;
};

struct story {
	struct story_head head;
	struct story_detail details[STORY_DETAILS_MAX];
	struct buf details_text; /* wire text and our own, not escaped */
	struct ladder ladder;
};

void story_init(struct story *y);
void story_fini(struct story *y);
void story_of(struct story *y, const struct session *s); /* needs the facts of story_wants */
void story_save(const struct story *y, struct buf *to);
void story_load(struct story *y, struct bytes saved); /* saved by the same program run */
/* What a finding says of packets that have no rung; only when it is about this session alone. */
void story_add_evidence(struct story *y, const struct finding *f);
struct bytes story_detail_text(const struct story *y, const struct story_detail *d);
/* Adds the facts that story_of looks at, as facts_want. */
void story_wants(uint64_t *words);

/* Of a failure: where the refusal came, or else the furthest phase. */
enum phase story_failed_in(const struct session *s);

/* For story_details.c. */
void story_begin_detail(struct story *y, const char *label); /* then text is added to details_text */
void story_add_details(struct story *y, const struct session *s);

#endif
