/* pcapng: interfaces of different link types and units, other blocks, and every way to be cut or wrong. */
#include "tests/unit/capture/fixture.h"

#include <pcap/dlt.h>

#include "base/attr.h"
#include "capture/filetime.h"

#define SECTION 0x0a0d0d0a
#define START 1700000000ULL

static void
put_block(struct buf *b, uint32_t type, struct bytes body, bool is_big)
{
	uint32_t padding = (4 - body.len % 4) % 4;
	uint32_t len = (uint32_t)body.len + padding + 12;

	put_u32(b, type, is_big);
	put_u32(b, len, is_big);
	buf_add(b, body);
	put_fill(b, padding, 0);
	put_u32(b, len, is_big);
}

static void
put_section(struct buf *b, bool is_big)
{
	struct buf body;

	buf_init(&body, FILE_MAX);
	put_u32(&body, 0x1a2b3c4d, is_big);
	put_u16(&body, 1, is_big);
	put_u16(&body, 0, is_big);
	put_fill(&body, 8, 0xff); /* length not known */
	put_block(b, SECTION, buf_bytes(&body), is_big);
	buf_fini(&body);
}

/* resolution 0: none is given */
static void
put_interface(struct buf *b, uint32_t link_type, uint32_t snaplen, uint8_t resolution, int32_t offset_s, bool is_big)
{
	struct buf body;

	buf_init(&body, FILE_MAX);
	put_u16(&body, link_type, is_big);
	put_u16(&body, 0, is_big);
	put_u32(&body, snaplen, is_big);
	put_u16(&body, 2, is_big); /* if_name */
	put_u16(&body, 5, is_big);
	buf_add_str(&body, "veth0");
	put_fill(&body, 3, 0);
	if (resolution > 0) {
		put_u16(&body, 9, is_big);
		put_u16(&body, 1, is_big);
		buf_add_u8(&body, resolution);
		put_fill(&body, 3, 0);
	}
	if (offset_s != 0) {
		uint32_t high = offset_s < 0 ? 0xffffffff : 0;

		put_u16(&body, 14, is_big);
		put_u16(&body, 8, is_big);
		put_u32(&body, is_big ? high : (uint32_t)offset_s, is_big);
		put_u32(&body, is_big ? (uint32_t)offset_s : high, is_big);
	}
	put_u32(&body, 0, is_big);
	put_block(b, 1, buf_bytes(&body), is_big);
	buf_fini(&body);
}

static void
put_packet(struct buf *b, uint32_t interface, uint64_t time, uint32_t len, bool is_big)
{
	struct buf body;

	buf_init(&body, FILE_MAX);
	put_u32(&body, interface, is_big);
	put_u32(&body, (uint32_t)(time >> 32), is_big);
	put_u32(&body, (uint32_t)time, is_big);
	put_u32(&body, len, is_big);
	put_u32(&body, len + 1, is_big);
	put_fill(&body, len, (uint8_t)len);
	put_block(b, 6, buf_bytes(&body), is_big);
	buf_fini(&body);
}

static struct buf
small_file(bool is_big)
{
	struct buf b;

	buf_init(&b, FILE_MAX);
	put_section(&b, is_big);
	put_interface(&b, DLT_EN10MB, 0, 0, 0, is_big);
	put_packet(&b, 0, START * 1000000 + 7, 61, is_big);
	return b;
}

/* Opens what is in b, which must work. The descriptor may be closed at once. */
static struct capture *
open_bytes(const struct buf *b)
{
	char path[64];
	const char *name = path;
	int fd = make_file(buf_bytes(b), path);
	struct err e = { "" };
	struct capture *c = capture_open_files(&name, 1, NULL, &e);

	if (!c)
		fail_msg("%s", e.text);
	close(fd);
	return c;
}

static struct packet
next(struct capture *c)
{
	struct packet p;

	assert_int_equal(capture_next(c, &p), CAPTURE_PACKET);
	return p;
}

/* Takes b. Expects n packets and the words in the damage, NULL = none. */
static void
expect(struct buf b, uint64_t n, const char *damage)
{
	struct capture *c = open_bytes(&b);
	struct capture_info info = read_all(c);

	assert_int_equal(info.n_packets, n);
	if (!damage && info.damage)
		fail_msg("unexpected: %s", info.damage);
	if (damage && (!info.damage || !strstr(info.damage, damage)))
		fail_msg("expected %s, got: %s", damage, info.damage ? info.damage : "nothing");
	capture_free(c);
	buf_fini(&b);
}

static void
expect_refused(struct buf b, const char *reason)
{
	char path[64];
	const char *name = path;
	int fd = make_file(buf_bytes(&b), path);
	struct err e = { "" };

	assert_null(capture_open_files(&name, 1, NULL, &e));
	if (!strstr(e.text, reason))
		fail_msg("expected \"%s\", got: %s", reason, e.text);
	close(fd);
	buf_fini(&b);
}

static void
both_byte_orders_are_read(void **state UNUSED)
{
	for (int is_big = 0; is_big < 2; is_big++) {
		struct buf b = small_file(is_big);
		struct capture *c = open_bytes(&b);
		struct packet p = next(c);

		assert_true(p.when.time_ns == (int64_t)START * NS_PER_S + 7000);
		assert_int_equal(p.data.len, 61);
		assert_int_equal(p.data.p[60], 61);
		assert_int_equal(p.wire_len, 62);
		assert_int_equal(p.link_type, DLT_EN10MB);
		assert_int_equal(capture_next(c, &p), CAPTURE_END);
		assert_null(capture_info(c).damage);
		capture_free(c);
		buf_fini(&b);
	}
}

/* What libpcap refuses: another link type, another snapshot length, another unit. */
static void
interfaces_may_differ(void **state UNUSED)
{
	struct buf b = small_file(false);
	struct capture *c;
	struct packet p;

	put_interface(&b, DLT_NULL, 96, 9, 0, false);
	put_interface(&b, 101, 65535, 0x80 | 10, -3600, false);
	put_packet(&b, 1, START * NS_PER_S + 5, 70, false);
	put_packet(&b, 2, START * 1024 + 512, 80, false);
	put_section(&b, true); /* and a file appended, from another machine */
	put_interface(&b, DLT_LINUX_SLL, 0, 12, 0, true);
	put_packet(&b, 0, 1500 * 1000ULL, 90, true);
	c = open_bytes(&b);
	next(c);
	p = next(c);
	assert_int_equal(p.link_type, DLT_NULL);
	assert_true(p.when.time_ns == (int64_t)START * NS_PER_S + 5);
	p = next(c);
	assert_int_equal(p.link_type, DLT_RAW);
	assert_true(p.when.time_ns == (int64_t)(START - 3600) * NS_PER_S + NS_PER_S / 2);
	p = next(c);
	assert_int_equal(p.link_type, DLT_LINUX_SLL);
	assert_true(p.when.time_ns == 1500);
	assert_int_equal(capture_info(c).link_type, DLT_EN10MB);
	assert_int_equal(capture_next(c, &p), CAPTURE_END);
	capture_free(c);
	buf_fini(&b);
}

static void
other_blocks_are_skipped(void **state UNUSED)
{
	struct buf b = small_file(false), big, simple, old;

	buf_init(&big, FILE_MAX);
	put_fill(&big, 1000000, 0x55); /* larger than the buffer */
	put_block(&b, 4, buf_bytes(&big), false);
	put_block(&b, 0x80000001, bytes_of(NULL, 0), false);
	buf_init(&simple, FILE_MAX);
	put_u32(&simple, 50, false);
	put_fill(&simple, 50, 3);
	put_block(&b, 3, buf_bytes(&simple), false);
	buf_init(&old, FILE_MAX);
	put_u16(&old, 0, false);
	put_u16(&old, 99, false); /* drops, not a part of the interface number */
	put_fill(&old, 8, 0);
	put_u32(&old, 4, false);
	put_u32(&old, 4, false);
	put_fill(&old, 4, 1);
	put_block(&b, 2, buf_bytes(&old), false);
	buf_fini(&big);
	buf_fini(&simple);
	buf_fini(&old);
	expect(b, 3, NULL);
}

static void
cut_files_give_all_before_the_cut(void **state UNUSED)
{
	struct buf whole = small_file(false);
	size_t before = whole.len, last;

	put_packet(&whole, 0, START, 64, false);
	last = whole.len - before;
	for (size_t n = 0; n <= last; n++) {
		struct buf b = small_file(false);
		bool has_packet = n >= last - 4; /* all but the length at its end */

		buf_add(&b, bytes_head(bytes_from(buf_bytes(&whole), before), n));
		expect(b, has_packet ? 2 : 1, n > 0 && n < last ? "cut off" : NULL);
	}
	buf_fini(&whole);
}

static void
broken_blocks_end_the_file(void **state UNUSED)
{
	struct buf b = small_file(false);

	put_packet(&b, 1, START, 64, false);
	expect(b, 1, "interface that the file does not describe");
	b = small_file(false);
	put_u32(&b, 6, false);
	put_u32(&b, 11, false);
	expect(b, 1, "impossible length 11");
	b = small_file(false);
	put_packet(&b, 0, START, 64, false);
	b.p[b.len - 96 + 20] = 0xff; /* captured length: more than the block holds */
	expect(b, 1, "packet 2 has the impossible length");
	b = small_file(false);
	put_section(&b, false);
	b.p[b.len - 20] ^= 1;
	expect(b, 1, "byte-order");
	b = small_file(false);
	put_section(&b, false);
	put_packet(&b, 0, START, 64, false);
	expect(b, 1, "does not describe");
	b = small_file(false);
	for (int i = 0; i < 5000; i++)
		put_interface(&b, DLT_EN10MB, 0, 0, 0, false);
	expect(b, 1, "more interfaces");
}

static void
unreadable_link_types_are_said(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, FILE_MAX);
	put_section(&b, false);
	put_interface(&b, DLT_USB_LINUX, 0, 0, 0, false);
	put_packet(&b, 0, START, 64, false);
	expect(b, 1, "no interface in it has a link type");
}

static void
files_without_interface_are_refused(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, FILE_MAX);
	put_section(&b, false);
	expect_refused(b, "no interface");
	buf_init(&b, FILE_MAX);
	put_section(&b, false);
	b.len -= 10;
	expect_refused(b, "cut off");
	buf_init(&b, FILE_MAX);
	put_section(&b, false);
	put_u32(&b, 1, false);
	put_u32(&b, 0xfffffffc, false);
	expect_refused(b, "interfaces");
}

/* Whatever the file says, a time is in the range that others calculate with. */
static void
impossible_times_become_possible(void **state UNUSED)
{
	static const uint32_t ends[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };

	for (unsigned resolution = 0; resolution < 256; resolution++)
		for (size_t i = 0; i < ARRAY_LEN(ends) * ARRAY_LEN(ends) * ARRAY_LEN(ends); i++) {
			struct filetime_unit u = { 0 };
			uint32_t a = ends[i % 5], b = ends[i / 5 % 5], c = ends[i / 25];
			int64_t ns;

			filetime_set_resolution(&u, (uint8_t)resolution);
			filetime_set_offset(&u, a, c);
			ns = filetime_ns(&u, b, c);
			assert_true(ns >= 0 && ns <= FILETIME_MAX_NS);
			ns = filetime_of((int64_t)((uint64_t)a << 32 | b), (int64_t)((uint64_t)b << 32 | c));
			assert_true(ns >= 0 && ns <= FILETIME_MAX_NS);
		}
	assert_true(filetime_of(-1, 0) == 0xffffffff * NS_PER_S); /* libpcap reads the unsigned seconds as signed */
}

static void
put_secrets(struct buf *b, uint32_t type, uint32_t len, struct bytes text, bool is_big)
{
	struct buf body;

	buf_init(&body, FILE_MAX);
	put_u32(&body, type, is_big);
	put_u32(&body, len, is_big);
	buf_add(&body, text);
	put_fill(&body, (4 - text.len % 4) % 4, 0);
	put_block(b, 10, buf_bytes(&body), is_big);
	buf_fini(&body);
}

static void
note_secrets(void *user, struct bytes text)
{
	buf_add(user, text);
}

#define KEY_LOG 0x544c534b

/* Before the interface, between packets, of another type, more than can be looked at at once; then one that lies. */
static void
secrets_are_told(void **state)
{
	(void)state;
	for (int is_big = 0; is_big < 2; is_big++) {
		struct buf b, told, wanted, many;
		struct capture *c;
		struct packet p;

		buf_init(&b, FILE_MAX);
		buf_init(&told, FILE_MAX);
		buf_init(&wanted, FILE_MAX);
		buf_init(&many, FILE_MAX);
		for (unsigned i = 0; i < 100000; i++)
			buf_addf(&many, "line %u\n", i);
		put_section(&b, is_big);
		put_secrets(&b, KEY_LOG, 6, bytes_str("first\n"), is_big);
		put_secrets(&b, 0x57474b4c, 6, bytes_str("other\n"), is_big); /* WireGuard */
		put_interface(&b, DLT_EN10MB, 0, 0, 0, is_big);
		put_packet(&b, 0, START * 1000000, 61, is_big);
		put_secrets(&b, KEY_LOG, (uint32_t)many.len, buf_bytes(&many), is_big);
		put_packet(&b, 0, START * 1000000, 62, is_big);
		put_secrets(&b, KEY_LOG, 0, bytes_str(""), is_big);
		put_secrets(&b, KEY_LOG, 9, bytes_str("last"), is_big);
		c = open_bytes(&b);
		capture_set_secrets(c, note_secrets, &told);
		assert_true(bytes_eq_str(buf_bytes(&told), "first\n"));
		assert_int_equal(next(c).data.len, 61);
		assert_int_equal(next(c).data.len, 62);
		assert_int_equal(capture_next(c, &p), CAPTURE_END);
		assert_non_null(strstr(capture_info(c).damage, "impossible length 9"));
		buf_add_str(&wanted, "first\n");
		buf_add(&wanted, buf_bytes(&many));
		assert_true(bytes_eq(buf_bytes(&told), buf_bytes(&wanted)));
		capture_free(c);
		buf_fini(&b);
		buf_fini(&told);
		buf_fini(&wanted);
		buf_fini(&many);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_are_read),
		cmocka_unit_test(interfaces_may_differ),
		cmocka_unit_test(other_blocks_are_skipped),
		cmocka_unit_test(secrets_are_told),
		cmocka_unit_test(cut_files_give_all_before_the_cut),
		cmocka_unit_test(broken_blocks_end_the_file),
		cmocka_unit_test(unreadable_link_types_are_said),
		cmocka_unit_test(files_without_interface_are_refused),
		cmocka_unit_test(impossible_times_become_possible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
