/* Records of tls_vectors.txt, opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"
#include "decode/tls_opener.h"
#include "decode/tls_suite.h"

#define RECORDS_MAX 128
#define VECTORS_MAX (1 << 20)

struct record {
	enum side side;
	uint8_t type, inner; /* inner 0: only that it opens is known */
	uint16_t version;
	struct bytes body, plain; /* owned */
};

struct vector {
	char name[64];
	struct tls_opener_start start;
	uint8_t client_random[32], server_random[32];
	struct tls_keys *keys;
	struct bytes said; /* by the client; empty: not known; owned */
	size_t n_records;
	struct record records[RECORDS_MAX];
};

static struct bytes text;

/* Exact-size copy, so that a read too far is caught. */
static struct bytes
from_hex(struct bytes digits)
{
	uint8_t *p = mem_new(digits.len / 2);

	for (size_t i = 0; i < digits.len / 2; i++) {
		char two[3] = { (char)digits.p[2 * i], (char)digits.p[2 * i + 1], '\0' };

		p[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return bytes_of(p, digits.len / 2);
}

static unsigned
number(struct bytes word, int base)
{
	char copy[16] = "";

	assert_true(word.len < sizeof(copy));
	memcpy(copy, word.p, word.len);
	return (unsigned)strtoul(copy, NULL, base);
}

static void
take_random(struct bytes word, uint8_t random[32])
{
	struct bytes b = from_hex(word);

	assert_int_equal(b.len, 32);
	memcpy(random, b.p, 32);
	free((void *)(uintptr_t)b.p);
}

static void
take_record(struct vector *v, struct bytes line)
{
	struct record *r = &v->records[v->n_records++];
	struct bytes word;

	assert_true(v->n_records <= RECORDS_MAX);
	word = bytes_split(&line, ' ');
	r->side = bytes_eq_str(word, "C") ? SIDE_CLIENT : SIDE_SERVER;
	r->type = (uint8_t)number(bytes_split(&line, ' '), 10);
	r->version = (uint16_t)number(bytes_split(&line, ' '), 16);
	r->body = from_hex(bytes_split(&line, ' '));
	bytes_split(&line, ' ');
	word = bytes_split(&line, ' ');
	if (bytes_eq_str(word, "-"))
		return;
	r->inner = (uint8_t)number(word, 10);
	r->plain = from_hex(line);
}

static void
take_line(struct vector *v, struct bytes line, const char *without)
{
	struct bytes all = line, word = bytes_split(&line, ' ');

	if (bytes_eq_str(word, "case")) {
		memcpy(v->name, line.p, line.len);
	} else if (bytes_eq_str(word, "suite")) {
		v->start.version = (uint16_t)number(bytes_split(&line, ' '), 16);
		v->start.suite = (uint16_t)number(bytes_split(&line, ' '), 16);
		v->start.encrypt_then_mac = bytes_eq_str(line, "etm");
	} else if (bytes_eq_str(word, "random")) {
		take_random(bytes_split(&line, ' '), v->client_random);
		take_random(line, v->server_random);
	} else if (bytes_eq_str(word, "key")) {
		if (!without || !bytes_contains_nocase(line, without))
			tls_keys_add_text(v->keys, line);
	} else if (bytes_eq_str(word, "text")) {
		v->said = from_hex(bytes_from(line, 2));
	} else if (bytes_eq_str(word, "open")) {
		take_record(v, line);
	} else {
		assert_true(all.len == 0 || all.p[0] == '#');
	}
}

/* The next case of the text, with no key whose label has `without` in it; false: no more. */
static bool
vector_next(struct bytes *rest, struct vector *v, const char *without)
{
	struct bytes line;

	*v = (struct vector){ .keys = tls_keys_new() };
	v->start.client_random = v->client_random;
	v->start.server_random = v->server_random;
	v->start.keys = v->keys;
	while (rest->len > 0) {
		line = bytes_split(rest, '\n');
		if (line.len == 0 && v->n_records > 0)
			break;
		take_line(v, line, without);
	}
	return v->n_records > 0;
}

static void
vector_free(struct vector *v)
{
	for (size_t i = 0; i < v->n_records; i++) {
		free((void *)(uintptr_t)v->records[i].body.p);
		free((void *)(uintptr_t)v->records[i].plain.p);
	}
	free((void *)(uintptr_t)v->said.p);
	tls_keys_free(v->keys);
}

/* The case of this name. */
static void
vector_find(struct vector *v, const char *name, const char *without)
{
	struct bytes rest = text;

	while (vector_next(&rest, v, without)) {
		if (strcmp(v->name, name) == 0)
			return;
		vector_free(v);
	}
	fail_msg("there is no case %s", name);
}

static struct tls_opener *
open_side(struct vector *v, enum side side)
{
	v->start.side = side;
	return tls_opener_new(&v->start);
}

/* With calls as the reader of handshakes makes them: Finished and KeyUpdate are told where they are seen. */
static bool
open_record(struct tls_opener *o, const struct record *r, struct buf *said)
{
	uint8_t type = r->type;
	struct bytes plain;

	if (!tls_opener_open(o, &type, r->version, r->body, &plain))
		return false;
	if (r->inner != 0 && (type != r->inner || !bytes_eq(plain, r->plain)))
		return false;
	if (said && type == 23)
		buf_add(said, plain);
	if (type == 22 && plain.len > 36 && plain.p[0] == 20)
		tls_opener_finished(o);
	if (type == 22 && plain.len == 5 && plain.p[0] == 24)
		tls_opener_key_update(o);
	return true;
}

static void
check_case(struct vector *v)
{
	struct tls_opener *sides[2] = { open_side(v, SIDE_CLIENT), open_side(v, SIDE_SERVER) };
	struct buf said[2];

	buf_init(&said[SIDE_CLIENT], VECTORS_MAX);
	buf_init(&said[SIDE_SERVER], VECTORS_MAX);
	for (size_t i = 0; i < v->n_records; i++) {
		const struct record *r = &v->records[i];

		if (!sides[r->side] || !open_record(sides[r->side], r, &said[r->side]))
			fail_msg("%s: record %zu does not open", v->name, i + 1);
		if (r->inner == 23)
			assert_int_equal(tls_opener_epoch(sides[r->side]), TLS_EPOCH_APPLICATION);
	}
	if (v->said.len > 0)
		assert_true(bytes_eq(v->said, buf_bytes(&said[SIDE_CLIENT])));
	for (int i = 0; i < 2; i++) {
		tls_opener_free(sides[i]);
		buf_fini(&said[i]);
	}
}

static void
test_all_open(void **state)
{
	struct bytes rest = text;
	struct vector v;
	size_t n = 0;

	(void)state;
	for (; vector_next(&rest, &v, NULL); n++) {
		check_case(&v);
		vector_free(&v);
	}
	vector_free(&v);
	assert_true(n > 20);
}

/* All records of one side, but for n_lost of them from first on; the opener hears that n_told are missing. How many of
 * the last `n_wanted` records open. */
static size_t
open_with_gap(struct vector *v, enum side side, size_t first, size_t n_lost, size_t n_told, size_t n_wanted)
{
	struct tls_opener *o = open_side(v, side);
	size_t n = 0, n_opened = 0, n_all = 0;

	for (size_t i = 0; i < v->n_records; i++)
		n_all += v->records[i].side == side;
	for (size_t i = 0; i < v->n_records; i++) {
		if (v->records[i].side != side)
			continue;
		if (n == first)
			tls_opener_skip(o, n_told);
		if (n < first || n >= first + n_lost)
			n_opened += open_record(o, &v->records[i], NULL) && n >= n_all - n_wanted;
		n++;
	}
	tls_opener_free(o);
	return n_opened;
}

/* Whatever is missing, and however wrong the guess is, the end is read again. In TLS 1.0 the first record behind the
 * gap cannot be opened: a part of it depends on what is missing. */
static void
test_gaps(void **state)
{
	static const char *const names[] = { "tls13-aes128-gcm", "tls12-aes128-gcm", "tls10-aes256-cbc-sha",
					     "tls13-key-updates" };
	static const size_t told[] = { 0, 1, 3, 16 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct vector v;

		vector_find(&v, names[i], NULL);
		for (size_t first = 1; first < 6; first++)
			for (size_t n = 1; n < (i == 3 ? 3 : 16); n++)
				for (size_t j = 0; j < ARRAY_LEN(told); j++)
					for (int side = SIDE_CLIENT; side <= SIDE_SERVER; side++)
						if (open_with_gap(&v, (enum side)side, first, n, told[j], 2) != 2)
							fail_msg("%s: side %d, %zu lost from %zu on, %zu told", v.name,
								 side, n, first, told[j]);
		vector_free(&v);
	}
}

/* A log with nothing but the secrets of application data. */
static void
test_traffic_secrets_only(void **state)
{
	struct tls_opener *sides[2];
	struct vector v;

	(void)state;
	vector_find(&v, "tls13-aes256-gcm", "HANDSHAKE");
	sides[SIDE_CLIENT] = open_side(&v, SIDE_CLIENT);
	sides[SIDE_SERVER] = open_side(&v, SIDE_SERVER);
	for (size_t i = 0; i < v.n_records; i++)
		assert_int_equal(open_record(sides[v.records[i].side], &v.records[i], NULL), v.records[i].inner == 23);
	tls_opener_free(sides[0]);
	tls_opener_free(sides[1]);
	vector_free(&v);
}

/* Early data without its secret: perhaps the server did not want it, too. */
static void
test_early_data_without_secret(void **state)
{
	struct tls_opener *o;
	size_t n_shut = 0;
	struct vector v;

	(void)state;
	vector_find(&v, "tls13-early-data", "EARLY");
	o = open_side(&v, SIDE_CLIENT);
	for (size_t i = 0; i < v.n_records; i++) {
		if (v.records[i].side == SIDE_SERVER)
			continue;
		if (open_record(o, &v.records[i], NULL))
			assert_true(tls_opener_epoch(o) != TLS_EPOCH_EARLY);
		else
			n_shut++;
	}
	assert_int_equal(n_shut, 2); /* the data and EndOfEarlyData */
	assert_int_equal(tls_opener_epoch(o), TLS_EPOCH_APPLICATION);
	tls_opener_free(o);
	vector_free(&v);
}

static const struct record *
find_data(const struct vector *v, enum side side)
{
	for (size_t i = 0; i < v->n_records; i++)
		if (v->records[i].side == side && v->records[i].inner == 23)
			return &v->records[i];
	fail();
	return NULL;
}

/* Keys come in the order in which the handshake makes them, perhaps after the records. */
static void
test_late_keys(void **state)
{
	struct vector early, all;
	struct bytes secret;
	struct tls_opener *o;

	(void)state;
	vector_find(&early, "tls13-aes128-gcm", "SECRET");
	assert_null(open_side(&early, SIDE_CLIENT));
	vector_free(&early);
	vector_find(&early, "tls13-aes128-gcm", "TRAFFIC_SECRET_0");
	vector_find(&all, "tls13-aes128-gcm", NULL);
	o = open_side(&early, SIDE_SERVER);
	assert_non_null(o);
	assert_false(tls_opener_lacks_key(o));
	tls_opener_finished(o);
	assert_true(tls_opener_lacks_key(o));
	assert_false(open_record(o, find_data(&early, SIDE_SERVER), NULL));
	assert_true(tls_keys_find(all.keys, TLS_SECRET_SERVER_TRAFFIC, all.client_random, &secret));
	tls_keys_free(early.keys);
	early.keys = NULL;
	tls_opener_free(o);
	o = open_side(&all, SIDE_SERVER);
	tls_opener_finished(o);
	assert_true(open_record(o, find_data(&all, SIDE_SERVER), NULL));
	tls_opener_free(o);
	vector_free(&early);
	vector_free(&all);
}

/* The MAC or tag notices every change; no length of a body is a danger. */
static void
test_damaged_records(void **state)
{
	uint8_t *body = mem_new(TLS_RECORD_MAX + 1);
	struct bytes rest = text, plain;
	struct vector v;

	(void)state;
	for (; vector_next(&rest, &v, NULL); vector_free(&v)) {
		const struct record *r = &v.records[0];
		struct tls_opener *o = open_side(&v, r->side);

		for (size_t len = 0; len <= r->body.len; len += len < 80 ? 1 : 131) {
			uint8_t *exact = mem_new(len), type = r->type;

			memcpy(exact, r->body.p, len);
			if (len == r->body.len)
				exact[len / 2] ^= 4;
			assert_false(tls_opener_open(o, &type, r->version, bytes_of(exact, len), &plain));
			assert_int_equal(type, r->type);
			mem_free(exact);
		}
		for (size_t len = TLS_RECORD_MAX - 1; len <= TLS_RECORD_MAX + 1; len++) {
			uint8_t type = r->type;

			assert_false(tls_opener_open(o, &type, r->version, bytes_of(body, len), &plain));
		}
		tls_opener_free(o);
	}
	vector_free(&v);
	mem_free(body);
}

static void
test_what_cannot_be_opened(void **state)
{
	struct vector v;

	(void)state;
	vector_find(&v, "tls12-aes128-gcm", NULL);
	v.start.suite = 0x1301; /* of another version */
	assert_null(open_side(&v, SIDE_CLIENT));
	v.start.suite = 0xc086; /* Camellia in GCM: not in OpenSSL */
	assert_null(open_side(&v, SIDE_CLIENT));
	v.start.suite = 0x0007; /* IDEA: not in Debian's */
	tls_opener_free(open_side(&v, SIDE_CLIENT));
	v.start.suite = 0x0005; /* RC4: in the legacy provider */
	tls_opener_free(open_side(&v, SIDE_CLIENT));
	v.start.suite = 0x0003;
	assert_null(open_side(&v, SIDE_CLIENT));
	v.start.suite = 0xffff;
	assert_null(open_side(&v, SIDE_CLIENT));
	v.start.suite = 0xc02f;
	v.start.version = 0x0300;
	assert_null(open_side(&v, SIDE_CLIENT));
	v.start.keys = NULL;
	assert_null(open_side(&v, SIDE_CLIENT));
	vector_free(&v);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_all_open),
	cmocka_unit_test(test_gaps),
	cmocka_unit_test(test_traffic_secrets_only),
	cmocka_unit_test(test_early_data_without_secret),
	cmocka_unit_test(test_late_keys),
	cmocka_unit_test(test_damaged_records),
	cmocka_unit_test(test_what_cannot_be_opened),
};

int
main(void)
{
	FILE *f = fopen(SOURCE_DIR "/tests/unit/decode/tls_vectors.txt", "r");
	uint8_t *p = mem_new(VECTORS_MAX);
	int n_failed;

	if (!f)
		return 1;
	text = bytes_of(p, fread(p, 1, VECTORS_MAX, f));
	fclose(f);
	n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	mem_free(p);
	return n_failed;
}
