/* In: events. Out: the same without names of mail users. Names of hosts and addresses of the Internet stay: without
 * them nobody could act. */
#include "decode/redact.h"

#include "decode/pseudonym.h"
#include "decode/smtp_command.h"

enum header_row {
#define HEADER(id, name, keep) ROW_##id,
#include "decode/headers.def"
#undef HEADER
};

/* FROM:<address> parameters. What is no path is a name as a whole. */
static void
redact_path(struct pseudonyms *p, struct bytes argument, struct buf *out)
{
	struct bytes address = smtp_path_parse(argument).address;
	size_t before;

	if (address.len == 0) {
		pseudonym_text(p, argument, out);
		return;
	}
	before = (size_t)(address.p - argument.p); /* it is a part of the argument */
	buf_add(out, bytes_head(argument, before));
	pseudonym_address(p, address, out);
	pseudonym_text(p, bytes_from(argument, before + address.len), out);
}

/* XCLIENT NAME=host LOGIN=user */
static void
redact_attributes(struct pseudonyms *p, struct bytes argument, struct buf *out)
{
	while (argument.len > 0) {
		bool is_last = bytes_find(argument, ' ') == argument.len;
		struct bytes one = bytes_split(&argument, ' ');

		if (bytes_starts_nocase(one, "LOGIN=")) {
			buf_add(out, bytes_head(one, 6));
			pseudonym_address(p, bytes_from(one, 6), out);
		} else {
			pseudonym_text(p, one, out);
		}
		if (!is_last)
			buf_add_u8(out, ' ');
	}
}

static void
redact_command(struct pseudonyms *p, const struct event *e, struct buf *out)
{
	switch ((enum smtp_verb)e->row) {
	case VERB_MAIL:
	case VERB_RCPT:
	case VERB_SEND:
	case VERB_SOML:
	case VERB_SAML:
		redact_path(p, e->text, out);
		break;
	case VERB_VRFY:
	case VERB_EXPN:
		pseudonym_address(p, e->text, out);
		break;
	case VERB_XCLIENT:
	case VERB_XFORWARD:
		redact_attributes(p, e->text, out);
		break;
	default:
		pseudonym_addresses(p, e->text, out);
		break;
	}
}

/* There, a name is that of a host. */
static bool
names_hosts(const struct event *e)
{
	bool is_reply = e->type == EVENT_REPLY;

	return e->type == EVENT_GREETING || e->type == EVENT_CAPABILITY ||
	       (is_reply && (e->row == VERB_EHLO || e->row == VERB_HELO || e->row == VERB_LHLO));
}

struct event
redact_event(struct pseudonyms *p, const struct event *e, struct buf *room)
{
	struct event other = *e;

	if (e->text.len == 0)
		return other;
	buf_clear(room);
	if (e->type == EVENT_COMMAND)
		redact_command(p, e, room);
	else if (e->type == EVENT_AUTH_RESPONSE)
		pseudonym_address(p, e->text, room);
	else if (e->type == EVENT_HEADER && e->row == ROW_DKIM_SIGNATURE)
		pseudonym_domain(p, e->text, room);
	else if (names_hosts(e))
		pseudonym_addresses(p, e->text, room);
	else if (e->type == EVENT_REPLY || e->type == EVENT_HEADER)
		pseudonym_text(p, e->text, room);
	else
		return other;
	other.text = buf_bytes(room);
	return other;
}
