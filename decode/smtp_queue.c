/* In: commands and replies in the order they were seen. Out: who answers whom. In doubt nobody: a reply that is given
 * to the wrong command would accuse the wrong recipient. */
#include "decode/smtp_queue.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "decode/smtp_reply.h"

#define QUEUE_FIRST_CAPACITY 8

void
queue_clear(struct queue *q)
{
	q->first = q->n = 0;
	q->has_lost_replies = q->was_pipelined = false;
}

void
queue_free(struct queue *q)
{
	mem_free(q->ring);
	*q = (struct queue){ .ring = NULL };
}

static struct pending *
at(const struct queue *q, size_t i)
{
	return &q->ring[(q->first + i) & (q->capacity - 1)]; /* a power of two */
}

static void
grow(struct queue *q)
{
	size_t capacity = q->capacity > 0 ? q->capacity * 2 : QUEUE_FIRST_CAPACITY;
	struct pending *ring = mem_new_array(capacity, sizeof(*ring));

	for (size_t i = 0; i < q->n; i++)
		ring[i] = *at(q, i);
	mem_free(q->ring);
	q->ring = ring;
	q->capacity = capacity;
	q->first = 0;
}

bool
queue_push(struct queue *q, const struct pending *p)
{
	bool has_room = q->n < SMTP_PENDING_MAX;

	if (!has_room)
		queue_drop(q, 1);
	if (q->n == q->capacity)
		grow(q);
	*at(q, q->n) = *p;
	q->n++;
	return has_room;
}

const struct pending *
queue_at(const struct queue *q, size_t i)
{
	return i < q->n ? at(q, i) : NULL;
}

void
queue_drop(struct queue *q, size_t n)
{
	assert(n <= q->n);
	q->n -= n;
	if (q->n == 0)
		q->first = 0; /* stays in the cache */
	else if (n > 0)
		q->first = (q->first + n) & (q->capacity - 1);
}

void
queue_drop_last(struct queue *q)
{
	assert(q->n > 0);
	q->n--;
}

static bool
ends_unseen(const struct queue *q)
{
	return q->n > 0 && at(q, q->n - 1)->verb == VERB_UNSEEN;
}

void
queue_note_unseen(struct queue *q, struct when when)
{
	struct pending gap = { .verb = VERB_UNSEEN, .n_replies = 0, .when = when };

	if (ends_unseen(q))
		at(q, q->n - 1)->n_replies = 0;
	else
		queue_push(q, &gap);
}

void
queue_note_lost_replies(struct queue *q)
{
	q->was_pipelined = q->n > 1 || (q->has_lost_replies && q->was_pipelined);
	q->has_lost_replies = true;
}

/* n_replies of VERB_UNSEEN counts the replies that it took: a client that goes on after one has seen it. */
void
queue_note_progress(struct queue *q)
{
	if (q->has_lost_replies && !q->was_pipelined) {
		queue_clear(q);
		return;
	}
	if (ends_unseen(q) && at(q, q->n - 1)->n_replies > 0)
		queue_drop_last(q);
}

void
queue_set_owed(struct queue *q, uint64_t n)
{
	if (q->n > 0 && at(q, 0)->verb == VERB_MESSAGE && at(q, 0)->n_replies == 0)
		at(q, 0)->n_replies = n > 0 && n <= UINT32_MAX ? (uint32_t)n : 1;
}

static enum fit
fit_if(bool is_sure)
{
	return is_sure ? FIT_SURE : FIT_NO;
}

/* Second and third digit group of an enhanced code that speaks about a sender or a recipient. */
static enum fit
fit_by_enhanced(enum smtp_verb verb, struct bytes enhanced)
{
	static const char *const sender[] = { ".1.0", ".1.7", ".1.8" };
	static const char *const recipient[] = { ".1.1", ".1.2", ".1.3", ".1.4", ".1.5", ".1.6", ".2.1", ".2.2" };
	struct bytes detail = bytes_from(enhanced, 1);

	for (size_t i = 0; i < sizeof(sender) / sizeof(sender[0]); i++)
		if (bytes_eq_str(detail, sender[i]))
			return verb == VERB_MAIL ? FIT_SURE : FIT_MAYBE;
	for (size_t i = 0; i < sizeof(recipient) / sizeof(recipient[0]); i++)
		if (bytes_eq_str(detail, recipient[i]))
			return verb == VERB_RCPT ? FIT_SURE : FIT_MAYBE;
	return FIT_MAYBE;
}

static bool
lists_capabilities(const struct reply_builder *r)
{
	for (size_t i = 0; i < r->n_lines && i < SMTP_REPLY_LINES_MAX; i++)
		if (reply_is_capability(reply_text_line(r, i)))
			return r->n_lines > 1;
	return false;
}

static enum fit
fit_ok(enum smtp_verb verb, const struct reply_builder *r)
{
	if (verb == VERB_GREETING || verb == VERB_DATA || verb == VERB_AUTH || verb == VERB_STARTTLS)
		return FIT_NO;
	if (lists_capabilities(r))
		return fit_if(verb == VERB_EHLO || verb == VERB_LHLO);
	if (reply_accepts_message(reply_text(r)))
		return fit_if(verb == VERB_MESSAGE);
	return fit_by_enhanced(verb, reply_enhanced(r));
}

enum fit
queue_fit(enum smtp_verb verb, const struct reply_builder *r)
{
	switch (r->code) {
	case 354:
		return fit_if(verb == VERB_DATA);
	case 334:
	case 235:
	case 535:
	case 534:
	case 538:
		return fit_if(verb == VERB_AUTH);
	case 220:
		return fit_if(verb == VERB_GREETING || verb == VERB_STARTTLS || verb == VERB_XCLIENT);
	case 221:
		return verb == VERB_QUIT ? FIT_SURE : FIT_MAYBE;
	case 251:
	case 252:
		return verb == VERB_RCPT || verb == VERB_VRFY ? FIT_SURE : FIT_NO;
	case 250:
		return fit_ok(verb, r);
	default:
		return fit_by_enhanced(verb, reply_enhanced(r));
	}
}

/* The first entry that the reply fits for certain, or q->n. */
static size_t
find_sure(const struct queue *q, const struct reply_builder *r)
{
	for (size_t i = 0; i < q->n; i++)
		if (at(q, i)->verb != VERB_UNSEEN && queue_fit(at(q, i)->verb, r) == FIT_SURE)
			return i;
	return q->n;
}

/* Which entry the reply answers, or q->n. */
static size_t
choose(struct queue *q, const struct reply_builder *r)
{
	bool is_certain = !q->has_lost_replies && at(q, 0)->verb != VERB_UNSEEN;
	size_t sure;

	if (is_certain)
		return 0;
	sure = find_sure(q, r);
	if (sure < q->n) {
		q->has_lost_replies = false;
		return sure;
	}
	if (at(q, 0)->verb == VERB_UNSEEN) {
		at(q, 0)->n_replies++;
		return q->n;
	}
	if (q->n == 1 && queue_fit(at(q, 0)->verb, r) == FIT_MAYBE) {
		q->has_lost_replies = false;
		return 0;
	}
	return q->n;
}

/* The server takes the header of a PROXY protocol for commands that it does not know; else it gives no answer to it. */
static bool
refuses_header(const struct queue *q, const struct reply_builder *r)
{
	bool has_quit = at(q, 0)->n_replies > 1 && q->n == 1; /* version 2, and nothing was said since */

	return (r->code >= 500 && r->code <= 504) || (r->code == 221 && has_quit);
}

bool
queue_answer(struct queue *q, const struct reply_builder *r, struct pending *p)
{
	size_t chosen;

	if (UNLIKELY(q->n > 0 && at(q, 0)->verb == VERB_PROXY) && !refuses_header(q, r))
		queue_drop(q, 1);
	if (q->n == 0)
		return false;
	chosen = choose(q, r);
	if (chosen == q->n)
		return false;
	queue_drop(q, chosen);
	*p = *at(q, 0);
	if (at(q, 0)->n_replies > 1)
		at(q, 0)->n_replies--;
	else if (r->code != 334) /* a challenge: the real answer comes later */
		queue_drop(q, 1);
	return true;
}
