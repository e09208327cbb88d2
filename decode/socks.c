/* In: the beginning of a message. Out: its length, and where a request wants to go. Drawn in front of each. */
#include "decode/socks.h"

#include "base/address.h"
#include "base/reader.h"

#define SOCKS4_FIXED 8
#define SOCKS4_TEXT_MAX 512 /* user id and name; longer is no SOCKS */
#define COMMAND_CONNECT 1

enum { ADDRESS_IPV4 = 1, ADDRESS_NAME = 3, ADDRESS_IPV6 = 4 };

/* version 5, n, n methods */
static size_t
hello_length(struct bytes b)
{
	return b.len < 2 ? 2 : 2 + (size_t)b.p[1];
}

/* version 1, n, n bytes of the name, m, m bytes of the password */
static size_t
login_length(struct bytes b)
{
	size_t name = b.len < 2 ? 0 : b.p[1], at = 2 + name;

	return b.len <= at ? at + 1 : at + 1 + b.p[at];
}

/* version 5, command or code, 0, type, address (a name: its length first), port */
static size_t
request_length(struct bytes b)
{
	if ((b.len > 0 && b.p[0] != 5) || (b.len > 2 && b.p[2] != 0))
		return 0;
	if (b.len < 5)
		return 5;
	switch (b.p[3]) {
	case ADDRESS_IPV4:
		return 4 + 4 + 2;
	case ADDRESS_NAME:
		return 4 + 1 + (size_t)b.p[4] + 2;
	case ADDRESS_IPV6:
		return 4 + 16 + 2;
	default:
		return 0;
	}
}

/* 0.0.0.x: the proxy shall look the name up */
static bool
has_name(struct bytes request)
{
	const uint8_t *p = request.p;

	return p[4] == 0 && p[5] == 0 && p[6] == 0 && p[7] != 0;
}

/* version 4, command, port, address, user id, 0 (4a: name, 0) */
static size_t
request4_length(struct bytes b)
{
	size_t end;

	if (b.len < SOCKS4_FIXED)
		return SOCKS4_FIXED + 1;
	end = SOCKS4_FIXED + bytes_find(bytes_from(b, SOCKS4_FIXED), 0);
	if (end < b.len && has_name(b))
		end += 1 + bytes_find(bytes_from(b, end + 1), 0);
	return end > SOCKS4_FIXED + SOCKS4_TEXT_MAX ? 0 : end + 1;
}

size_t
socks_length(enum socks_message type, struct bytes begun)
{
	switch (type) {
	case SOCKS_HELLO:
		return hello_length(begun);
	case SOCKS_LOGIN:
		return login_length(begun);
	case SOCKS_REQUEST:
	case SOCKS_REPLY:
		return request_length(begun);
	case SOCKS4_REQUEST:
		return request4_length(begun);
	case SOCKS_METHOD:
		return begun.len > 0 && begun.p[0] != 5 ? 0 : 2;
	case SOCKS_STATUS:
		return 2; /* its version is 1; some send 5 */
	case SOCKS4_REPLY:
		return begun.len > 0 && begun.p[0] != 0 ? 0 : SOCKS4_FIXED;
	}
	return 0;
}

static void
add_address(struct buf *text, struct bytes octets)
{
	struct address a = address_from(octets);
	char s[ADDRESS_TEXT_MAX];

	buf_addf(text, a.family == 6 ? "[%s]" : "%s", address_text(&a, s));
}

static uint16_t
target4(struct bytes request, struct buf *text)
{
	uint16_t port = (uint16_t)(request.p[2] << 8 | request.p[3]);
	struct bytes rest = bytes_from(request, SOCKS4_FIXED);

	bytes_split(&rest, 0); /* the user id */
	if (has_name(request))
		buf_add(text, bytes_split(&rest, 0));
	else
		add_address(text, bytes_of(request.p + 4, 4));
	buf_addf(text, ":%u", port);
	return port;
}

uint16_t
socks_target(struct bytes request, struct buf *text)
{
	struct reader r = rd_over(request);
	uint8_t version = rd_u8(&r), command = rd_u8(&r), type;
	uint16_t port;

	if (command != COMMAND_CONNECT)
		return 0;
	if (version == 4)
		return target4(request, text);
	rd_u8(&r);
	type = rd_u8(&r);
	if (type == ADDRESS_NAME)
		buf_add(text, rd_bytes(&r, rd_u8(&r)));
	else
		add_address(text, rd_bytes(&r, type == ADDRESS_IPV4 ? 4 : 16));
	port = rd_be16(&r);
	buf_addf(text, ":%u", port);
	return port;
}
