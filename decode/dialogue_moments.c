/* In: events. Out: those that a ladder shows, as a bounded list. Replies have a list of their own. */
#include "decode/dialogue_moments.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/dialogue_reply.h"
#include "decode/moment.h"

static bool
is_shown(enum event_type type)
{
	return type == EVENT_COMMAND || type == EVENT_AUTH_RESPONSE || type == EVENT_MESSAGE_END ||
	       type == EVENT_TLS_START || type == EVENT_MISSING || type == EVENT_NOT_SMTP || type == EVENT_PROXY;
}

static void
keep(struct dialogue *d, const struct event *e)
{
	struct session *s = &d->pub;

	if (!is_shown(e->type))
		return;
	if (s->n_moments == SESSION_MOMENTS_MAX) {
		s->n_moments_dropped++;
		return;
	}
	if (s->n_moments == d->rooms.moments) {
		d->rooms.moments = d->rooms.moments > 0 ? d->rooms.moments * 2 : 16;
		s->moments = mem_resize(s->moments, d->rooms.moments * sizeof(*s->moments));
	}
	reply_count_text(d);
	s->moments[s->n_moments++] = (struct moment){ .when = e->when,
						      .type = e->type,
						      .from = e->from,
						      .verb = arena_copy(&s->arena, e->verb),
						      .text = arena_copy(&s->arena, e->text),
						      .code = e->code,
						      .number = e->number };
}

void
moments_tell(struct dialogue *d, const struct event *e)
{
	const struct decode_sink *sink = d->context->sink;

	if (sink->wants_moments)
		keep(d, e);
	if (sink->event)
		sink->event(sink->user, &d->pub, e);
}
