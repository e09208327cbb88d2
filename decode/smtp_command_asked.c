/* A command of the client was read: it is told, it waits for its reply, and it may change what the next bytes are.
 * The table is smtp_commands.def. */
#include <string.h>

#include "decode/smtp_machine.h"

struct asked {
	struct bytes argument;
	struct pending pending;
};

static void
asked_nothing(struct smtp *m, struct asked *a)
{
	(void)m;
	(void)a;
}

static void
asked_hello(struct smtp *m, struct asked *a)
{
	(void)a;
	m->is_lmtp = false;
}

static void
asked_lhlo(struct smtp *m, struct asked *a)
{
	(void)a;
	m->is_lmtp = true;
}

static void
asked_mail(struct smtp *m, struct asked *a)
{
	(void)a;
	smtp_message_abort(m);
}

static void
asked_rset(struct smtp *m, struct asked *a)
{
	(void)a;
	smtp_message_abort(m);
}

static void
asked_data(struct smtp *m, struct asked *a)
{
	(void)a;
	smtp_enter_client(m, CLIENT_HELD);
}

static void
asked_starttls(struct smtp *m, struct asked *a)
{
	(void)a;
	smtp_enter_client(m, CLIENT_HELD);
}

/* The reply to the last chunk is the one to the message. */
static void
asked_bdat(struct smtp *m, struct asked *a)
{
	if (!smtp_chunk_parse(a->argument, &m->chunk_left, &m->is_last_chunk))
		return;
	smtp_enter_client(m, CLIENT_CHUNK);
	if (m->is_last_chunk)
		a->pending.verb = VERB_MESSAGE;
	if (m->is_last_chunk && m->is_lmtp)
		a->pending.n_replies = 0;
}

static void
tell_response(struct smtp *m, struct bytes mechanism)
{
	struct event e = { .type = EVENT_AUTH_RESPONSE, .from = SIDE_CLIENT, .when = m->when };

	e.verb = mechanism;
	e.text = auth_user(&m->auth);
	e.number = m->auth.n_responses;
	m->how.event(m->how.user, &e);
}

static void
asked_auth(struct smtp *m, struct asked *a)
{
	m->auth.serial = a->pending.serial;
	if (m->auth.has_initial)
		tell_response(m, a->argument);
}

void
smtp_auth_line(struct smtp *m, struct bytes line)
{
	if (auth_respond(&m->auth, line))
		tell_response(m, bytes_of(NULL, 0));
	else if (bytes_eq_str(bytes_trim(line), "*"))
		smtp_odd(m, SIDE_CLIENT, ODD_AUTH_CANCELLED);
}

static void
tell_command(struct smtp *m, const struct asked *a, struct bytes word)
{
	struct event e = { .type = EVENT_COMMAND, .from = SIDE_CLIENT, .when = m->when };

	e.verb = word;
	e.row = a->pending.verb;
	e.text = a->argument;
	e.serial = a->pending.serial;
	m->how.event(m->how.user, &e);
}

static uint8_t
shown(uint8_t c)
{
	if (c >= 'a' && c <= 'z')
		return (uint8_t)(c - ('a' - 'A'));
	return c > ' ' && c < 0x7f ? c : '?';
}

static void
keep_word(struct pending *p, struct bytes word)
{
	p->word_len = (uint8_t)(word.len < sizeof(p->word) ? word.len : sizeof(p->word));
	for (size_t i = 0; i < p->word_len; i++)
		p->word[i] = shown(word.p[i]);
}

/* What of the argument may be told. */
static struct bytes
showable(struct smtp *m, enum smtp_verb verb, struct bytes argument)
{
	switch (smtp_verb_argument(verb)) {
	case ARGUMENT_SECRET:
		return auth_begin(&m->auth, argument);
	case ARGUMENT_HIDDEN:
	case ARGUMENT_PSEUDO:
		return bytes_of(NULL, 0);
	case ARGUMENT_NONE:
	case ARGUMENT_OPEN:
	case ARGUMENT_MAYBE:
	case ARGUMENT_FROM:
	case ARGUMENT_TO:
	case ARGUMENT_SIZE:
		break;
	}
	return argument;
}

void
smtp_command_take(struct smtp *m, enum smtp_verb verb, struct bytes word, struct bytes argument)
{
	static void (*const asked[])(struct smtp *, struct asked *) = {
#define COMMAND(id, name, kind, phase, asked, replied) asked,
#include "decode/smtp_commands.def"
#undef COMMAND
	};
	struct asked a = { .argument = showable(m, verb, argument) };

	a.pending = (struct pending){ .verb = verb, .n_replies = 1, .serial = ++m->n_commands, .when = m->when };
	if (verb == VERB_OTHER)
		keep_word(&a.pending, word);
	tell_command(m, &a, verb == VERB_OTHER ? bytes_of(a.pending.word, a.pending.word_len) : smtp_verb_word(verb));
	asked[verb](m, &a);
	if (!queue_push(&m->queue, &a.pending))
		smtp_odd(m, SIDE_CLIENT, ODD_PIPELINE_OVERFLOW);
	if (m->client == CLIENT_CHUNK && m->chunk_left == 0) {
		smtp_enter_client(m, CLIENT_COMMANDS);
		if (m->is_last_chunk)
			smtp_message_end(m);
	}
}
