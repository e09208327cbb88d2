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
#include "base/limits.h"
#include "decode/tls_opener.h"
#include "decode/tls_suite.h"

#define RECORDS_MAX 32
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
	struct bytes key_lines; /* into the text */
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
take_line(struct vector *v, struct bytes line)
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
		tls_keys_add_text(v->keys, line);
	} else if (bytes_eq_str(word, "open")) {
		take_record(v, line);
	} else {
		assert_true(all.len == 0 || all.p[0] == '#');
	}
}

/* The next case of the text; false: no more. */
static bool
vector_next(struct bytes *rest, struct vector *v)
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
		take_line(v, line);
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
	tls_keys_free(v->keys);
}

static struct tls_opener *
open_side(struct vector *v, enum side side)
{
	v->start.side = side;
	return tls_opener_new(&v->start);
}

/* With calls as the reader of handshakes makes them: Finished is told where it is seen. */
static bool
open_record(struct tls_opener *o, const struct record *r, uint16_t version)
{
	uint8_t type = r->type;
	struct bytes plain;

	if (!tls_opener_open(o, &type, r->version, r->body, &plain))
		return false;
	if (r->inner != 0 && (type != r->inner || !bytes_eq(plain, r->plain)))
		return false;
	if (version == 0x0304 && type == 22 && plain.len > 36 && plain.p[0] == 20)
		tls_opener_finished(o);
	return true;
}

static void
test_all_open(void **state)
{
	struct bytes rest = text;
	struct vector v;
	size_t n = 0;

	(void)state;
	while (vector_next(&rest, &v)) {
		struct tls_opener *sides[2] = { open_side(&v, SIDE_CLIENT), open_side(&v, SIDE_SERVER) };

		for (size_t i = 0; i < v.n_records; i++) {
			const struct record *r = &v.records[i];

			if (!sides[r->side] || !open_record(sides[r->side], r, v.start.version))
				fail_msg("%s: record %zu does not open", v.name, i + 1);
			if (r->inner == 23)
				assert_int_equal(tls_opener_epoch(sides[r->side]), TLS_EPOCH_APPLICATION);
		}
		tls_opener_free(sides[0]);
		tls_opener_free(sides[1]);
		vector_free(&v);
		n++;
	}
	vector_free(&v);
	assert_true(n > 15);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_all_open),
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
