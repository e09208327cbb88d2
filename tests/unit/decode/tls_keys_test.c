#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/limits.h"
#include "decode/tls_keys.h"
#include "decode/tls_secrets.h"

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX48 HEX32 "202122232425262728292a2b2c2d2e2f"
#define RANDOM_A                                                                                                       \
	"aa"                                                                                                           \
	"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RANDOM_B                                                                                                       \
	"bb"                                                                                                           \
	"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define MASTER(random, first) "CLIENT_RANDOM " random " " first "0102030405060708090a0b0c0d0e0f" HEX32

/* The random that begins with this byte. */
static void
make_random(uint8_t random[32], uint8_t first)
{
	for (size_t i = 0; i < 32; i++)
		random[i] = (uint8_t)i;
	random[0] = first;
}

/* The first byte of a secret; -1: there is none. */
static int
first_of(const struct tls_keys *k, enum tls_secret which, uint8_t random_first)
{
	uint8_t random[32];
	struct bytes secret;

	make_random(random, random_first);
	return tls_keys_find(k, which, random, &secret) ? secret.p[0] : -1;
}

struct file {
	char path[64];
	struct tls_keys *keys;
};

static int
setup(void **state)
{
	struct file *f = mem_new(sizeof(*f));
	int fd;

	strcpy(f->path, "/tmp/tls_keys_test.XXXXXX");
	fd = mkstemp(f->path);
	if (fd < 0)
		return -1;
	close(fd);
	f->keys = tls_keys_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct file *f = *state;

	unlink(f->path);
	tls_keys_free(f->keys);
	mem_free(f);
	return 0;
}

static void
write_as(const struct file *f, const char *mode, const char *text)
{
	FILE *out = fopen(f->path, mode);

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void
add(struct file *f)
{
	struct err e;

	if (!tls_keys_add_file(f->keys, f->path, &e))
		fail_msg("%s", e.text);
}

/* Text of one line, and which secret it gives; -1: it is bad, -2: it is fine and gives none. */
static const struct {
	const char *line;
	int which;
} lines[] = {
	{ "CLIENT_RANDOM " HEX32 " " HEX48, TLS_SECRET_MASTER },
	{ "CLIENT_EARLY_TRAFFIC_SECRET " HEX32 " " HEX32, TLS_SECRET_CLIENT_EARLY },
	{ "CLIENT_HANDSHAKE_TRAFFIC_SECRET " HEX32 " " HEX32, TLS_SECRET_CLIENT_HANDSHAKE },
	{ "SERVER_HANDSHAKE_TRAFFIC_SECRET " HEX32 " " HEX48, TLS_SECRET_SERVER_HANDSHAKE },
	{ "CLIENT_TRAFFIC_SECRET_0 " HEX32 " " HEX48, TLS_SECRET_CLIENT_TRAFFIC },
	{ "SERVER_TRAFFIC_SECRET_0 " HEX32 " " HEX32, TLS_SECRET_SERVER_TRAFFIC },
	{ "SERVER_TRAFFIC_SECRET_0 " HEX32 " " HEX32 "\r", TLS_SECRET_SERVER_TRAFFIC },
	{ "SERVER_TRAFFIC_SECRET_0 " HEX32 " " HEX32 " \t", TLS_SECRET_SERVER_TRAFFIC },
	{ "CLIENT_RANDOM " HEX32 " 0A0B0C0D0E0F0a0b0c0d0e0f0A0B0C0D" HEX32, TLS_SECRET_MASTER },
	{ "# SSL/TLS secrets log file", -2 },
	{ "", -2 },
	{ "\r", -2 },
	{ "EXPORTER_SECRET " HEX32 " " HEX48, -2 },
	{ "ECH_SECRET " HEX32 " " HEX32 HEX32, -2 },
	{ "RSA 0011223344556677 " HEX48, -2 },
	{ "CLIENT_RANDOM " HEX32 " " HEX32, -1 },
	{ "CLIENT_RANDOM " HEX32 " " HEX48 "00", -1 },
	{ "CLIENT_RANDOM " HEX32 " " HEX48 "0", -1 },
	{ "CLIENT_RANDOM " HEX48 " " HEX48, -1 },
	{ "CLIENT_RANDOM  " HEX32 " " HEX48, -1 },
	{ "CLIENT_RANDOM " HEX32, -1 },
	{ "CLIENT_RANDOM", -1 },
	{ "CLIENT_RANDOM " HEX32 " " HEX32 "2021222324252627g8292a2b2c2d2e2f", -1 },
	{ "CLIENT_TRAFFIC_SECRET_0 " HEX32 " 00", -1 },
	{ "client_random " HEX32 " " HEX48, -1 },
	{ "OTHER_LABEL " HEX32 " xyz", -1 },
	{ "-----BEGIN PRIVATE KEY-----", -1 },
	{ "\xff\xfe", -1 },
};

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct bytes text = bytes_str(lines[i].line);
		uint8_t *exact = mem_new(text.len);
		struct tls_keys *k = tls_keys_new();
		int found = -2;

		memcpy(exact, text.p, text.len);
		tls_keys_add_text(k, bytes_of(exact, text.len));
		for (int which = TLS_SECRET_MASTER; which <= TLS_SECRET_SERVER_TRAFFIC; which++)
			if (first_of(k, (enum tls_secret)which, 0) >= 0)
				found = which;
		if (tls_keys_n_bad(k) > 0)
			found = -1;
		if (found != lines[i].which || (tls_keys_version(k) == 1) != (found >= 0))
			fail_msg("%s: %d, not %d", lines[i].line, found, lines[i].which);
		tls_keys_free(k);
		mem_free(exact);
	}
}

static void
test_last_wins(void **state)
{
	struct tls_keys *k = tls_keys_new();
	uint64_t version;

	(void)state;
	tls_keys_add_text(k, bytes_str(MASTER(RANDOM_A, "11") "\nnonsense\n" MASTER(RANDOM_A, "22")));
	assert_int_equal(first_of(k, TLS_SECRET_MASTER, 0xaa), 0x22);
	assert_int_equal(first_of(k, TLS_SECRET_MASTER, 0xbb), -1);
	assert_int_equal(first_of(k, TLS_SECRET_CLIENT_EARLY, 0xaa), -1);
	assert_int_equal(tls_keys_n_bad(k), 1);
	version = tls_keys_version(k);
	tls_keys_add_text(k, bytes_str(MASTER(RANDOM_A, "22") "\n"));
	assert_int_equal(tls_keys_version(k), version);
	tls_keys_free(k);
}

static void
test_growing_file(void **state)
{
	struct file *f = *state;

	add(f);
	assert_false(tls_keys_refresh(f->keys));
	write_as(f, "a", "# begins\n" MASTER(RANDOM_A, "11") "\nCLIENT_RAN");
	assert_true(tls_keys_refresh(f->keys));
	assert_false(tls_keys_refresh(f->keys));
	assert_int_equal(first_of(f->keys, TLS_SECRET_MASTER, 0xaa), 0x11);
	write_as(f, "a", "DOM " RANDOM_B " ");
	assert_false(tls_keys_refresh(f->keys));
	write_as(f, "a", "330102030405060708090a0b0c0d0e0f" HEX32);
	assert_false(tls_keys_refresh(f->keys)); /* whole lines only */
	write_as(f, "a", "\n");
	assert_true(tls_keys_refresh(f->keys));
	assert_int_equal(first_of(f->keys, TLS_SECRET_MASTER, 0xbb), 0x33);
	assert_int_equal(tls_keys_n_bad(f->keys), 0);
}

static void
test_last_line_without_end(void **state)
{
	struct file *f = *state;

	write_as(f, "w", MASTER(RANDOM_A, "11"));
	add(f);
	assert_int_equal(first_of(f->keys, TLS_SECRET_MASTER, 0xaa), 0x11);
	write_as(f, "a", "\n" MASTER(RANDOM_B, "22") "\n");
	assert_true(tls_keys_refresh(f->keys));
	assert_int_equal(first_of(f->keys, TLS_SECRET_MASTER, 0xbb), 0x22);
}

static void
test_cut_and_replaced(void **state)
{
	struct file *f = *state;
	char other[80];

	write_as(f, "w", "# a comment that makes it longer\n" MASTER(RANDOM_A, "11") "\n");
	add(f);
	write_as(f, "w", MASTER(RANDOM_A, "22") "\n");
	assert_true(tls_keys_refresh(f->keys));
	assert_int_equal(first_of(f->keys, TLS_SECRET_MASTER, 0xaa), 0x22);

	snprintf(other, sizeof(other), "%s.1", f->path);
	assert_int_equal(rename(f->path, other), 0);
	assert_false(tls_keys_refresh(f->keys)); /* nothing has its name now */
	write_as(f, "w", MASTER(RANDOM_B, "33") "\n");
	assert_true(tls_keys_refresh(f->keys));
	assert_int_equal(first_of(f->keys, TLS_SECRET_MASTER, 0xbb), 0x33);
	assert_int_equal(first_of(f->keys, TLS_SECRET_MASTER, 0xaa), 0x22);
	unlink(other);
}

static void
test_long_lines(void **state)
{
	struct file *f = *state;
	char *filler = mem_new(200000);

	memset(filler, 'A', 199999);
	write_as(f, "w", MASTER(RANDOM_A, "11") "\n");
	write_as(f, "a", filler);
	add(f);
	write_as(f, "a", filler);
	write_as(f, "a", "\n" MASTER(RANDOM_B, "22") "\n");
	assert_true(tls_keys_refresh(f->keys));
	assert_int_equal(first_of(f->keys, TLS_SECRET_MASTER, 0xbb), 0x22);
	assert_int_equal(tls_keys_n_bad(f->keys), 1);
	mem_free(filler);
}

static void
expect_error(struct file *f, const char *path, const char *part)
{
	struct err e = { "" };

	assert_false(tls_keys_add_file(f->keys, path, &e));
	if (!strstr(e.text, part) || !strstr(e.text, path) || strchr(e.text, '\n'))
		fail_msg("%s", e.text);
}

static void
test_errors(void **state)
{
	struct file *f = *state;

	expect_error(f, "/nonexistent/keys", "No such file");
	expect_error(f, "/tmp", "Is a directory");
	write_as(f, "w", "# a script\necho hello\n");
	expect_error(f, f->path, "is no key log");
	write_as(f, "w", "not even a line");
	expect_error(f, f->path, "is no key log");
	write_as(f, "w", "");
	add(f);
}

#define TABLE_MAX 5000
#define TABLE_PUTS 40000

/* Against a table that is as simple as can be: the newest TABLE_MAX of all keys. */
static void
test_table(void **state)
{
	struct tls_secrets *s = tls_secrets_new(TABLE_MAX);
	uint8_t random[32] = { 0 }, secret[48] = { 0 };
	struct bytes found;

	(void)state;
	for (uint32_t i = 0; i < TABLE_PUTS; i++) {
		memcpy(random + 7, &i, sizeof(i));
		memcpy(secret, &i, sizeof(i));
		assert_true(tls_secrets_put(s, i % 6, random, bytes_of(secret, 48)));
		assert_false(tls_secrets_put(s, i % 6, random, bytes_of(secret, 48)));
		if (i % 1000 != 999)
			continue;
		for (uint32_t j = 0; j <= i; j++) {
			memcpy(random + 7, &j, sizeof(j));
			assert_false(tls_secrets_find(s, (j + 1) % 6, random, &found));
			assert_int_equal(tls_secrets_find(s, j % 6, random, &found), j + TABLE_MAX > i);
			if (j + TABLE_MAX > i)
				assert_memory_equal(found.p, &j, sizeof(j));
		}
	}
	tls_secrets_free(s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_lines),
	cmocka_unit_test(test_last_wins),
	cmocka_unit_test_setup_teardown(test_growing_file, setup, teardown),
	cmocka_unit_test_setup_teardown(test_last_line_without_end, setup, teardown),
	cmocka_unit_test_setup_teardown(test_cut_and_replaced, setup, teardown),
	cmocka_unit_test_setup_teardown(test_long_lines, setup, teardown),
	cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
	cmocka_unit_test(test_table),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
