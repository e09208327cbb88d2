/* In: whole handshake messages without their headers. Out: their fields. */
#include "decode/tls_hello.h"

#include "base/attr.h"

enum extension {
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_STATUS_REQUEST = 5,
	EXTENSION_GROUPS = 10,
	EXTENSION_SIGNATURES = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_ENCRYPT_THEN_MAC = 22,
	EXTENSION_PSK = 41,
	EXTENSION_EARLY_DATA = 42,
	EXTENSION_VERSIONS = 43,
};

const char *
tls_version_name(unsigned version)
{
	switch (version) {
	case 0x0002:
		return "SSL 2";
	case TLS_SSL3:
		return "SSL 3";
	case TLS_1_0:
		return "TLS 1.0";
	case TLS_1_1:
		return "TLS 1.1";
	case TLS_1_2:
		return "TLS 1.2";
	case TLS_1_3:
		return "TLS 1.3";
	}
	return NULL;
}

bool
tls_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

static uint16_t
highest(struct bytes versions, uint16_t legacy)
{
	struct reader r = rd_over(versions);
	uint16_t best = 0;

	while (rd_left(&r) >= 2) {
		uint16_t v = rd_be16(&r);

		if (tls_version_name(v) && v > best)
			best = v;
	}
	return best > 0 ? best : legacy;
}

static struct bytes
host_name(struct bytes extension)
{
	struct reader r = rd_over(extension), list = rd_sub(&r, rd_be16(&r));

	while (rd_left(&list) > 0 && rd_ok(&list)) {
		uint8_t type = rd_u8(&list);
		struct bytes name = rd_bytes(&list, rd_be16(&list));

		if (type == 0 && rd_ok(&list))
			return name;
	}
	return bytes_of(NULL, 0);
}

static struct bytes
first_protocol(struct bytes extension)
{
	struct reader r = rd_over(extension), list = rd_sub(&r, rd_be16(&r));

	return rd_bytes(&list, rd_u8(&list));
}

static struct bytes
list_16(struct bytes extension)
{
	struct reader r = rd_over(extension);

	return rd_bytes(&r, rd_be16(&r));
}

static struct bytes
list_8(struct bytes extension)
{
	struct reader r = rd_over(extension);

	return rd_bytes(&r, rd_u8(&r));
}

static void
take_client_extension(struct tls_client_hello *h, uint16_t type, struct bytes extension)
{
	switch (type) {
	case EXTENSION_SERVER_NAME:
		h->sni = host_name(extension);
		break;
	case EXTENSION_GROUPS:
		h->groups = list_16(extension);
		break;
	case EXTENSION_SIGNATURES:
		h->signatures = list_16(extension);
		break;
	case EXTENSION_ALPN:
		h->alpn = first_protocol(extension);
		break;
	case EXTENSION_VERSIONS:
		h->versions = list_8(extension);
		break;
	case EXTENSION_EARLY_DATA:
		h->offers_early_data = true;
		break;
	}
}

bool
tls_client_hello_parse(struct bytes message, struct tls_client_hello *h)
{
	struct reader r = rd_over(message), extensions;
	uint16_t legacy = rd_be16(&r);

	*h = (struct tls_client_hello){ .random = rd_bytes(&r, TLS_RANDOM_LEN) };
	h->session_id = rd_bytes(&r, rd_u8(&r));
	h->suites = rd_bytes(&r, rd_be16(&r));
	rd_skip(&r, rd_u8(&r)); /* compression methods */
	if (!rd_ok(&r))
		return false;
	extensions = rd_left(&r) > 0 ? rd_sub(&r, rd_be16(&r)) : rd_over(bytes_of(NULL, 0));
	while (rd_left(&extensions) > 0) {
		uint16_t type = rd_be16(&extensions);
		struct bytes extension = rd_bytes(&extensions, rd_be16(&extensions));

		if (!rd_ok(&extensions))
			return false;
		take_client_extension(h, type, extension);
	}
	h->version = highest(h->versions, legacy);
	return rd_ok(&r);
}

bool
tls_v2_hello_parse(struct bytes record, struct tls_client_hello *h)
{
	struct reader r = rd_over(record);
	uint8_t type = rd_u8(&r);
	uint16_t version = rd_be16(&r), suites_len = rd_be16(&r), session_len = rd_be16(&r),
		 challenge_len = rd_be16(&r);

	*h = (struct tls_client_hello){ .version = version };
	h->suites = rd_bytes(&r, suites_len);
	h->session_id = rd_bytes(&r, session_len);
	rd_skip(&r, challenge_len);
	return rd_ok(&r) && type == TLS_CLIENT_HELLO;
}

bool
tls_server_hello_parse(struct bytes message, struct tls_server_hello *h)
{
	static const uint8_t retry[TLS_RANDOM_LEN] = { /* RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest" */
						       0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
						       0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
						       0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c
	};
	struct reader r = rd_over(message), extensions;

	*h = (struct tls_server_hello){ .version = rd_be16(&r) };
	h->random = rd_bytes(&r, TLS_RANDOM_LEN);
	h->session_id = rd_bytes(&r, rd_u8(&r));
	h->suite = rd_be16(&r);
	rd_u8(&r); /* compression */
	if (!rd_ok(&r))
		return false;
	h->is_retry = bytes_eq(h->random, bytes_of(retry, sizeof(retry)));
	extensions = rd_left(&r) > 0 ? rd_sub(&r, rd_be16(&r)) : rd_over(bytes_of(NULL, 0));
	while (rd_left(&extensions) > 0) {
		uint16_t type = rd_be16(&extensions);
		struct bytes extension = rd_bytes(&extensions, rd_be16(&extensions));
		struct reader e = rd_over(extension);

		if (!rd_ok(&extensions))
			return false;
		if (type == EXTENSION_VERSIONS && extension.len == 2)
			h->version = rd_be16(&e);
		else if (type == EXTENSION_ALPN)
			h->alpn = first_protocol(extension);
		else if (type == EXTENSION_PSK)
			h->has_psk = true;
		else if (type == EXTENSION_ENCRYPT_THEN_MAC)
			h->has_encrypt_then_mac = true;
	}
	return rd_ok(&r);
}

struct reader
tls_certificate_list(struct bytes message, bool is_tls13)
{
	struct reader r = rd_over(message);

	if (is_tls13)
		rd_skip(&r, rd_u8(&r)); /* request context */
	return rd_sub(&r, rd_be24(&r));
}

static bool
has_status(struct bytes list)
{
	struct reader r = rd_over(list);

	while (rd_left(&r) > 0 && rd_ok(&r)) {
		if (rd_be16(&r) == EXTENSION_STATUS_REQUEST)
			return rd_ok(&r);
		rd_skip(&r, rd_be16(&r));
	}
	return false;
}

bool
tls_certificate_next(struct reader *list, bool is_tls13, struct bytes *der, bool *is_stapled)
{
	if (rd_left(list) == 0)
		return false;
	*der = rd_bytes(list, rd_be24(list));
	if (is_tls13 && has_status(rd_bytes(list, rd_be16(list))))
		*is_stapled = true;
	return rd_ok(list);
}

unsigned
tls_dh_bits(struct bytes message)
{
	struct reader r = rd_over(message);
	struct bytes prime = rd_bytes(&r, rd_be16(&r));
	unsigned bits;

	while (prime.len > 0 && prime.p[0] == 0)
		prime = bytes_from(prime, 1);
	if (!rd_ok(&r) || prime.len == 0)
		return 0;
	bits = (unsigned)prime.len * 8;
	for (uint8_t first = prime.p[0]; !(first & 0x80); first = (uint8_t)(first << 1))
		bits--;
	return bits;
}
