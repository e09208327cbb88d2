/* In: a session with its replies and moments. Out: rungs in the order of the capture. Judges nothing. */
#include "report/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "decode/moment.h"
#include "decode/tls_info.h"

void
ladder_init(struct ladder *l)
{
	l->n = l->n_all = l->n_head = 0;
	buf_init(&l->texts, LADDER_TEXTS_MAX);
}

void
ladder_fini(struct ladder *l)
{
	buf_fini(&l->texts);
}

struct bytes
ladder_text(const struct ladder *l, const struct rung *r)
{
	return bytes_head(bytes_from(buf_bytes(&l->texts), r->text_at), r->text_len);
}

static void
end_text(struct ladder *l)
{
	struct rung *last = &l->rungs[l->n - 1];

	last->text_len = (uint32_t)l->texts.len - last->text_at;
	if (last->text_len > LADDER_TEXT_MAX)
		last->text_len = LADDER_TEXT_MAX;
}

void
ladder_add(struct ladder *l, struct when when, enum rung_kind kind, enum side from)
{
	if (l->n > 0)
		end_text(l);
	if (l->n == LADDER_RUNGS_ALL)
		l->n--; /* cannot be: the sources are bounded */
	l->rungs[l->n] = (struct rung){
		.when = when, .kind = kind, .from = from, .order = (uint32_t)l->n, .text_at = (uint32_t)l->texts.len
	};
	l->n++;
}

void
ladder_add_text(struct ladder *l, struct bytes text)
{
	if (text.len == 0)
		return;
	if (l->texts.len > l->rungs[l->n - 1].text_at)
		buf_add_u8(&l->texts, ' ');
	buf_add(&l->texts, bytes_head(text, LADDER_TEXT_MAX));
}

static void
add_reply(struct ladder *l, const struct reply *r)
{
	ladder_add(l, r->when, r->code < 400 ? RUNG_GOOD : RUNG_BAD, SIDE_SERVER);
	buf_addf(&l->texts, "%03u", r->code);
	ladder_add_text(l, r->enhanced);
	ladder_add_text(l, r->text);
}

static void
add_proxy(struct ladder *l, const struct moment *m)
{
	ladder_add(l, m->when, RUNG_COMMAND, m->from);
	buf_add_str(&l->texts, "proxy");
	ladder_add_text(l, m->verb);
	if (m->from == SIDE_SERVER)
		buf_addf(&l->texts, " %u", m->code);
	ladder_add_text(l, m->text);
}

static void
add_moment(struct ladder *l, const struct moment *m)
{
	switch ((int)m->type) {
	case EVENT_COMMAND:
		ladder_add(l, m->when, RUNG_COMMAND, m->from);
		ladder_add_text(l, m->verb);
		ladder_add_text(l, m->text);
		break;
	case EVENT_AUTH_RESPONSE:
		ladder_add(l, m->when, RUNG_COMMAND, m->from);
		buf_add_str(&l->texts, m->text.len > 0 ? "credentials, not shown; user" : "credentials, not shown");
		ladder_add_text(l, m->text);
		break;
	case EVENT_MESSAGE_END:
		ladder_add(l, m->when, RUNG_DATA, m->from);
		buf_addf(&l->texts, "message, %llu bytes", (unsigned long long)m->number);
		break;
	case EVENT_TLS_START:
		ladder_add(l, m->when, RUNG_TLS, m->from);
		buf_add_str(&l->texts, "TLS begins");
		break;
	case EVENT_MISSING:
		ladder_add(l, m->when, RUNG_NOTE, m->from);
		buf_addf(&l->texts, "%llu bytes of the %s are not in the capture", (unsigned long long)m->number,
			 m->from == SIDE_CLIENT ? "client" : "server");
		break;
	case EVENT_NOT_SMTP:
		ladder_add(l, m->when, RUNG_DATA, m->from);
		buf_add_str(&l->texts, m->text.len > 0 ? "not SMTP, it looks like" : "not SMTP");
		ladder_add_text(l, m->text);
		break;
	case EVENT_PROXY:
		add_proxy(l, m);
		break;
	default:
		break;
	}
}

static void
add_dialogue(struct ladder *l, const struct session *s)
{
	bool has_hello = s->tls && s->tls->client_hello.packet != 0;

	for (size_t i = 0; i < s->n_moments; i++)
		if (s->moments[i].type != EVENT_TLS_START || !has_hello) /* else the hellos say more */
			add_moment(l, &s->moments[i]);
	for (size_t i = 0; i < s->n_replies; i++)
		add_reply(l, &s->replies[i]);
	if (!has_hello || !s->is_decrypted)
		return;
	for (size_t i = 0; i < l->n; i++)
		l->rungs[i].is_inside = l->rungs[i].when.packet > s->tls->client_hello.packet &&
					l->rungs[i].kind >= RUNG_COMMAND && l->rungs[i].kind != RUNG_NOTE;
}

static int
rung_cmp(const void *a, const void *b)
{
	const struct rung *x = a, *y = b;

	if (x->when.packet != y->when.packet) { /* 0 goes last */
		if (x->when.packet == 0 || y->when.packet == 0)
			return x->when.packet == 0 ? 1 : -1;
		return x->when.packet < y->when.packet ? -1 : 1;
	}
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Who looks at a long ladder wants to see how it began and how it ended. */
static void
leave_out_middle(struct ladder *l)
{
	size_t n_tail = LADDER_RUNGS_MAX / 2;

	l->n_all = l->n;
	l->n_head = LADDER_RUNGS_MAX - n_tail;
	if (l->n <= LADDER_RUNGS_MAX)
		return;
	memmove(l->rungs + l->n_head, l->rungs + l->n - n_tail, n_tail * sizeof(*l->rungs));
	l->n = LADDER_RUNGS_MAX;
}

void
ladder_of(struct ladder *l, const struct session *s)
{
	l->n = 0;
	buf_clear(&l->texts);
	add_dialogue(l, s);
	if (s->tls)
		ladder_add_tls(l, s->tls);
	if (s->tcp)
		ladder_add_tcp(l, s);
	if (l->n > 0)
		end_text(l);
	qsort(l->rungs, l->n, sizeof(*l->rungs), rung_cmp);
	leave_out_middle(l);
}

/* Among rungs whose texts are complete. */
static void
insert(struct ladder *l, struct when when, struct bytes text)
{
	struct rung r = { .when = when, .kind = RUNG_NOTE, .text_at = (uint32_t)l->texts.len };

	buf_add(&l->texts, bytes_head(text, LADDER_TEXT_MAX));
	r.text_len = (uint32_t)l->texts.len - r.text_at;
	l->rungs[l->n++] = r;
	l->n_all = l->n;
	qsort(l->rungs, l->n, sizeof(*l->rungs), rung_cmp);
}

void
ladder_note(struct ladder *l, struct when when, struct bytes text)
{
	if (when.packet == 0 || l->n_all > l->n || l->n == LADDER_RUNGS_MAX)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (l->rungs[i].when.packet == when.packet)
			return;
	insert(l, when, text);
}
