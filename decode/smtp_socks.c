/* SMTP through a SOCKS proxy: a few messages of known length on each side, then the dialogue begins. The bytes of a
 * message wait in the line of their side until it is whole; a login is wiped without a look into it. */
#include "base/attr.h"
#include "decode/smtp_machine.h"
#include "decode/socks.h"

/* It is no SOCKS, or none that can be followed. */
static void
give_up(struct smtp *m)
{
	line_wipe(&m->client_line);
	line_wipe(&m->server_line);
	smtp_emit(m, EVENT_NOT_SMTP, SIDE_CLIENT, bytes_str("socks"), 0);
	smtp_enter_client(m, CLIENT_OTHER);
	smtp_enter_server(m, SERVER_OTHER);
}

static const char *
kind(const struct smtp *m)
{
	return m->socks.version == 4 ? "socks4" : "socks5";
}

bool
smtp_socks_begins(struct smtp *m, uint8_t first)
{
	if ((first != 4 && first != 5) || m->has_spoken[SIDE_SERVER] || m->server != SERVER_REPLIES)
		return false;
	m->socks = (struct socks){ .version = first, .client = SOCKS4_REQUEST, .server = SOCKS4_REPLY };
	if (first == 5) {
		m->socks.client = SOCKS_HELLO;
		m->socks.server = SOCKS_METHOD;
	}
	smtp_enter_client(m, CLIENT_SOCKS);
	smtp_enter_server(m, SERVER_SOCKS);
	return true;
}

static void
take_request(struct smtp *m, struct bytes message)
{
	struct buf target;

	buf_init(&target, SOCKS_TARGET_MAX);
	if (socks_target(message, &target) != 0) {
		smtp_tell_proxy(m, SIDE_CLIENT, kind(m), buf_bytes(&target), 0);
		smtp_enter_client(m, CLIENT_COMMANDS);
	} else {
		give_up(m);
	}
	buf_fini(&target);
}

static void
take_client(struct smtp *m, struct bytes message)
{
	switch (m->socks.client) {
	case SOCKS_HELLO:
	case SOCKS_LOGIN:
		m->socks.client = SOCKS_REQUEST;
		break;
	case SOCKS_REQUEST:
	case SOCKS4_REQUEST:
		take_request(m, message);
		break;
	case SOCKS_METHOD:
	case SOCKS_STATUS:
	case SOCKS_REPLY:
	case SOCKS4_REPLY:
		break; /* of the proxy */
	}
}

/* Adds bytes of data until the message is whole or the data are used up; returns how many. */
static size_t
collect(struct line *l, enum socks_message type, struct bytes data, bool *is_whole, bool *is_bad)
{
	size_t used = 0, length = socks_length(type, line_bytes(l));

	while (l->len < length && used < data.len) {
		struct bytes part = bytes_head(bytes_from(data, used), length - l->len);

		line_add(l, part);
		used += part.len;
		length = socks_length(type, line_bytes(l));
	}
	*is_bad = length == 0;
	*is_whole = length != 0 && l->len >= length;
	return used;
}

size_t
smtp_socks_client_feed(struct smtp *m, struct bytes data)
{
	bool is_whole, is_bad;
	size_t used;

	if (m->socks.client == SOCKS_REQUEST && m->client_line.len == 0 && data.p[0] == 1)
		m->socks.client = SOCKS_LOGIN;
	used = collect(&m->client_line, m->socks.client, data, &is_whole, &is_bad);
	if (is_bad)
		give_up(m);
	if (!is_whole)
		return used;
	take_client(m, line_bytes(&m->client_line));
	line_wipe(&m->client_line);
	return used;
}

static void
take_reply(struct smtp *m, unsigned code, bool is_good)
{
	smtp_tell_proxy(m, SIDE_SERVER, kind(m), bytes_str("request"), code);
	smtp_enter_server(m, is_good ? SERVER_REPLIES : SERVER_REFUSED);
}

static void
take_method(struct smtp *m, unsigned method)
{
	if (method == SOCKS_METHOD_NONE) {
		smtp_tell_proxy(m, SIDE_SERVER, kind(m), bytes_str("method"), method);
		smtp_enter_server(m, SERVER_REFUSED);
	} else if (method == SOCKS_METHOD_OPEN || method == SOCKS_METHOD_LOGIN) {
		m->socks.server = method == SOCKS_METHOD_OPEN ? SOCKS_REPLY : SOCKS_STATUS;
	} else {
		give_up(m);
	}
}

static void
take_status(struct smtp *m, unsigned status)
{
	m->socks.server = SOCKS_REPLY;
	if (status == 0)
		return;
	smtp_tell_proxy(m, SIDE_SERVER, kind(m), bytes_str("login"), status);
	smtp_enter_server(m, SERVER_REFUSED);
}

static void
take_server(struct smtp *m, struct bytes message)
{
	unsigned code = message.p[1];

	switch (m->socks.server) {
	case SOCKS_METHOD:
		take_method(m, code);
		break;
	case SOCKS_STATUS:
		take_status(m, code);
		break;
	case SOCKS_REPLY:
		take_reply(m, code, code == 0);
		break;
	case SOCKS4_REPLY:
		take_reply(m, code, code == 90);
		break;
	case SOCKS_HELLO:
	case SOCKS_LOGIN:
	case SOCKS_REQUEST:
	case SOCKS4_REQUEST:
		break; /* of the client */
	}
}

/* A mail server was taken for a proxy: it greets. */
static bool
greets(struct smtp *m, uint8_t first)
{
	if (m->has_spoken[SIDE_SERVER] || first != '2')
		return false;
	line_wipe(&m->client_line);
	smtp_emit(m, EVENT_NOT_SMTP, SIDE_CLIENT, bytes_str("socks"), 0);
	smtp_enter_client(m, CLIENT_OTHER);
	smtp_enter_server(m, SERVER_REPLIES);
	return true;
}

size_t
smtp_socks_server_feed(struct smtp *m, struct bytes data)
{
	bool is_whole, is_bad;
	size_t used;

	if (greets(m, data.p[0]))
		return 0;
	m->has_spoken[SIDE_SERVER] = true;
	used = collect(&m->server_line, m->socks.server, data, &is_whole, &is_bad);
	if (is_bad)
		give_up(m);
	if (!is_whole)
		return used;
	take_server(m, line_bytes(&m->server_line));
	line_wipe(&m->server_line);
	return used;
}
