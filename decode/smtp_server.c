/* In: what the server sends. Out: greeting and reply events, each with the command that it answers. What a reply
 * changes for the client's bytes is in smtp_command_replied.c. */
#include "base/attr.h"
#include "decode/detect.h"
#include "decode/smtp_machine.h"

static bool
is_tls_record(uint8_t first)
{
	return first >= 0x14 && first <= 0x17; /* RFC 8446 section 5.1: content types; none of them begins a reply */
}

static void
emit_capabilities(struct smtp *m, const struct reply_builder *r)
{
	struct event e = { .type = EVENT_CAPABILITY, .from = SIDE_SERVER, .when = m->when };

	for (size_t i = 1; i < r->n_lines && i < SMTP_REPLY_LINES_MAX; i++) {
		e.text = reply_text_line(r, i);
		if (e.text.len > 0)
			m->how.event(m->how.user, &e);
	}
}

static struct bytes
pending_word(const struct pending *p)
{
	if (p->verb == VERB_OTHER)
		return bytes_of(p->word, p->word_len);
	return smtp_verb_word(p->verb);
}

/* p: what it answers; NULL when nobody knows. */
static void
emit_reply(struct smtp *m, const struct reply_builder *r, const struct pending *p)
{
	struct event e = { .type = EVENT_REPLY, .from = SIDE_SERVER, .when = m->when };

	e.code = r->code;
	e.text = reply_text(r);
	e.enhanced = reply_enhanced(r);
	e.row = p ? p->verb : VERB_UNSEEN;
	if (p && p->verb == VERB_GREETING) {
		e.type = EVENT_GREETING;
	} else if (p) {
		e.verb = pending_word(p);
		e.serial = p->serial;
		e.asked = p->when;
	}
	if (p && (p->verb == VERB_EHLO || p->verb == VERB_LHLO) && r->code / 100 == 2)
		emit_capabilities(m, r);
	m->how.event(m->how.user, &e);
}

/* Some of the dialogue is missing, and yet the code can only answer one thing. */
static bool
guess_pending(const struct smtp *m, const struct reply_builder *r, struct pending *p)
{
	bool is_message = (m->client == CLIENT_BODY || m->client == CLIENT_CHUNK) && r->code != 421 &&
			  r->code / 100 != 3;
	bool is_gap = m->client == CLIENT_LOST && m->queue.n > 0;

	*p = (struct pending){ .verb = VERB_UNSEEN };
	if (is_message && m->is_in_message)
		p->verb = VERB_MESSAGE;
	else if (is_gap && r->code == 354)
		p->verb = VERB_DATA;
	else if (is_gap && (r->code == 334 || r->code == 235 || r->code == 535))
		p->verb = VERB_AUTH;
	return p->verb != VERB_UNSEEN;
}

static void
complete(struct smtp *m)
{
	struct reply_builder *r = &m->reply;
	struct pending p;
	bool is_known;

	m->n_replies++;
	if (m->client == CLIENT_LOST)
		smtp_lost_confirm(m, r);
	queue_set_owed(&m->queue, m->n_accepted);
	is_known = queue_answer(&m->queue, r, &p) || guess_pending(m, r, &p);
	if (!is_known)
		p = (struct pending){ .verb = VERB_UNSEEN };
	if (p.verb == VERB_MESSAGE && (r->code / 100 == 2 || (r->code != 421 && m->body.is_lenient_end)))
		smtp_message_settle(m);
	if (p.verb == VERB_GREETING && m->n_commands > 0)
		smtp_odd(m, SIDE_CLIENT, ODD_EARLY_TALKER);
	if (!is_known && m->queue.n == 0)
		smtp_odd(m, SIDE_SERVER, m->client == CLIENT_TLS_DUE ? ODD_CLEAR_BEFORE_TLS : ODD_REPLY_UNEXPECTED);
	emit_reply(m, r, is_known ? &p : NULL);
	smtp_command_replied(m, &p, r);
	reply_clear(r);
}

static void
not_smtp(struct smtp *m, struct bytes line)
{
	smtp_emit(m, EVENT_NOT_SMTP, SIDE_SERVER, bytes_str(detect_protocol(line)), 0);
	smtp_enter_server(m, SERVER_OTHER);
}

/* After a gap inside a reply of several lines: is this its next line, or already another reply? */
static bool
continues(const struct smtp *m, const struct reply_line *line)
{
	if (!m->reply.has_gap)
		return true;
	return line->code == m->reply.code && (!line->is_last || reply_is_capability(line->text));
}

static void
take_reply_line(struct smtp *m, const struct reply_line *line)
{
	struct reply_builder *r = &m->reply;

	if (r->code != 0 && !continues(m, line)) {
		smtp_odd(m, SIDE_SERVER, ODD_REPLY_CUT);
		complete(m);
	}
	if (r->code != 0 && r->code != line->code)
		smtp_odd(m, SIDE_SERVER, ODD_REPLY_CODES_DIFFER);
	if (!line->is_well_formed)
		smtp_odd(m, SIDE_SERVER, ODD_REPLY_MALFORMED);
	if (line->is_last && r->n_lines == 0)
		reply_lend(r, line);
	else
		reply_add(r, line);
	if (line->is_last)
		complete(m);
}

static void
take_text_line(struct smtp *m, const struct reply_line *line, struct bytes text)
{
	const struct pending *head = queue_at(&m->queue, 0);

	if (m->server == SERVER_LOST || text.len == 0)
		return;
	if (m->reply.code != 0) {
		smtp_odd(m, SIDE_SERVER, ODD_REPLY_MALFORMED);
		reply_add(&m->reply, line);
	} else if (m->n_replies == 0 && head && head->verb == VERB_GREETING) {
		not_smtp(m, text);
	} else {
		smtp_odd(m, SIDE_SERVER, ODD_REPLY_MALFORMED);
	}
}

/* After a gap the line may lack its beginning: digits alone are not enough. */
static bool
is_trusted(const struct reply_line *line, struct bytes text)
{
	return line->is_well_formed && text.len > 3 && line->code >= 200 && line->code < 600;
}

/* One line, without its line end. */
static void
take_line(struct smtp *m, struct bytes text)
{
	struct reply_line line = reply_line_parse(text);
	bool is_reply = line.has_code && (m->server == SERVER_REPLIES || is_trusted(&line, text));

	if (UNLIKELY(m->server != SERVER_REPLIES && m->server != SERVER_LOST)) {
		if (m->server == SERVER_OTHER || m->server == SERVER_TLS || smtp_tunnel_server_line(m, text))
			return;
		is_reply = line.has_code;
	}
	if (!is_reply) {
		take_text_line(m, &line, text);
		return;
	}
	if (m->server == SERVER_LOST) {
		smtp_enter_server(m, SERVER_REPLIES);
		smtp_emit(m, EVENT_RESYNC, SIDE_SERVER, bytes_of(NULL, 0), 0);
	}
	take_reply_line(m, &line);
}

/* Servers that end lines with a lone CR: cut there, but only where a reply follows. */
static void
take_raw_line(struct smtp *m, struct bytes raw)
{
	while (raw.len > 0) {
		size_t end = 0;

		for (;;) {
			struct bytes next;

			end += bytes_find(bytes_from(raw, end), '\r');
			next = bytes_from(raw, end + 1);
			if (end >= raw.len || next.len == 0 || reply_line_parse(next).is_well_formed)
				break;
			end++;
		}
		if (end < raw.len)
			smtp_odd(m, SIDE_SERVER, ODD_BARE_CR);
		take_line(m, bytes_head(raw, end));
		raw = bytes_from(raw, end + 1);
	}
}

static struct bytes
without_crs(struct bytes raw)
{
	while (raw.len > 0 && raw.p[raw.len - 1] == '\r')
		raw.len--;
	return raw;
}

static void
end_line(struct smtp *m, struct bytes raw)
{
	if (m->server_line.n_cut > 0)
		smtp_odd(m, SIDE_SERVER, ODD_REPLY_CUT);
	else if (m->server == SERVER_REPLIES && (raw.len == 0 || raw.p[raw.len - 1] != '\r'))
		smtp_odd(m, SIDE_SERVER, ODD_BARE_LF);
	raw = without_crs(raw);
	if (bytes_find(raw, '\r') < raw.len)
		take_raw_line(m, raw);
	else
		take_line(m, raw);
}

static void
begin_tls(struct smtp *m, uint8_t content_type)
{
	if (content_type == 0x15 && m->client != CLIENT_LOST)
		smtp_odd(m, SIDE_SERVER, ODD_TLS_ALERT);
	else
		smtp_emit(m, EVENT_TLS_START, SIDE_SERVER, bytes_of(NULL, 0), 0);
	queue_clear(&m->queue);
	reply_clear(&m->reply);
	smtp_enter_server(m, SERVER_TLS);
}

/* TLS may begin where a line would: never in the middle of one, nor in a reply of several lines. */
static bool
can_begin_tls(const struct smtp *m)
{
	if (m->server_line.len > 0 || m->reply.code != 0)
		return false;
	if (m->server == SERVER_LOST)
		return m->how.is_midstream && !m->has_spoken[SIDE_SERVER];
	return m->client == CLIENT_TLS || m->client == CLIENT_TLS_DUE || m->n_replies == 0;
}

void
smtp_server_feed(struct smtp *m, struct bytes data)
{
	while (data.len > 0 && m->server != SERVER_TLS && m->server != SERVER_OTHER) {
		struct bytes raw;
		bool is_whole;
		size_t used;

		if (is_tls_record(data.p[0]) && can_begin_tls(m)) {
			begin_tls(m, data.p[0]);
			break;
		}
		if (UNLIKELY(m->server == SERVER_SOCKS)) {
			data = bytes_from(data, smtp_socks_server_feed(m, data));
			continue;
		}
		m->has_spoken[SIDE_SERVER] = true;
		used = line_plain(&m->server_line, data, &raw);
		if (LIKELY(used > 0)) {
			if (m->server != SERVER_REPLIES || !reply_add_next(&m->reply, raw))
				take_line(m, raw);
			data = bytes_from(data, used);
			continue;
		}
		data = bytes_from(data, line_take(&m->server_line, data, &raw, &is_whole));
		if (!is_whole)
			return;
		end_line(m, raw);
		line_wipe(&m->server_line);
	}
	if (m->server == SERVER_TLS && data.len > 0)
		smtp_tell_tls(m, SIDE_SERVER, data, 0);
}

void
smtp_server_settle(struct smtp *m)
{
	struct bytes raw = line_bytes(&m->server_line);

	if (raw.len >= 4 && raw.p[raw.len - 1] == '\r' && reply_line_parse(raw).is_well_formed) {
		take_raw_line(m, without_crs(raw));
		line_wipe(&m->server_line);
	}
	if (m->server == SERVER_LOST && m->reply.code != 0)
		complete(m); /* its last lines are missing: the client would not go on before them */
}

/* The rest of a line is missing. Its code is here, and whether it is the last one of its reply. */
static void
take_cut_line(struct smtp *m)
{
	struct bytes raw = without_crs(line_bytes(&m->server_line));
	struct reply_line line = reply_line_parse(raw);

	if (m->server != SERVER_REPLIES && m->server != SERVER_LOST)
		return;
	if (!is_trusted(&line, raw))
		return;
	if (m->server == SERVER_LOST) {
		smtp_enter_server(m, SERVER_REPLIES);
		smtp_emit(m, EVENT_RESYNC, SIDE_SERVER, bytes_of(NULL, 0), 0);
	}
	smtp_odd(m, SIDE_SERVER, ODD_REPLY_CUT);
	if (line.code == 250) /* half a keyword or queue id would be another one */
		line.text = bytes_of(NULL, 0);
	take_reply_line(m, &line);
}

void
smtp_server_missing(struct smtp *m, uint64_t n)
{
	take_cut_line(m);
	line_wipe(&m->server_line);
	queue_note_lost_replies(&m->queue);
	m->reply.has_gap = m->reply.code != 0;
	if (m->server == SERVER_REPLIES || m->server == SERVER_TUNNEL || m->server == SERVER_TUNNEL_HEADER ||
	    m->server == SERVER_SOCKS)
		smtp_enter_server(m, SERVER_LOST);
	if (m->client == CLIENT_TLS || m->client == CLIENT_TLS_DUE)
		smtp_enter_server(m, SERVER_TLS);
	if (m->server == SERVER_TLS)
		smtp_tell_tls(m, SIDE_SERVER, bytes_of(NULL, 0), n);
}

void
smtp_server_finish(struct smtp *m)
{
	struct bytes raw = without_crs(line_bytes(&m->server_line));

	if (raw.len >= 3 && reply_line_parse(raw).is_well_formed && m->server == SERVER_REPLIES) {
		smtp_odd(m, SIDE_SERVER, ODD_REPLY_CUT);
		take_raw_line(m, raw);
	}
	line_wipe(&m->server_line);
	if (m->reply.code != 0 && m->server != SERVER_TLS) {
		smtp_odd(m, SIDE_SERVER, ODD_REPLY_CUT);
		complete(m);
	}
}
