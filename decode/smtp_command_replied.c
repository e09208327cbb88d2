/* A command got its reply: what that changes. The table is smtp_commands.def. */
#include "decode/smtp_machine.h"

static void
replied_nothing(struct smtp *m, const struct pending *p, unsigned code)
{
	(void)m;
	(void)p;
	(void)code;
}

static void
replied_hello(struct smtp *m, const struct pending *p, unsigned code)
{
	if (p->verb == VERB_LHLO && code / 100 == 5)
		m->is_lmtp = false;
}

static void
replied_mail(struct smtp *m, const struct pending *p, unsigned code)
{
	(void)p;
	if (code / 100 == 2)
		m->n_accepted = 0;
}

static void
replied_rcpt(struct smtp *m, const struct pending *p, unsigned code)
{
	(void)p;
	m->n_accepted += code / 100 == 2;
}

static void
data_accepted(struct smtp *m)
{
	if (m->client == CLIENT_BODY)
		return; /* decided before */
	if (m->client == CLIENT_LOST) {
		smtp_lost_forget(m);
		smtp_message_begin(m);
		smtp_message_feed(m, line_bytes(&m->client_line));
		line_wipe(&m->client_line);
		return;
	}
	if (m->client != CLIENT_HELD)
		return;
	if (m->held.len > 0)
		smtp_odd(m, SIDE_CLIENT, ODD_BODY_BEFORE_REPLY);
	smtp_message_begin(m);
	smtp_client_release(m);
}

static void
replied_data(struct smtp *m, const struct pending *p, unsigned code)
{
	const struct pending *next = queue_at(&m->queue, 0);

	(void)p;
	if (code / 100 == 3) {
		data_accepted(m);
		return;
	}
	if (m->client == CLIENT_BODY) { /* taken for a message too soon: the server reads it as commands */
		smtp_message_abort(m);
		smtp_lost_enter(m);
	} else if (next && next->verb == VERB_MESSAGE) {
		queue_drop(&m->queue, 1);
	} else if (m->client == CLIENT_HELD) {
		smtp_enter_client(m, CLIENT_COMMANDS);
		smtp_client_release(m);
	}
}

static void
replied_bdat(struct smtp *m, const struct pending *p, unsigned code)
{
	(void)p;
	if (code >= 400 && m->client != CLIENT_CHUNK)
		smtp_message_abort(m);
}

static void
replied_starttls(struct smtp *m, const struct pending *p, unsigned code)
{
	bool has_clear = m->held.len > 0 && !(m->held.p[0] >= 0x14 && m->held.p[0] <= 0x17);

	(void)p;
	if (m->client != CLIENT_HELD)
		return;
	if (code != 220) {
		smtp_enter_client(m, CLIENT_COMMANDS);
		smtp_client_release(m);
		return;
	}
	if (has_clear) { /* injected before TLS: an honest server drops it */
		smtp_odd(m, SIDE_CLIENT, ODD_CLEAR_BEFORE_TLS);
		line_wipe(&m->held);
	}
	smtp_enter_client(m, CLIENT_TLS_DUE);
	smtp_client_release(m);
}

static void
replied_auth(struct smtp *m, const struct pending *p, unsigned code)
{
	(void)p;
	if (code != 334)
		m->auth.state = AUTH_NONE;
}

/* Its end may not have come yet: replies that overtake it, or a message whose end is missing. */
static void
replied_message(struct smtp *m, const struct pending *p, unsigned code)
{
	(void)p;
	(void)code;
	if (m->client != CLIENT_BODY || !m->is_in_message)
		return;
	if (m->is_message_lossy) { /* refused; how much of it was still to come is not known */
		smtp_message_abort(m);
		smtp_lost_enter(m);
		return;
	}
	m->early_replies++;
	smtp_odd(m, SIDE_SERVER, ODD_REPLY_BEFORE_END);
}

static void
replied_turn(struct smtp *m, const struct pending *p, unsigned code)
{
	(void)p;
	if (code / 100 != 2)
		return;
	smtp_odd(m, SIDE_SERVER, ODD_ROLES_REVERSED);
	smtp_enter_client(m, CLIENT_OTHER);
	smtp_enter_server(m, SERVER_OTHER);
}

void
smtp_command_replied(struct smtp *m, const struct pending *p, const struct reply_builder *r)
{
	static void (*const replied[])(struct smtp *, const struct pending *, unsigned) = {
#define COMMAND(id, name, kind, phase, asked, replied) replied,
#include "decode/smtp_commands.def"
#undef COMMAND
	};
	if (r->code == 334)
		auth_challenge(&m->auth, reply_text(r)); /* whatever asked for it: the next line is a secret */
	else if (m->auth.state != AUTH_NONE && (p->serial > m->auth.serial || p->verb == VERB_UNSEEN))
		m->auth.state = AUTH_NONE;
	replied[p->verb](m, p, r->code);
}
