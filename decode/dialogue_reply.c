/* In: a reply event. Out: an entry in the session's list, the facts of scope reply, and the calls that let rules look
 * at them. */
#include "decode/dialogue_reply.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/dialogue_dns.h"
#include "decode/facts_store.h"
#include "decode/smtp_command.h"

void
reply_count_text(struct dialogue *d)
{
	struct arena *arena = &d->pub.arena;

	d->context->text_total += arena->used - d->n_counted;
	d->n_counted = arena->used;
	if (UNLIKELY(d->context->text_total > SESSIONS_TEXT_TOTAL))
		arena->limit = arena->used;
}

struct reply
reply_keep(struct dialogue *d, const struct event *e)
{
	struct session *s = &d->pub;
	struct reply r = { .when = e->when, .code = e->code, .to = smtp_verb_word((enum smtp_verb)e->row) };

	if (e->code < 400 && !d->context->sink->wants_details && e->row != VERB_MESSAGE)
		return r;
	reply_count_text(d);
	r.enhanced = arena_copy(&s->arena, e->enhanced);
	r.text = arena_copy(&s->arena, e->text);
	if (e->row == VERB_OTHER)
		r.to = arena_copy(&s->arena, e->verb);
	if (s->n_replies == SESSION_REPLIES_MAX) {
		s->n_replies_dropped++;
		return r;
	}
	if (s->n_replies == d->rooms.replies) {
		d->rooms.replies = d->rooms.replies > 0 ? d->rooms.replies * 2 : 16;
		s->replies = mem_resize(s->replies, d->rooms.replies * sizeof(*s->replies));
	}
	s->replies[s->n_replies++] = r;
	return r;
}

static void
set_facts(struct dialogue *d, const struct event *e)
{
	struct facts *f = d->pub.facts;
	struct bytes to = e->row == VERB_OTHER ? e->verb : smtp_verb_word((enum smtp_verb)e->row);

	facts_clear_scope(f, SCOPE_REPLY);
	facts_set_int(f, FACT_ID_SMTP_REPLY_CODE, e->code, e->when);
	if (e->enhanced.len > 0)
		facts_set_text(f, FACT_ID_SMTP_REPLY_ENHANCED, e->enhanced, e->when);
	facts_set_text(f, FACT_ID_SMTP_REPLY_TEXT, e->text, e->when);
	facts_lend_text(f, FACT_ID_SMTP_REPLY_TO, to.len > 0 ? to : bytes_str("none"), e->when);
	facts_lend_text(f, FACT_ID_SMTP_REPLY_PHASE, bytes_str(smtp_verb_phase((enum smtp_verb)e->row)), e->when);
	if (e->asked.packet != 0 && e->when.time_ns >= e->asked.time_ns)
		facts_set_seconds(f, FACT_ID_SMTP_REPLY_DELAY, (double)(e->when.time_ns - e->asked.time_ns) / NS_PER_S,
				  e->when);
	if (e->code >= 400)
		facts_lend_text(f, FACT_ID_SMTP_REPLY_FAILURE, bytes_str(e->code < 500 ? "temporary" : "permanent"),
				e->when);
}

void
reply_tell(struct dialogue *d, const struct event *e, unsigned scopes)
{
	const struct decode_sink *sink = d->context->sink;

	bool is_wanted = e->code >= 400 || sink->wants_all_replies;

	if (e->code >= 400)
		dialogue_dns_refused(d, e->text);
	if (!sink->scope || (!is_wanted && !(scopes & 1U << SCOPE_MESSAGE)))
		return;
	dialogue_facts_add(d);
	set_facts(d, e);
	if (is_wanted)
		sink->scope(sink->user, &d->pub, SCOPE_REPLY);
	if (scopes & 1U << SCOPE_RECIPIENT)
		sink->scope(sink->user, &d->pub, SCOPE_RECIPIENT);
	if (scopes & 1U << SCOPE_MESSAGE)
		sink->scope(sink->user, &d->pub, SCOPE_MESSAGE);
}
