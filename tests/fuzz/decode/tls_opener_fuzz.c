/* Records of any suite: two bytes are the suite, one the version and whether the MAC is outside, one the side; then
 * orders: a byte, and for a record its type, two bytes of length and the body. Checked: what opens is not longer than
 * what is closed and lies in memory of its own; nothing but an open record changes the type. */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/reader.h"
#include "decode/tls_opener.h"
#include "decode/tls_suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum order { RECORD, SKIP, KEY_UPDATE, FINISHED, N_ORDERS };

/* Every secret there is, of the length that the suite wants: all zeros, as is the random. */
static struct tls_keys *
make_keys(size_t hash_len)
{
	static const char *const labels[] = { "CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
					      "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
					      "SERVER_TRAFFIC_SECRET_0" };
	struct tls_keys *keys = tls_keys_new();
	struct buf text;

	buf_init(&text, 4096);
	buf_addf(&text, "CLIENT_RANDOM %064d %096d\n", 0, 0);
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		buf_addf(&text, "%s %064d %0*d\n", labels[i], 0, (int)hash_len * 2, 0);
	tls_keys_add_text(keys, buf_bytes(&text));
	buf_fini(&text);
	return keys;
}

static void
open_record(struct tls_opener *o, struct reader *r)
{
	uint8_t type = rd_u8(r), before = type;
	size_t len = rd_be16(r);
	struct bytes body = rd_bytes(r, len < rd_left(r) ? len : rd_left(r)), plain;
	unsigned sum = 0;

	if (!tls_opener_open(o, &type, 0x0303, body, &plain)) {
		assert(type == before);
		return;
	}
	assert(plain.len <= body.len);
	for (size_t i = 0; i < plain.len; i++)
		sum += plain.p[i];
	assert(sum <= plain.len * 255);
}

static void
obey(struct tls_opener *o, struct reader *r)
{
	switch (rd_u8(r) % N_ORDERS) {
	case RECORD:
		open_record(o, r);
		break;
	case SKIP:
		tls_opener_skip(o, rd_be32(r));
		break;
	case KEY_UPDATE:
		tls_opener_key_update(o);
		break;
	default:
		tls_opener_finished(o);
	}
	assert(tls_opener_epoch(o) <= TLS_EPOCH_APPLICATION);
	(void)tls_opener_lacks_key(o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t random[32];
	struct reader r = rd_over(bytes_of(data, size));
	struct tls_opener_start start = { .client_random = random, .server_random = random };
	struct tls_suite_parts parts;
	struct tls_opener *o;
	static struct tls_keys *keys[2]; /* made once: OpenSSL's algorithms hang on them */
	uint8_t how;

	start.suite = rd_be16(&r);
	how = rd_u8(&r);
	start.version = (uint16_t)(0x0300 | (how & 7));
	start.encrypt_then_mac = how & 8;
	start.side = rd_u8(&r) & 1 ? SIDE_SERVER : SIDE_CLIENT;
	if (!tls_suite_parts(start.suite, &parts))
		return 0;
	if (!keys[parts.hash_len > 32])
		keys[parts.hash_len > 32] = make_keys(parts.hash_len);
	start.keys = keys[parts.hash_len > 32];
	o = tls_opener_new(&start);
	while (o && rd_left(&r) > 0)
		obey(o, &r);
	tls_opener_free(o);
	return 0;
}
