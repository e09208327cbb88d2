/* In: what the client sends. Decides for each byte whether it belongs to a command, a secret, a message or TLS, and
 * hands it on. What commands mean is in smtp_command_asked.c. */
#include "decode/smtp_client.h"

#include "base/attr.h"
#include "decode/detect.h"
#include "decode/smtp_machine.h"

static bool
is_tls_record(uint8_t first)
{
	return first >= 0x14 && first <= 0x17;
}

/* RFC 5246 E.2: a length whose highest bit is set. Never the beginning of a command. */
static bool
is_v2_hello(uint8_t first)
{
	return first & 0x80;
}

static void
begin_tls(struct smtp *m)
{
	smtp_emit(m, EVENT_TLS_START, SIDE_CLIENT, bytes_of(NULL, 0), 0);
	if (m->n_replies > 0) /* else a greeting may still come, in clear */
		queue_clear(&m->queue);
	m->auth.state = AUTH_NONE;
	smtp_enter_client(m, CLIENT_TLS);
}

static size_t
feed_tls(struct smtp *m, struct bytes data)
{
	smtp_tell_tls(m, SIDE_CLIENT, data, 0);
	return data.len;
}

/* The dialogue has not begun and this is not how it begins. */
static void
note_first_line(struct smtp *m, struct bytes line)
{
	const char *protocol = detect_protocol(line);

	if (protocol[0] == '\0')
		return;
	smtp_emit(m, EVENT_NOT_SMTP, SIDE_CLIENT, bytes_str(protocol), 0);
	smtp_enter_client(m, CLIENT_OTHER);
}

static void
take_command_line(struct smtp *m, struct bytes line)
{
	struct smtp_command c = smtp_command_parse(line);
	bool is_first = m->n_commands == 0;

	if (is_first && (smtp_tunnel_begins(m, line) || smtp_proxy_header_line(m, line)))
		return;
	if (c.word.len == 0)
		return;
	if (is_first && c.verb == VERB_OTHER && m->server == SERVER_OTHER) {
		note_first_line(m, line);
		return;
	}
	queue_note_progress(&m->queue);
	smtp_command_take(m, c.verb, c.word, c.argument);
	if (is_first && c.verb == VERB_OTHER)
		note_first_line(m, line);
}

/* May the line be a command although AUTH is not over? Base64 has no blanks and no colons. */
static bool
is_surely_command(const struct smtp *m, struct bytes line)
{
	struct smtp_command c = smtp_command_parse(line);

	return smtp_command_is_plausible(&c) && (c.argument.len > 0 || m->auth.is_said);
}

static void
take_line(struct smtp *m, struct bytes line, bool is_fragment)
{
	if (m->client == CLIENT_TUNNEL)
		smtp_tunnel_client_line(m, line);
	else if (m->auth.state == AUTH_CHALLENGED || (m->auth.state == AUTH_ASKED && !is_surely_command(m, line)))
		smtp_auth_line(m, line);
	else if (m->client == CLIENT_LOST)
		smtp_lost_line(m, line, !is_fragment);
	else
		take_command_line(m, line);
}

static void
note_line_end(struct smtp *m, struct bytes raw)
{
	if (m->client_line.n_cut > 0)
		smtp_odd(m, SIDE_CLIENT, ODD_COMMAND_CUT);
	else if (raw.len == 0 || raw.p[raw.len - 1] != '\r')
		smtp_odd(m, SIDE_CLIENT, ODD_BARE_LF);
	else if (bytes_find(raw, '\r') + 1 < raw.len)
		smtp_odd(m, SIDE_CLIENT, ODD_BARE_CR);
}

/* As line_plain, for a line that is cut, or ends in another way. */
static size_t
take_odd_line(struct smtp *m, struct bytes data, struct bytes *line, bool *is_whole)
{
	size_t used = line_take(&m->client_line, data, line, is_whole);

	if (*is_whole && m->client == CLIENT_COMMANDS)
		note_line_end(m, *line);
	while (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return used;
}

static size_t
feed_lines(struct smtp *m, struct bytes data)
{
	bool is_fragment = m->is_fragment, is_whole = true;
	struct bytes line;
	size_t used = line_plain(&m->client_line, data, &line);

	if (UNLIKELY(used == 0))
		used = take_odd_line(m, data, &line, &is_whole);
	if (m->client == CLIENT_LOST)
		m->n_lost_bytes += used;
	if (!is_whole)
		return used;
	m->is_fragment = false;
	take_line(m, line, is_fragment);
	line_wipe(&m->client_line);
	return used;
}

/* No command begins with a control character. */
static bool
begins_otherwise(struct smtp *m, uint8_t first)
{
	bool is_first = !m->has_spoken[SIDE_CLIENT] && !m->how.is_greeted;

	if (first != 0x16)
		return is_first && (smtp_socks_begins(m, first) || smtp_proxy_header_begins(m, first));
	begin_tls(m);
	return true;
}

static size_t
feed_commands(struct smtp *m, struct bytes data)
{
	bool is_begin = m->client_line.len == 0 && m->client_line.n_cut == 0;

	if (UNLIKELY(data.p[0] < ' ' && is_begin) && begins_otherwise(m, data.p[0]))
		return 0;
	return feed_lines(m, data);
}

static size_t
feed_tls_due(struct smtp *m, struct bytes data)
{
	if (is_tls_record(data.p[0]) || is_v2_hello(data.p[0])) {
		begin_tls(m);
		return 0;
	}
	smtp_odd(m, SIDE_CLIENT, ODD_CLEAR_AFTER_STARTTLS);
	smtp_enter_client(m, CLIENT_COMMANDS);
	return feed_commands(m, data);
}

/* Text has no control characters; what is encrypted or compressed has many. */
static bool
looks_binary(struct smtp *m, struct bytes data)
{
	for (size_t i = 0; i < data.len && m->n_lost_looked_at < SMTP_LOST_LOOK; i++) {
		uint8_t c = data.p[i];

		m->n_lost_looked_at++;
		m->n_lost_control += c < ' ' && c != '\r' && c != '\n' && c != '\t' && c != 0x1b;
	}
	return m->n_lost_control * 25 > SMTP_LOST_LOOK; /* 4 %; random bytes have 11 % */
}

/* Looked at before the line is taken, so that it makes no difference where the line was cut. */
static size_t
feed_lost(struct smtp *m, struct bytes data)
{
	if (m->how.is_midstream && !m->has_spoken[SIDE_CLIENT] && is_tls_record(data.p[0])) {
		begin_tls(m);
		return 0;
	}
	if (!looks_binary(m, bytes_head(data, bytes_find(data, '\n') + 1)))
		return feed_lines(m, data);
	smtp_emit(m, EVENT_NOT_SMTP, SIDE_CLIENT, bytes_str("binary"), 0);
	line_wipe(&m->client_line);
	smtp_enter_client(m, CLIENT_OTHER);
	return data.len;
}

static size_t
feed_body(struct smtp *m, struct bytes data)
{
	size_t used = smtp_message_feed(m, data);

	if (m->body.state != BODY_ENDED)
		return used;
	smtp_enter_client(m, CLIENT_COMMANDS);
	smtp_message_end(m);
	return used;
}

static void
end_chunk(struct smtp *m)
{
	smtp_enter_client(m, CLIENT_COMMANDS);
	if (m->is_last_chunk)
		smtp_message_end(m);
}

static size_t
feed_chunk(struct smtp *m, struct bytes data)
{
	struct bytes mine = data.len > m->chunk_left ? bytes_head(data, (size_t)m->chunk_left) : data;

	smtp_message_feed_chunk(m, mine);
	m->chunk_left -= mine.len;
	if (m->chunk_left == 0)
		end_chunk(m);
	return mine.len;
}

/* The verb whose reply the held bytes wait for. */
static enum smtp_verb
awaited(const struct smtp *m)
{
	for (size_t i = m->queue.n; i > 0; i--) {
		enum smtp_verb verb = queue_at(&m->queue, i - 1)->verb;

		if (verb == VERB_DATA || verb == VERB_STARTTLS)
			return verb;
	}
	return VERB_OTHER;
}

/* The reply will not come, or may have been missed: what the held bytes are must be seen from themselves. */
static void
decide_held(struct smtp *m)
{
	struct bytes held = line_bytes(&m->held), line = bytes_head(held, bytes_find(held, '\n'));
	enum smtp_verb verb = awaited(m);
	struct smtp_command c;

	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	c = smtp_command_parse(line);
	if (verb == VERB_STARTTLS && held.len > 0 && is_tls_record(held.p[0]))
		smtp_enter_client(m, CLIENT_TLS_DUE);
	else if (verb == VERB_DATA && !(smtp_command_is_plausible(&c) && held.len < SMTP_HELD_MAX))
		smtp_message_begin(m);
	else
		smtp_enter_client(m, CLIENT_COMMANDS);
	if (m->queue.has_lost_replies)
		queue_clear(&m->queue); /* the client goes on: all of them were answered */
	smtp_client_release(m);
}

static bool
can_decide(const struct smtp *m)
{
	struct bytes held = line_bytes(&m->held);

	if (held.len == SMTP_HELD_MAX)
		return true;
	return m->queue.has_lost_replies && (bytes_find(held, '\n') < held.len || is_tls_record(held.p[0]));
}

static size_t
feed_held(struct smtp *m, struct bytes data)
{
	size_t room = SMTP_HELD_MAX - m->held.len;
	struct bytes mine = bytes_head(data, room);

	if (m->held.len > 0 &&
	    can_decide(m)) { /* since replies were lost; what is held is read without the new bytes */
		decide_held(m);
		return 0;
	}
	if (m->held.len == 0)
		m->held_since = m->when;
	if (m->queue.has_lost_replies && bytes_find(mine, '\n') < mine.len)
		mine = bytes_head(mine, bytes_find(mine, '\n') + 1); /* decided at the same byte wherever it is cut */
	line_add(&m->held, mine);
	if (can_decide(m))
		decide_held(m);
	return mine.len;
}

static size_t
feed_ignored(struct smtp *m UNUSED, struct bytes data)
{
	return data.len;
}

void
smtp_client_feed(struct smtp *m, struct bytes data)
{
	static size_t (*const feeds[])(struct smtp *, struct bytes) = {
		[CLIENT_COMMANDS] = feed_commands,
		[CLIENT_HELD] = feed_held,
		[CLIENT_BODY] = feed_body,
		[CLIENT_CHUNK] = feed_chunk,
		[CLIENT_LOST] = feed_lost,
		[CLIENT_TLS_DUE] = feed_tls_due,
		[CLIENT_TLS] = feed_tls,
		[CLIENT_TUNNEL] = feed_lines,
		[CLIENT_SOCKS] = smtp_socks_client_feed,
		[CLIENT_PROXY_HEADER] = smtp_proxy_header_feed,
		[CLIENT_OTHER] = feed_ignored,
	};

	while (data.len > 0) {
		size_t used = feeds[m->client](m, data);

		m->has_spoken[SIDE_CLIENT] = true;
		data = bytes_from(data, used);
	}
}

/* Reads held bytes again. They can be held once more, but then at least one command of them is used up. */
void
smtp_client_release(struct smtp *m)
{
	struct line held = m->held;
	struct when now = m->when;

	if (held.len == 0)
		return;
	line_init(&m->held, SMTP_HELD_MAX);
	m->when = m->held_since;
	smtp_client_feed(m, line_bytes(&held));
	m->when = now;
	line_fini(&held);
}

static void
chunk_missing(struct smtp *m, uint64_t n)
{
	uint64_t mine = n < m->chunk_left ? n : m->chunk_left;

	smtp_message_missing(m, mine);
	m->chunk_left -= mine;
	if (m->chunk_left > 0)
		return;
	end_chunk(m);
	if (n > mine)
		smtp_lost_enter(m);
}

/* The beginning of a line is here and its end is not: it may be a command all the same. */
static void
lose_commands(struct smtp *m, uint64_t n)
{
	struct line cut = m->client_line;

	line_init(&m->client_line, SMTP_LINE_MAX);
	smtp_lost_enter(m);
	m->n_lost_bytes += n;
	if (cut.len > 0)
		smtp_lost_cut_line(m, line_bytes(&cut));
	line_fini(&cut);
}

static bool
is_before_dialogue(const struct smtp *m)
{
	return m->client == CLIENT_TUNNEL || m->client == CLIENT_SOCKS || m->client == CLIENT_PROXY_HEADER;
}

void
smtp_client_missing(struct smtp *m, uint64_t n)
{
	if (m->auth.state != AUTH_NONE || is_before_dialogue(m))
		line_wipe(&m->client_line);
	m->auth.mechanism = AUTH_OTHER; /* which response would come next is not known any more */
	if (m->client == CLIENT_HELD)
		decide_held(m);
	switch (m->client) {
	case CLIENT_BODY:
		smtp_message_missing(m, n);
		break;
	case CLIENT_CHUNK:
		chunk_missing(m, n);
		break;
	case CLIENT_TLS_DUE:
		begin_tls(m);
		smtp_tell_tls(m, SIDE_CLIENT, bytes_of(NULL, 0), n);
		break;
	case CLIENT_TLS:
		smtp_tell_tls(m, SIDE_CLIENT, bytes_of(NULL, 0), n);
		break;
	case CLIENT_OTHER:
		break;
	case CLIENT_COMMANDS:
	case CLIENT_HELD:
	case CLIENT_LOST:
	case CLIENT_TUNNEL:
	case CLIENT_SOCKS:
	case CLIENT_PROXY_HEADER:
		lose_commands(m, n);
		break;
	}
	line_wipe(&m->client_line);
}

void
smtp_client_finish(struct smtp *m)
{
	if (m->client == CLIENT_HELD && m->held.len > 0)
		decide_held(m);
	if (m->client == CLIENT_COMMANDS && m->client_line.len > 0)
		smtp_odd(m, SIDE_CLIENT, ODD_COMMAND_CUT);
	line_wipe(&m->client_line);
}
