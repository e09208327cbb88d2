/* In: the header. Out: whose connection it is, as text. Additional fields (TLVs) are passed over. */
#include "decode/proxy_header.h"

#include <string.h>

#include "base/attr.h"
#include "base/reader.h"

#define COMMAND_PROXY 0x21 /* version 2; 0x20 is LOCAL */
#define FAMILY_TCP4 0x11
#define FAMILY_TCP6 0x21

static const uint8_t signature[] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 'Q', 'U', 'I', 'T', 0x0a };

bool
proxy_header_line(struct bytes line, struct bytes *ends)
{
	struct bytes word = bytes_split(&line, ' '), family = bytes_split(&line, ' ');

	*ends = bytes_of(NULL, 0);
	if (!bytes_eq_str(word, "PROXY"))
		return false;
	if (bytes_eq_str(family, "UNKNOWN"))
		return true;
	*ends = line;
	return bytes_eq_str(family, "TCP4") || bytes_eq_str(family, "TCP6");
}

/* signature; version and command; family; length (2) of what follows: addresses, ports, more */
size_t
proxy_header_length(struct bytes begun)
{
	size_t n = begun.len < sizeof(signature) ? begun.len : sizeof(signature);

	if (n > 0 && memcmp(begun.p, signature, n) != 0)
		return 0;
	if (begun.len > sizeof(signature) && begun.p[sizeof(signature)] >> 4 != 2)
		return 0;
	if (begun.len < PROXY_HEADER_FIXED_LEN)
		return PROXY_HEADER_FIXED_LEN;
	return PROXY_HEADER_FIXED_LEN +
	       ((size_t)begun.p[PROXY_HEADER_FIXED_LEN - 2] << 8 | begun.p[PROXY_HEADER_FIXED_LEN - 1]);
}

void
proxy_header_ends(struct bytes header, struct buf *ends)
{
	struct reader r = rd_over(bytes_from(header, sizeof(signature)));
	uint8_t command = rd_u8(&r), family = rd_u8(&r);
	size_t n = family == FAMILY_TCP4 ? 4 : 16;
	char text[2][ADDRESS_TEXT_MAX];
	struct address client, server;
	uint16_t port;

	if (command != COMMAND_PROXY || (family != FAMILY_TCP4 && family != FAMILY_TCP6))
		return;
	rd_be16(&r);
	client = address_from(rd_bytes(&r, n));
	server = address_from(rd_bytes(&r, n));
	port = rd_be16(&r);
	if (rd_left(&r) < 2)
		return;
	buf_addf(ends, "%s %s %u %u", address_text(&client, text[0]), address_text(&server, text[1]), port,
		 rd_be16(&r));
}

bool
proxy_header_address(struct bytes text, struct address *a)
{
	char s[ADDRESS_TEXT_MAX] = "";

	if (text.len >= sizeof(s))
		return false;
	if (text.len > 0)
		memcpy(s, text.p, text.len);
	return address_parse(s, a);
}

static bool
parse_port(struct bytes text, uint16_t *port)
{
	uint64_t value;

	if (!bytes_to_u64(text, UINT16_MAX, &value))
		return false;
	*port = (uint16_t)value;
	return true;
}

bool
proxy_header_endpoints(struct bytes ends, struct endpoint *client, struct endpoint *server)
{
	struct bytes words[4];

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		words[i] = bytes_split(&ends, ' ');
	return proxy_header_address(words[0], &client->address) && proxy_header_address(words[1], &server->address) &&
	       parse_port(words[2], &client->port) && parse_port(words[3], &server->port);
}
