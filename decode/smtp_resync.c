/* Finding the place again after missing bytes, or when the capture begins in the middle. A line that looks like a
 * command proves nothing: messages quote commands. What proves it is the server: it answers, and the client has
 * sent nothing after that line. So the last lines that look like commands are kept until the next reply. */
#include <string.h>

#include "base/alloc.h"
#include "decode/smtp_machine.h"

static void
forget_first(struct smtp *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		line_fini(&m->candidates[i].argument);
	memmove(m->candidates, m->candidates + n, (m->n_candidates - n) * sizeof(m->candidates[0]));
	m->n_candidates -= n;
}

void
smtp_lost_forget(struct smtp *m)
{
	if (m->n_candidates > 0)
		forget_first(m, m->n_candidates);
}

void
smtp_lost_enter(struct smtp *m)
{
	smtp_lost_forget(m);
	if (m->client != CLIENT_LOST)
		m->n_lost_bytes = 0;
	m->is_fragment = true;
	if (m->client != CLIENT_LOST)
		queue_note_unseen(&m->queue, m->when);
	smtp_enter_client(m, CLIENT_LOST);
}

static void
add_candidate(struct smtp *m, enum smtp_verb verb, struct bytes argument)
{
	struct candidate *c;

	if (!m->candidates)
		m->candidates = mem_new_array(SMTP_CANDIDATES_MAX, sizeof(*m->candidates));
	if (m->n_candidates == SMTP_CANDIDATES_MAX)
		forget_first(m, 1);
	c = &m->candidates[m->n_candidates++];
	c->verb = verb;
	c->when = m->when;
	line_init(&c->argument, SMTP_LINE_MAX);
	if (verb == VERB_AUTH)
		argument = bytes_split(&argument, ' '); /* the mechanism; the rest is a secret */
	line_add(&c->argument, argument);
}

void
smtp_lost_line(struct smtp *m, struct bytes line, bool is_whole_line)
{
	struct smtp_command c = smtp_command_parse(line);

	if (is_whole_line && bytes_eq_str(line, "."))
		add_candidate(m, VERB_MESSAGE, bytes_of(NULL, 0));
	else if (smtp_command_is_plausible(&c))
		add_candidate(m, c.verb, c.argument);
	else
		smtp_lost_forget(m);
}

/* What is whole of the argument: half an address or a name would be another one. */
static struct bytes
whole_part(enum smtp_verb verb, struct bytes argument)
{
	size_t colon = bytes_find(argument, ':');

	if ((verb == VERB_MAIL || verb == VERB_RCPT) && colon < argument.len)
		return bytes_find(argument, '>') < argument.len ? argument : bytes_head(argument, colon + 1);
	return bytes_of(NULL, 0);
}

/* The rest of the line is missing. */
void
smtp_lost_cut_line(struct smtp *m, struct bytes line)
{
	struct smtp_command c = smtp_command_parse(line);

	if (smtp_command_is_plausible(&c) && c.argument.len > 0)
		add_candidate(m, c.verb, whole_part(c.verb, c.argument));
}

/* The first candidate that can have been a command, given the reply. */
static size_t
choose_first(const struct smtp *m, const struct reply_builder *r)
{
	size_t first = 0;

	for (size_t i = 0; i < m->n_candidates; i++)
		if (queue_fit(m->candidates[i].verb, r) == FIT_SURE)
			return i;
	for (size_t i = 0; i < m->n_candidates; i++)
		if (m->candidates[i].verb == VERB_MESSAGE)
			first = i; /* what comes before a final dot is text */
	while (first < m->n_candidates && queue_fit(m->candidates[first].verb, r) == FIT_NO)
		first++;
	return first;
}

static void
take_candidate(struct smtp *m, const struct candidate *c)
{
	m->when = c->when;
	if (c->verb != VERB_MESSAGE) {
		smtp_command_take(m, c->verb, bytes_str(smtp_verb_name(c->verb)), line_bytes(&c->argument));
		return;
	}
	smtp_message_begin(m);
	smtp_message_missing(m, m->n_lost_bytes);
	smtp_enter_client(m, CLIENT_COMMANDS);
	smtp_message_end(m);
}

void
smtp_lost_confirm(struct smtp *m, const struct reply_builder *r)
{
	struct when now = m->when;
	size_t first = choose_first(m, r);

	if (first == m->n_candidates || m->client_line.len > 0) {
		smtp_lost_forget(m);
		return;
	}
	queue_clear(&m->queue);
	smtp_enter_client(m, CLIENT_COMMANDS);
	m->when = m->candidates[first].when;
	smtp_emit(m, EVENT_RESYNC, SIDE_CLIENT, bytes_of(NULL, 0), 0);
	for (size_t i = first; i < m->n_candidates; i++)
		take_candidate(m, &m->candidates[i]);
	smtp_lost_forget(m);
	m->when = now;
}
