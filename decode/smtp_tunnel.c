/* SMTP through an HTTP proxy (RFC 9110 9.3.6): the client asks for a tunnel, and after the empty line of the answer
 * the dialogue begins as if there were no proxy. Who was refused for want of a login may ask again. The lines may hold
 * a proxy password and are dropped; of the first one the target is told, of the answer its code. */
#include "decode/smtp_machine.h"

/* "CONNECT mx.example:25 HTTP/1.1"; what stands before an @ would be a secret. */
static struct bytes
target_of(struct bytes line)
{
	struct bytes target;

	bytes_split(&line, ' ');
	target = bytes_split(&line, ' ');
	while (bytes_find(target, '@') < target.len)
		bytes_split(&target, '@');
	return target;
}

bool
smtp_tunnel_begins(struct smtp *m, struct bytes line)
{
	bool is_due = m->server == SERVER_REFUSED || (m->server == SERVER_REPLIES && !m->has_spoken[SIDE_SERVER]);

	if (!is_due || !bytes_starts_nocase(line, "CONNECT ") || !bytes_contains_nocase(line, " HTTP/1."))
		return false;
	smtp_tell_proxy(m, SIDE_CLIENT, "http-connect", target_of(line), 0);
	smtp_enter_client(m, CLIENT_TUNNEL);
	smtp_enter_server(m, SERVER_TUNNEL);
	return true;
}

void
smtp_tunnel_client_line(struct smtp *m, struct bytes line)
{
	if (line.len == 0)
		smtp_enter_client(m, CLIENT_COMMANDS);
}

static void
take_status(struct smtp *m, struct bytes line)
{
	uint64_t code;

	bytes_split(&line, ' ');
	if (!bytes_to_u64(bytes_split(&line, ' '), 999, &code) || code < 200)
		return; /* 1xx: the real answer comes later */
	smtp_tell_proxy(m, SIDE_SERVER, "http-connect", bytes_str("request"), (unsigned)code);
	if (code / 100 == 2)
		smtp_enter_server(m, SERVER_TUNNEL_HEADER);
	else
		smtp_enter_server(m, SERVER_REFUSED);
}

/* A mail server was taken for a proxy: it greets. */
static bool
leave(struct smtp *m)
{
	smtp_emit(m, EVENT_NOT_SMTP, SIDE_CLIENT, bytes_str("http"), 0);
	smtp_enter_client(m, CLIENT_OTHER);
	smtp_enter_server(m, SERVER_REPLIES);
	return false;
}

bool
smtp_tunnel_server_line(struct smtp *m, struct bytes line)
{
	if (m->server == SERVER_TUNNEL_HEADER && line.len == 0)
		smtp_enter_server(m, SERVER_REPLIES);
	else if (m->server == SERVER_TUNNEL && bytes_starts_nocase(line, "HTTP/"))
		take_status(m, line);
	else if (m->server == SERVER_TUNNEL && bytes_starts_nocase(line, "220"))
		return leave(m);
	return true;
}
