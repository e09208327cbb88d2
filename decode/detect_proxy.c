/* In: the first bytes of both sides. Out: is a mail server asked for? Where the port does not tell, what is said to the
 * proxy is cut off, and the rest decides. */
#include "decode/detect_proxy.h"

#include "decode/proxy_header.h"
#include "decode/socks.h"

struct look {
	struct bytes *client, *server; /* what is left of them */
	struct mail_ports mail;
};

static bool
is_mail_port(const struct look *l, uint64_t port)
{
	for (size_t i = 0; i < l->mail.n; i++)
		if (l->mail.ports[i] == port)
			return true;
	return false;
}

/* Cuts a line of text; false when it is not whole. */
static bool
cut_line(struct bytes *b, struct bytes *line)
{
	if (bytes_find(*b, '\n') == b->len)
		return false;
	*line = bytes_split(b, '\n');
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* Cuts a header of HTTP: its first line is given. */
static bool
cut_header(struct bytes *b, struct bytes *first)
{
	struct bytes line;

	if (!cut_line(b, first))
		return false;
	do {
		if (!cut_line(b, &line))
			return false;
	} while (line.len > 0);
	return true;
}

static uint64_t
port_of(struct bytes request)
{
	struct bytes target;
	uint64_t port;

	bytes_split(&request, ' ');
	target = bytes_split(&request, ' ');
	while (bytes_find(target, ':') < target.len)
		bytes_split(&target, ':');
	return bytes_to_u64(target, UINT16_MAX, &port) ? port : 0;
}

/* DETECT_YES: the rest decides. */
static enum detected
pass_http(struct look *l, bool *is_mail)
{
	struct bytes all = *l->client, request, status;

	if (!cut_line(&all, &request))
		return DETECT_MAYBE;
	*is_mail = is_mail_port(l, port_of(request));
	if (*is_mail)
		return DETECT_YES;
	if (port_of(request) == 0)
		return DETECT_NO;
	if (!cut_header(l->client, &request) || !cut_header(l->server, &status))
		return DETECT_MAYBE;
	bytes_split(&status, ' ');
	return status.len > 0 && status.p[0] == '2' ? DETECT_YES : DETECT_NO;
}

static enum detected
cut_message(struct bytes *b, enum socks_message type, struct bytes *message)
{
	size_t length = socks_length(type, *b);

	if (length == 0)
		return DETECT_NO;
	if (length > b->len)
		return DETECT_MAYBE;
	*message = bytes_head(*b, length);
	*b = bytes_from(*b, length);
	return DETECT_YES;
}

static enum detected
cut_request(struct look *l, bool is_v4, struct bytes *request)
{
	enum detected d = is_v4 ? DETECT_YES : cut_message(l->client, SOCKS_HELLO, request);

	if (d == DETECT_YES && !is_v4 && l->client->len > 0 && l->client->p[0] == 1)
		d = cut_message(l->client, SOCKS_LOGIN, request);
	return d == DETECT_YES ? cut_message(l->client, is_v4 ? SOCKS4_REQUEST : SOCKS_REQUEST, request) : d;
}

static enum detected
cut_reply(struct look *l, bool is_v4, struct bytes *reply)
{
	enum detected d = is_v4 ? DETECT_YES : cut_message(l->server, SOCKS_METHOD, reply);

	if (d == DETECT_YES && !is_v4 && reply->p[1] == SOCKS_METHOD_LOGIN)
		d = cut_message(l->server, SOCKS_STATUS, reply);
	return d == DETECT_YES ? cut_message(l->server, is_v4 ? SOCKS4_REPLY : SOCKS_REPLY, reply) : d;
}

static enum detected
pass_socks(struct look *l, bool *is_mail)
{
	bool is_v4 = l->client->p[0] == 4;
	struct bytes request, reply;
	enum detected d = cut_request(l, is_v4, &request);
	struct buf target;
	uint16_t port;

	if (d != DETECT_YES)
		return d;
	buf_init(&target, SOCKS_TARGET_MAX);
	port = socks_target(request, &target);
	buf_fini(&target);
	*is_mail = is_mail_port(l, port);
	if (*is_mail || port == 0)
		return port == 0 ? DETECT_NO : DETECT_YES;
	d = cut_reply(l, is_v4, &reply);
	return d == DETECT_YES && reply.p[1] != (is_v4 ? 90 : 0) ? DETECT_NO : d;
}

/* Could b become text that begins with word, or does it already? */
static bool
may_begin(struct bytes b, const char *word)
{
	struct bytes w = bytes_str(word);

	return bytes_eq_nocase(bytes_head(b, w.len), bytes_head(w, b.len));
}

static enum detected
pass_header(struct look *l)
{
	size_t length = proxy_header_length(*l->client);
	struct bytes line;

	if (length == 0)
		return cut_line(l->client, &line) ? DETECT_YES : DETECT_MAYBE;
	if (length > l->client->len)
		return DETECT_MAYBE;
	*l->client = bytes_from(*l->client, length);
	return DETECT_YES;
}

bool
detect_proxy(struct bytes first[2], struct mail_ports mail, enum detected *is_mail)
{
	struct look l = { &first[SIDE_CLIENT], &first[SIDE_SERVER], mail };
	bool is_for_mail = false;

	if (l.client->len == 0)
		return false;
	if (may_begin(*l.client, "CONNECT "))
		*is_mail = pass_http(&l, &is_for_mail);
	else if (l.client->p[0] == 4 || l.client->p[0] == 5)
		*is_mail = pass_socks(&l, &is_for_mail);
	else if (may_begin(*l.client, "PROXY ") || proxy_header_length(*l.client) != 0)
		*is_mail = pass_header(&l);
	else
		return false;
	return *is_mail != DETECT_YES || is_for_mail;
}
