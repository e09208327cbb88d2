/* The message that is being sent, by DATA or BDAT: its header fields and what is unusual about it become events, its
 * bytes are counted and dropped. */
#include "decode/smtp_machine.h"

static void
tell_field(void *user, unsigned row, struct bytes name, struct bytes value, uint64_t n)
{
	struct smtp *m = user;
	struct event e = { .type = EVENT_HEADER, .from = SIDE_CLIENT, .when = m->when, .number = n };

	e.verb = name;
	e.row = row;
	e.text = value;
	m->how.event(m->how.user, &e);
}

static struct header_sink
header_sink(struct smtp *m)
{
	return (struct header_sink){ m, tell_field };
}

static void
begin(struct smtp *m)
{
	m->is_in_message = true;
	m->is_message_lossy = false;
	m->early_replies = 0;
	header_start(&m->header);
}

void
smtp_message_begin(struct smtp *m)
{
	begin(m);
	body_start(&m->body);
	smtp_enter_client(m, CLIENT_BODY);
}

size_t
smtp_message_feed(struct smtp *m, struct bytes data)
{
	size_t used = body_feed(&m->body, data);

	if (m->header.is_open) {
		struct header_sink sink = header_sink(m);

		header_feed(&m->header, bytes_head(data, used), &sink);
	}
	return used;
}

void
smtp_message_feed_chunk(struct smtp *m, struct bytes data)
{
	if (!m->is_in_message) {
		begin(m);
		body_start_chunked(&m->body);
	}
	smtp_message_feed(m, data);
}

void
smtp_message_missing(struct smtp *m, uint64_t n)
{
	struct header_sink sink = header_sink(m);

	if (n == 0)
		return;
	smtp_message_feed_chunk(m, bytes_of(NULL, 0));
	header_finish(&m->header, &sink);
	body_missing(&m->body, n);
	m->is_message_lossy = true;
}

static void
tell_oddities(struct smtp *m, const struct body *b)
{
	smtp_odd_count(m, SIDE_CLIENT, ODD_BODY_BARE_LF, b->n_bare_lf);
	smtp_odd_count(m, SIDE_CLIENT, ODD_BODY_BARE_CR, b->n_bare_cr);
	smtp_odd_count(m, SIDE_CLIENT, ODD_LINE_TOO_LONG, b->n_long_lines);
	smtp_odd_count(m, SIDE_CLIENT, ODD_EIGHT_BIT, b->n_high);
	smtp_odd_count(m, SIDE_CLIENT, ODD_NUL, b->n_nul);
	smtp_odd_count(m, SIDE_CLIENT, ODD_SMUGGLING, b->n_smuggling);
}

void
smtp_message_end(struct smtp *m)
{
	struct pending p = { .verb = VERB_MESSAGE, .n_replies = m->is_lmtp ? 0 : 1, .when = m->when };
	struct header_sink sink = header_sink(m);
	bool is_owed;

	if (!m->is_in_message) /* BDAT 0 LAST, and nothing else */
		smtp_message_feed_chunk(m, bytes_of(NULL, 0));
	is_owed = !m->body.is_chunked && m->early_replies == 0;
	header_finish(&m->header, &sink);
	tell_oddities(m, &m->body);
	smtp_emit(m, EVENT_MESSAGE_END, SIDE_CLIENT, bytes_of(NULL, 0), body_size(&m->body));
	m->is_in_message = false;
	if (!is_owed)
		return;
	queue_note_progress(&m->queue);
	if (!queue_push(&m->queue, &p))
		smtp_odd(m, SIDE_CLIENT, ODD_PIPELINE_OVERFLOW);
}

void
smtp_message_settle(struct smtp *m)
{
	bool is_lossy = m->is_message_lossy;

	if (m->client != CLIENT_BODY || (!is_lossy && !m->body.is_lenient_end))
		return;
	m->early_replies++;
	smtp_enter_client(m, CLIENT_COMMANDS);
	smtp_message_end(m);
	if (is_lossy)
		smtp_lost_enter(m);
}

void
smtp_message_abort(struct smtp *m)
{
	m->is_in_message = false;
	header_abort(&m->header);
}

uint64_t
smtp_message_so_far(const struct smtp *m)
{
	return m->is_in_message ? body_size(&m->body) : 0;
}
