/* In: a session. Out: what is told of it later; into bytes and back. */
#include "report/story.h"

#include <string.h>

#include "base/attr.h"
#include "decode/facts.h"

static const enum fact_id time_facts[PHASE_QUIT + 1] = {
	[PHASE_CONNECT] = FACT_ID_TIME_CONNECT, [PHASE_GREETING] = FACT_ID_TIME_GREETING,
	[PHASE_EHLO] = FACT_ID_TIME_EHLO,       [PHASE_STARTTLS] = FACT_ID_TIME_STARTTLS,
	[PHASE_TLS] = FACT_ID_TIME_TLS,         [PHASE_AUTH] = FACT_ID_TIME_AUTH,
	[PHASE_MAIL] = FACT_ID_TIME_MAIL,       [PHASE_RCPT] = FACT_ID_TIME_RCPT,
	[PHASE_DATA] = FACT_ID_TIME_DATA,       [PHASE_MESSAGE] = FACT_ID_TIME_MESSAGE,
	[PHASE_QUIT] = FACT_ID_TIME_QUIT,
};

void
story_wants(uint64_t *words)
{
	for (size_t i = 0; i <= PHASE_QUIT; i++)
		words[time_facts[i] / 64] |= UINT64_C(1) << time_facts[i] % 64;
}

void
story_init(struct story *y)
{
	memset(&y->head, 0, sizeof(y->head));
	buf_init(&y->details_text, STORY_TEXT_MAX);
	ladder_init(&y->ladder);
}

void
story_fini(struct story *y)
{
	buf_fini(&y->details_text);
	ladder_fini(&y->ladder);
}

void
story_begin_detail(struct story *y, const char *label)
{
	if (y->head.n_details > 0) {
		struct story_detail *last = &y->details[y->head.n_details - 1];

		last->len = (uint32_t)y->details_text.len - last->at;
	}
	if (!label || y->head.n_details == STORY_DETAILS_MAX)
		return;
	y->details[y->head.n_details++] = (struct story_detail){ .label = label, .at = (uint32_t)y->details_text.len };
}

struct bytes
story_detail_text(const struct story *y, const struct story_detail *d)
{
	return bytes_head(bytes_from(buf_bytes(&y->details_text), d->at), d->len);
}

static void
take_times(struct story_head *head, const struct session *s)
{
	for (size_t i = 0; i <= PHASE_QUIT; i++) {
		const struct fact *f = s->facts ? facts_get(s->facts, time_facts[i]) : NULL;

		head->phase_ns[i] = f ? (int64_t)(f->seconds * NS_PER_S) : -1;
	}
	if (head->phase_ns[s->phase] < 0)
		head->phase_ns[s->phase] = 0;
}

/* QUIT after a refusal is good manners, not the place where it failed. */
enum phase
story_failed_in(const struct session *s)
{
	static const struct {
		const char *to;
		enum phase phase;
	} places[] = {
		{ "greeting", PHASE_GREETING }, { "EHLO", PHASE_EHLO },         { "HELO", PHASE_EHLO },
		{ "LHLO", PHASE_EHLO },         { "STARTTLS", PHASE_STARTTLS }, { "AUTH", PHASE_AUTH },
		{ "MAIL", PHASE_MAIL },         { "RCPT", PHASE_RCPT },         { "DATA", PHASE_DATA },
		{ "BDAT", PHASE_DATA },         { "message", PHASE_MESSAGE },
	};

	for (size_t i = s->n_replies; i > 0; i--) {
		if (s->replies[i - 1].code < 400)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(places); k++)
			if (bytes_eq_str(s->replies[i - 1].to, places[k].to))
				return places[k].phase;
		return s->phase;
	}
	return s->phase;
}

void
story_of(struct story *y, const struct session *s)
{
	memset(&y->head, 0, sizeof(y->head));
	buf_clear(&y->details_text);
	attempt_of(s, &y->head.attempt);
	y->head.ended = s->ended;
	if (s->tcp && s->tcp->end[SIDE_SERVER].address.family != 0) {
		y->head.stream = s->tcp->stream;
		y->head.has_stream = true;
	}
	take_times(&y->head, s);
	y->head.failed_in = story_failed_in(s);
	story_add_details(y, s);
	story_begin_detail(y, NULL); /* ends the last one */
	ladder_of(&y->ladder, s);
}

static void
add_plain(struct buf *to, const void *p, size_t len)
{
	buf_add(to, bytes_of(p, len));
}

/* head, details, their text, numbers of the ladder, rungs, their text; each list behind its length. */
void
story_save(const struct story *y, struct buf *to)
{
	const struct ladder *l = &y->ladder;

	buf_clear(to);
	add_plain(to, &y->head, sizeof(y->head));
	add_plain(to, y->details, y->head.n_details * sizeof(y->details[0]));
	add_plain(to, &y->details_text.len, sizeof(y->details_text.len));
	buf_add(to, buf_bytes(&y->details_text));
	add_plain(to, &l->n, sizeof(l->n));
	add_plain(to, &l->n_all, sizeof(l->n_all));
	add_plain(to, &l->n_head, sizeof(l->n_head));
	for (size_t i = 0, at = 0; i < l->n; i++) { /* the texts of the rungs left out stay behind */
		struct rung r = l->rungs[i];

		r.text_at = (uint32_t)at;
		at += r.text_len;
		add_plain(to, &r, sizeof(r));
	}
	for (size_t i = 0; i < l->n; i++)
		buf_add(to, ladder_text(l, &l->rungs[i]));
}

static void
take(struct bytes *from, void *to, size_t len)
{
	if (len > 0)
		memcpy(to, from->p, len);
	*from = bytes_from(*from, len);
}

void
story_load(struct story *y, struct bytes saved)
{
	struct ladder *l = &y->ladder;
	size_t len;

	take(&saved, &y->head, sizeof(y->head));
	take(&saved, y->details, y->head.n_details * sizeof(y->details[0]));
	take(&saved, &len, sizeof(len));
	buf_clear(&y->details_text);
	buf_add(&y->details_text, bytes_head(saved, len));
	saved = bytes_from(saved, len);
	take(&saved, &l->n, sizeof(l->n));
	take(&saved, &l->n_all, sizeof(l->n_all));
	take(&saved, &l->n_head, sizeof(l->n_head));
	take(&saved, l->rungs, l->n * sizeof(l->rungs[0]));
	buf_clear(&l->texts);
	buf_add(&l->texts, saved);
}

void
story_add_evidence(struct story *y, const struct finding *f)
{
	if (f->n_sessions != 1 || f->n_sessions_dropped > 0)
		return; /* whose packets these are is not known */
	for (size_t i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i];

		if (e->when.packet >= y->head.attempt.started.packet && e->when.packet <= y->head.ended.packet)
			ladder_note(&y->ladder, e->when, e->text); /* others are of sessions to compare with */
	}
}
