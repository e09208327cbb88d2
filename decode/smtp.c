/* The machine as a whole: its life, its state writers, its way to tell events. The sides are in smtp_client.c and
 * smtp_server.c. */
#include "decode/smtp.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "decode/smtp_machine.h"

struct smtp *
smtp_new(void)
{
	struct smtp *m = mem_new(sizeof(*m));

	line_init(&m->client_line, SMTP_LINE_MAX);
	line_init(&m->server_line, SMTP_LINE_MAX);
	line_init(&m->held, SMTP_HELD_MAX);
	header_init(&m->header);
	reply_init(&m->reply);
	return m;
}

static void
wipe(struct smtp *m)
{
	line_wipe(&m->client_line);
	line_wipe(&m->server_line);
	line_wipe(&m->held);
	header_abort(&m->header);
	smtp_lost_forget(m);
}

void
smtp_free(struct smtp *m)
{
	if (!m)
		return;
	wipe(m);
	line_fini(&m->client_line);
	line_fini(&m->server_line);
	line_fini(&m->held);
	header_fini(&m->header);
	line_fini(&m->reply.text);
	queue_free(&m->queue);
	mem_free(m->candidates);
	mem_free(m);
}

/* Everything back to zero, but for memory that the next dialogue can use. */
static void
reset(struct smtp *m)
{
	struct candidate *candidates = m->candidates;
	struct queue queue = m->queue;
	struct line client_line, server_line, held, text = m->reply.text;
	struct header header;

	wipe(m);
	client_line = m->client_line;
	server_line = m->server_line;
	held = m->held;
	header = m->header;
	memset(m, 0, sizeof(*m));
	m->candidates = candidates;
	m->queue = queue;
	m->client_line = client_line;
	m->server_line = server_line;
	m->held = held;
	m->header = header;
	m->reply.text = text;
	queue_clear(&m->queue);
	reply_clear(&m->reply);
}

void
smtp_start(struct smtp *m, const struct smtp_start *how)
{
	struct pending greeting = { .verb = VERB_GREETING, .n_replies = 1 };

	reset(m);
	m->how = *how;
	if (how->is_midstream) {
		queue_note_unseen(&m->queue, m->when);
		smtp_lost_enter(m);
		smtp_enter_server(m, SERVER_LOST);
	} else if (!how->is_greeted) {
		queue_push(&m->queue, &greeting);
	}
}

void
smtp_tell_tls(struct smtp *m, enum side from, struct bytes data, uint64_t missing)
{
	if (m->how.tls)
		m->how.tls(m->how.user, from, data, missing, m->when);
}

static void
trace(const struct smtp *m, const char *side, const char *from, const char *to)
{
	if (UNLIKELY(m->how.trace != NULL) && from != to)
		fprintf(m->how.trace, "smtp packet %llu %s: %s -> %s\n", (unsigned long long)m->when.packet, side, from,
			to);
}

/* The only writer of m->client. */
void
smtp_enter_client(struct smtp *m, enum client_state next)
{
	static const char *const names[] = { "commands", "held",   "body",  "chunk",        "lost", "tls due",
					     "tls",      "tunnel", "socks", "proxy header", "other" };

	trace(m, "client", names[m->client], names[next]);
	m->client = next;
}

/* The only writer of m->server. */
void
smtp_enter_server(struct smtp *m, enum server_state next)
{
	static const char *const names[] = { "replies",       "lost",  "tls",     "tunnel",
					     "tunnel header", "socks", "refused", "other" };

	trace(m, "server", names[m->server], names[next]);
	m->server = next;
}

void
smtp_emit(struct smtp *m, enum event_type type, enum side from, struct bytes text, uint64_t number)
{
	struct event e = { .type = type, .from = from, .when = m->when, .text = text, .number = number };

	m->how.event(m->how.user, &e);
}

/* What is no name of a host may be anything, also a secret. */
static struct bytes
printable(struct bytes text)
{
	size_t n = 0;

	while (n < text.len && text.p[n] >= ' ' && text.p[n] < 0x7f)
		n++;
	return bytes_head(text, n);
}

void
smtp_tell_proxy(struct smtp *m, enum side from, const char *kind, struct bytes text, unsigned code)
{
	struct event e = { .type = EVENT_PROXY, .from = from, .when = m->when, .text = printable(text), .code = code };

	e.verb = bytes_str(kind);
	m->how.event(m->how.user, &e);
}

static const char *const odd_words[] = {
#define ODD(id, word) word,
#include "decode/smtp_odd.def"
#undef ODD
};

void
smtp_odd(struct smtp *m, enum side from, enum odd what)
{
	uint64_t bit = UINT64_C(1) << (what * 2 + from);

	if (m->odd_said & bit)
		return;
	m->odd_said |= bit;
	smtp_emit(m, EVENT_ODD, from, bytes_str(odd_words[what]), 0);
}

void
smtp_odd_count(struct smtp *m, enum side from, enum odd what, uint64_t n)
{
	if (n > 0)
		smtp_emit(m, EVENT_ODD, from, bytes_str(odd_words[what]), n);
}

void
smtp_feed(struct smtp *m, enum side from, struct bytes data, struct when when)
{
	m->when = when;
	if (data.len == 0)
		return;
	if (from == SIDE_SERVER) {
		smtp_server_feed(m, data);
		return;
	}
	if (UNLIKELY(m->server_line.len > 0 || m->server == SERVER_LOST))
		smtp_server_settle(m);
	smtp_client_feed(m, data);
}

void
smtp_missing(struct smtp *m, enum side from, uint64_t n, struct when when)
{
	m->when = when;
	if (n == 0)
		return;
	smtp_emit(m, EVENT_MISSING, from, bytes_of(NULL, 0), n);
	if (from == SIDE_SERVER)
		smtp_server_missing(m, n);
	else
		smtp_client_missing(m, n);
}

void
smtp_finish(struct smtp *m)
{
	smtp_server_finish(m);
	smtp_client_finish(m);
}

struct smtp_unanswered
smtp_unanswered(const struct smtp *m)
{
	struct smtp_unanswered none = { NULL, { 0, 0 } };

	if (m->queue.has_lost_replies)
		return none;
	for (size_t i = 0; i < m->queue.n; i++) {
		const struct pending *p = queue_at(&m->queue, i);

		if (p->verb == VERB_UNSEEN)
			return none;
		if (p->verb != VERB_GREETING && p->verb != VERB_OTHER && p->verb != VERB_PROXY)
			return (struct smtp_unanswered){ smtp_verb_name(p->verb), p->when };
	}
	return none;
}
