/* SMTP through an HTTP proxy (RFC 9110 9.3.6): the client asks for a tunnel, and after the empty line of the answer
 * the dialogue begins as if there were no proxy. The lines may hold a proxy password and are dropped. */
#include "decode/smtp_machine.h"

bool
smtp_tunnel_begins(struct smtp *m, struct bytes line)
{
	if (!bytes_starts_nocase(line, "CONNECT ") || !bytes_contains_nocase(line, " HTTP/1."))
		return false;
	smtp_enter_client(m, CLIENT_TUNNEL);
	if (m->server == SERVER_REPLIES && m->n_replies == 0)
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
refuse(struct smtp *m)
{
	smtp_emit(m, EVENT_NOT_SMTP, SIDE_SERVER, bytes_str("http"), 0);
	smtp_enter_client(m, CLIENT_OTHER);
	smtp_enter_server(m, SERVER_OTHER);
}

void
smtp_tunnel_server_line(struct smtp *m, struct bytes line)
{
	struct bytes status = line;

	if (line.len == 0) {
		smtp_enter_server(m, SERVER_REPLIES);
		return;
	}
	if (!bytes_starts_nocase(line, "HTTP/"))
		return;
	bytes_split(&status, ' ');
	if (status.len == 0 || status.p[0] != '2')
		refuse(m);
}
