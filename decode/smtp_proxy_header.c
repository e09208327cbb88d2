/* A proxy speaks for the client before the client does. A server that does not expect it takes version 1 for a command
 * and version 2 for several - one of them is QUIT - and says so; the header waits for such an answer, but a server that
 * understands it gives none. */
#include "decode/proxy_header.h"
#include "decode/smtp_machine.h"

#define ANSWERS_V2 5 /* two empty lines, a NUL, QUIT, and it can still be told from version 1 */

static void
take(struct smtp *m, struct bytes ends, unsigned n_answers)
{
	struct pending p = { .verb = VERB_PROXY, .n_replies = n_answers, .when = m->when };

	smtp_tell_proxy(m, SIDE_CLIENT, "proxy-protocol", ends, 0);
	queue_push(&m->queue, &p);
}

bool
smtp_proxy_header_line(struct smtp *m, struct bytes line)
{
	struct bytes ends;

	if (!proxy_header_line(line, &ends))
		return false;
	take(m, ends, 1);
	return true;
}

bool
smtp_proxy_header_begins(struct smtp *m, uint8_t first)
{
	if (proxy_header_length(bytes_of(&first, 1)) == 0)
		return false;
	smtp_enter_client(m, CLIENT_PROXY_HEADER);
	return true;
}

/* Empty lines before the dialogue, and no header. */
static void
give_back(struct smtp *m)
{
	struct line held = m->client_line;

	line_init(&m->client_line, SMTP_LINE_MAX);
	m->has_spoken[SIDE_CLIENT] = true;
	smtp_enter_client(m, CLIENT_COMMANDS);
	smtp_client_feed(m, line_bytes(&held));
	line_fini(&held);
}

static void
take_v2(struct smtp *m, struct bytes header)
{
	struct buf ends;

	buf_init(&ends, PROXY_HEADER_ENDS_MAX);
	proxy_header_ends(header, &ends);
	take(m, buf_bytes(&ends), ANSWERS_V2);
	buf_fini(&ends);
	smtp_enter_client(m, CLIENT_COMMANDS);
}

size_t
smtp_proxy_header_feed(struct smtp *m, struct bytes data)
{
	struct line *l = &m->client_line; /* what is beyond its limit is counted */
	size_t used = 0, length = proxy_header_length(line_bytes(l));

	while (length != 0 && l->len + l->n_cut < length && used < data.len) {
		struct bytes part = bytes_head(bytes_from(data, used), length - l->len - (size_t)l->n_cut);

		if (l->len < PROXY_HEADER_FIXED_LEN)
			part = bytes_head(part, 1);
		line_add(l, part);
		used += part.len;
		length = proxy_header_length(line_bytes(l));
	}
	if (length == 0) {
		give_back(m);
	} else if (l->len + l->n_cut >= length) {
		take_v2(m, line_bytes(l));
		line_wipe(l);
	}
	return used;
}
