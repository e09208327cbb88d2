/* Capture files of every kind that people send: what is readable is read, and the rest is said in one line. */
#include "tests/unit/capture/fixture.h"

#include <fcntl.h>
#include <pcap/dlt.h>
#include <pthread.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "base/attr.h"

#define MICRO 0xa1b2c3d4
#define NANO 0xa1b23c4d
#define START 1700000000U

static void
put_header(struct buf *b, uint32_t magic, uint32_t link_type, bool is_big)
{
	put_u32(b, magic, is_big);
	put_u16(b, 2, is_big);
	put_u16(b, 4, is_big);
	put_u32(b, 0, is_big);
	put_u32(b, 0, is_big);
	put_u32(b, 262144, is_big);
	put_u32(b, link_type, is_big);
}

static void
put_record(struct buf *b, uint32_t seconds, uint32_t fraction, uint32_t len, uint32_t wire_len, bool is_big)
{
	put_u32(b, seconds, is_big);
	put_u32(b, fraction, is_big);
	put_u32(b, len, is_big);
	put_u32(b, wire_len, is_big);
	put_fill(b, len, (uint8_t)len);
}

/* n packets, one per second, of 100 bytes and more. */
static struct buf
plain_pcap(uint32_t start, uint32_t n)
{
	struct buf b;

	buf_init(&b, FILE_MAX);
	put_header(&b, MICRO, DLT_EN10MB, false);
	for (uint32_t i = 0; i < n; i++)
		put_record(&b, start + i, 5, 100 + i % 50, 100 + i % 50, false);
	return b;
}

static struct buf
gzipped(struct bytes from)
{
	struct buf b;
	uint8_t *out = malloc(FILE_MAX);
	z_stream z = { 0 };

	buf_init(&b, FILE_MAX);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (z_const Bytef *)(uintptr_t)from.p;
	z.avail_in = (unsigned)from.len;
	z.next_out = out;
	z.avail_out = FILE_MAX;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_add(&b, bytes_of(out, FILE_MAX - z.avail_out));
	deflateEnd(&z);
	free(out);
	return b;
}

static struct buf
zstandard(struct bytes from)
{
	struct buf b;
	uint8_t *out = malloc(FILE_MAX);
	size_t len = ZSTD_compress(out, FILE_MAX, from.p, from.len, 3);

	buf_init(&b, FILE_MAX);
	assert_false(ZSTD_isError(len));
	buf_add(&b, bytes_of(out, len));
	free(out);
	return b;
}

/* Takes b. Expects n packets and that the damage holds the words, NULL = no damage. */
static void
expect(struct buf b, uint64_t n, const char *damage)
{
	char path[64];
	const char *name = path;
	int fd = make_file(buf_bytes(&b), path);
	struct err e = { "" };
	struct capture *c = capture_open_files(&name, 1, NULL, &e);
	struct capture_info info;

	if (!c)
		fail_msg("%s", e.text);
	info = read_all(c);
	assert_int_equal(info.n_packets, n);
	if (!damage)
		assert_int_equal(info.bytes_read, info.bytes_total);
	if (!damage && info.damage)
		fail_msg("unexpected: %s", info.damage);
	if (damage && (!info.damage || !strstr(info.damage, damage) || !strstr(info.damage, path)))
		fail_msg("expected %s, got: %s", damage, info.damage ? info.damage : "nothing");
	capture_free(c);
	close(fd);
	buf_fini(&b);
}

/* Takes b. Expects that it does not open, for the reason. */
static void
expect_refused(struct buf b, const char *reason)
{
	char path[64];
	const char *name = path;
	int fd = make_file(buf_bytes(&b), path);
	struct err e = { "" };

	assert_null(capture_open_files(&name, 1, NULL, &e));
	if (!strstr(e.text, reason) || !strstr(e.text, path) || strchr(e.text, '\n'))
		fail_msg("expected \"%s\", got: %s", reason, e.text);
	close(fd);
	buf_fini(&b);
}

static struct buf
content(const void *p, size_t len)
{
	struct buf b;

	buf_init(&b, FILE_MAX);
	buf_add(&b, bytes_of(p, len));
	return b;
}

static struct buf
cut(struct buf b, size_t n)
{
	b.len -= n;
	return b;
}

static struct buf
joined(struct buf a, struct buf b)
{
	buf_add(&a, buf_bytes(&b));
	buf_fini(&b);
	return a;
}

static void
byte_orders_and_units_are_read(void **state UNUSED)
{
	for (int i = 0; i < 4; i++) {
		bool is_big = i & 1, is_nano = i & 2;
		char path[64];
		const char *name = path;
		struct buf b;
		struct err e = { "" };
		struct packet p;
		struct capture *c;
		int fd;

		buf_init(&b, FILE_MAX);
		put_header(&b, is_nano ? NANO : MICRO, DLT_EN10MB, is_big);
		put_record(&b, START, 123456, 60, 1500, is_big);
		put_record(&b, 0xffffffff, 0, 0, 60, is_big); /* year 2106; and nothing captured */
		fd = make_file(buf_bytes(&b), path);
		c = capture_open_files(&name, 1, NULL, &e);
		assert_non_null(c);
		assert_int_equal(capture_next(c, &p), CAPTURE_PACKET);
		assert_int_equal(p.when.packet, 1);
		assert_true(p.when.time_ns == START * NS_PER_S + (is_nano ? 123456 : 123456000));
		assert_int_equal(p.data.len, 60);
		assert_int_equal(p.data.p[59], 60);
		assert_int_equal(p.wire_len, 1500);
		assert_int_equal(p.link_type, DLT_EN10MB);
		assert_int_equal(capture_next(c, &p), CAPTURE_PACKET);
		assert_true(p.when.time_ns == 0xffffffff * NS_PER_S);
		assert_int_equal(capture_next(c, &p), CAPTURE_END);
		assert_int_equal(capture_info(c).n_cut, 2);
		assert_null(capture_info(c).damage);
		capture_free(c);
		close(fd);
		buf_fini(&b);
	}
}

/* The variant with 24-byte records of old Linux kernels is left to libpcap; so are its 32 bits of time. */
static void
rare_variants_are_read_by_libpcap(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, FILE_MAX);
	put_header(&b, 0xa1b2cd34, DLT_EN10MB, false);
	for (int i = 0; i < 3; i++) {
		put_u32(&b, i == 0 ? START : 0xfffffff0, false);
		put_u32(&b, 0xffffffff, false);
		put_u32(&b, 60, false);
		put_u32(&b, 60, false);
		put_fill(&b, 8, 0);
		put_fill(&b, i < 2 ? 60 : 10, 1);
	}
	expect(b, 2, "packet 3");
}

static void
compressed_files_are_read(void **state UNUSED)
{
	struct buf plain = plain_pcap(START, 5000), half = plain, rest = plain;

	half.len /= 3;
	rest.p += half.len;
	rest.len -= half.len;
	expect(gzipped(buf_bytes(&plain)), 5000, NULL);
	expect(zstandard(buf_bytes(&plain)), 5000, NULL);
	expect(joined(gzipped(buf_bytes(&half)), gzipped(buf_bytes(&rest))), 5000, NULL);
	expect(joined(zstandard(buf_bytes(&half)), zstandard(buf_bytes(&rest))), 5000, NULL);
	expect(joined(content("\x50\x2a\x4d\x18\x04\0\0\0skip", 12), zstandard(buf_bytes(&plain))), 5000, NULL);
	expect(joined(gzipped(buf_bytes(&plain)), content("\0\0\0\0\0\0\0", 7)), 5000, NULL);
	expect(joined(gzipped(buf_bytes(&plain)), content("tail", 4)), 5000, "not gzip");
	expect(joined(zstandard(buf_bytes(&plain)), content("tail", 4)), 5000, "zstd data are corrupt");
	buf_fini(&plain);
}

/* Everything before the cut must come out: compare with what the library itself can unpack. */
static void
cut_compressed_files_give_what_they_hold(void **state UNUSED)
{
	struct buf plain = plain_pcap(START, 5000), one = plain_pcap(START, 1), packed = gzipped(buf_bytes(&plain));

	expect(cut(gzipped(buf_bytes(&plain)), 1), 5000, "end too early");
	expect(cut(gzipped(buf_bytes(&plain)), 8), 5000, "end too early");
	expect(cut(gzipped(buf_bytes(&one)), 12), 0, "end too early");
	expect(joined(gzipped(buf_bytes(&plain)), cut(gzipped(buf_bytes(&one)), 1)), 5001, "end too early");
	expect(joined(zstandard(buf_bytes(&plain)), cut(zstandard(buf_bytes(&one)), 1)), 5000, "end too early");
	expect_refused(content(packed.p, 12), "end too early");
	buf_fini(&packed);
	buf_fini(&plain);
	buf_fini(&one);
}

static void
corrupt_compressed_files_say_so(void **state UNUSED)
{
	struct buf plain = plain_pcap(START, 5000), bad = gzipped(buf_bytes(&plain));

	bad.p[bad.len - 6] ^= 1; /* the checksum */
	expect(bad, 5000, "gzip data are corrupt");
	buf_fini(&plain);
}

static void
cut_files_give_all_before_the_cut(void **state UNUSED)
{
	for (size_t n = 1; n < 100 + 16 + 2; n++)
		expect(cut(plain_pcap(START, 3), n), 2, "cut off inside packet 3");
	expect(cut(plain_pcap(START, 3), 102 + 16), 2, NULL);
	expect(plain_pcap(START, 0), 0, NULL);
}

static void
damaged_records_end_the_file(void **state UNUSED)
{
	struct buf b = plain_pcap(START, 3);

	put_record(&b, START, 0, 0, 0, false);
	expect(joined(b, content("\1\2\3\4\5\6\7\10\xff\xff\xff\xff\xff\xff\xff\xff", 16)), 4,
	       "packet 5 has the impossible");
	b = plain_pcap(START, 3);
	put_fill(&b, 100000, 0);
	expect(b, 3, "only zeros");
	expect(joined(plain_pcap(START, 3), content("tail", 4)), 3, "cut off inside packet 4");
}

/* "cat a.pcap b.pcap" is what people do. */
static void
joined_files_are_read_on(void **state UNUSED)
{
	struct buf b;

	expect(joined(plain_pcap(START, 3), plain_pcap(START + 3, 4)), 7, NULL);
	expect(joined(plain_pcap(START, 3), plain_pcap(START + 3, 0)), 3, NULL);
	buf_init(&b, FILE_MAX);
	put_header(&b, MICRO, DLT_RAW, false);
	put_record(&b, START, 0, 60, 60, false);
	expect(joined(plain_pcap(START, 3), b), 3, "another capture file");
}

static void
largest_packet_is_read(void **state UNUSED)
{
	struct buf b = plain_pcap(START, 2);

	put_record(&b, START, 0, 262144, 262144, false);
	put_record(&b, START, 0, 60, 60, false);
	put_record(&b, START, 0, 262144, 1, false);
	expect(b, 5, NULL);
	b = plain_pcap(START, 2);
	put_record(&b, START, 0, 262145, 262145, false);
	expect(b, 2, "impossible length 262145");
}

static void
other_files_are_refused_by_name(void **state UNUSED)
{
	struct buf b;

	expect_refused(content("", 0), "is empty");
	expect_refused(content("Nov 24 00:00:00 mx postfix/smtp: connect\n", 41), "is a text file");
	expect_refused(content("snoop\0\0\0\0\0\0\2\0\0\0\4", 16), "snoop");
	expect_refused(content("PK\3\4aaaaaaaa", 12), "zip");
	expect_refused(content("\0\0\0\0\0\0\0\0", 8), "zeros");
	expect_refused(content("\1\2\3\4\5\6\7\10", 8), "not a packet capture");
	expect_refused(content("\xd4\xc3", 2), "not a packet capture");
	expect_refused(cut(plain_pcap(START, 0), 4), "cut off inside its file header");
	b = gzipped(bytes_str("hello hello hello"));
	expect_refused(gzipped(buf_bytes(&b)), "twice");
	buf_fini(&b);
	buf_init(&b, FILE_MAX);
	put_header(&b, MICRO, DLT_USB_LINUX, false);
	expect_refused(b, "USB_LINUX");
}

static void
names_that_cannot_be_read_are_refused(void **state UNUSED)
{
	const char *const missing = "/nonexistent/x.pcap", *const directory = "/proc";
	const char *const twice[] = { "-", "-" };
	struct err e = { "" };

	assert_null(capture_open_files(&missing, 1, NULL, &e));
	assert_string_equal(e.text, "/nonexistent/x.pcap cannot be read: No such file or directory");
	assert_null(capture_open_files(&directory, 1, NULL, &e));
	assert_string_equal(e.text, "/proc is a directory");
	assert_null(capture_open_files(twice, 2, NULL, &e));
	assert_string_equal(e.text, "standard input was named twice");
	assert_null(capture_open_files(NULL, 0, NULL, &e));
}

/* A cut file in the middle of the timeline does not end it. The file without packets is in nobody's way. */
static void
files_become_one_timeline(void **state UNUSED)
{
	struct buf made[] = { plain_pcap(START + 200, 2), cut(plain_pcap(START + 100, 3), 1), plain_pcap(0, 0),
			      plain_pcap(START, 2) };
	char paths[4][64];
	const char *names[4];
	int fds[4];
	struct err e = { "" };
	struct capture *c;
	struct packet p;
	uint64_t n = 0;
	int64_t last = 0;

	for (int i = 0; i < 4; i++) {
		fds[i] = make_file(buf_bytes(&made[i]), paths[i]);
		names[i] = paths[i];
	}
	c = capture_open_files(names, 4, NULL, &e);
	assert_non_null(c);
	while (capture_next(c, &p) == CAPTURE_PACKET) {
		assert_int_equal(p.when.packet, ++n);
		assert_true(p.when.time_ns > last);
		last = p.when.time_ns;
	}
	assert_int_equal(n, 6);
	assert_non_null(strstr(capture_info(c).damage, paths[1]));
	assert_int_equal(capture_info(c).bytes_read, capture_info(c).bytes_total);
	capture_free(c);
	for (int i = 0; i < 4; i++) {
		close(fds[i]);
		buf_fini(&made[i]);
	}
}

static void
filters_keep_the_numbers_of_the_file(void **state UNUSED)
{
	struct buf b = plain_pcap(START, 10);
	char path[64];
	const char *name = path;
	int fd = make_file(buf_bytes(&b), path);
	struct err e = { "" };
	struct capture *c = capture_open_files(&name, 1, "greater 105", &e);
	struct packet p;

	assert_non_null(c);
	assert_int_equal(capture_next(c, &p), CAPTURE_PACKET);
	assert_int_equal(p.when.packet, 6);
	while (capture_next(c, &p) == CAPTURE_PACKET)
		continue;
	assert_int_equal(capture_info(c).n_packets, 5);
	capture_free(c);
	assert_null(capture_open_files(&name, 1, "port smtp-of-mars", &e));
	assert_non_null(strstr(e.text, "port smtp-of-mars"));
	close(fd);
	buf_fini(&b);
}

struct slow_writer {
	int fd;
	struct bytes content;
};

static void *
write_slowly(void *arg)
{
	const struct slow_writer *w = arg;

	for (size_t i = 0; i < w->content.len; i += 7) {
		struct bytes b = bytes_head(bytes_from(w->content, i), 7);

		if (write(w->fd, b.p, b.len) != (ssize_t)b.len)
			break;
	}
	close(w->fd);
	return NULL;
}

/* Standard input is the same, but belongs to the test program; so this is a pipe by its name in /proc. */
static void
pipes_are_read_together_with_files(void **state UNUSED)
{
	struct buf plain = plain_pcap(START, 20), packed = gzipped(buf_bytes(&plain)),
		   early = plain_pcap(START - 100, 1);
	char path[64], pipe_path[64];
	const char *names[] = { pipe_path, path };
	struct err e = { "" };
	struct slow_writer w = { .content = buf_bytes(&packed) };
	struct capture *c;
	pthread_t thread;
	int ends[2], fd = make_file(buf_bytes(&early), path);

	assert_int_equal(pipe(ends), 0);
	w.fd = ends[1];
	snprintf(pipe_path, sizeof(pipe_path), "/dev/fd/%d", ends[0]);
	assert_int_equal(pthread_create(&thread, NULL, write_slowly, &w), 0);
	c = capture_open_files(names, 2, NULL, &e);
	assert_non_null(c);
	assert_int_equal(read_all(c).n_packets, 21);
	assert_int_equal(capture_info(c).first.time_ns / NS_PER_S, START - 100);
	assert_int_equal(capture_info(c).bytes_total, 0);
	assert_null(capture_info(c).damage);
	pthread_join(thread, NULL);
	capture_free(c);
	close(ends[0]);
	close(fd);
	buf_fini(&plain);
	buf_fini(&packed);
	buf_fini(&early);
}

static void *
stop_soon(void *capture)
{
	usleep(20000);
	capture_stop(capture);
	return NULL;
}

static void
stop_ends_a_silent_pipe(void **state UNUSED)
{
	struct buf b = plain_pcap(START, 1);
	char path[64];
	const char *name = path;
	struct err e = { "" };
	struct packet p;
	struct capture *c;
	pthread_t thread;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	assert_int_equal(write(ends[1], b.p, b.len - 1), (ssize_t)b.len - 1);
	c = capture_open_files(&name, 1, NULL, &e);
	assert_non_null(c);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, c), 0);
	assert_int_equal(capture_next(c, &p), CAPTURE_END);
	assert_null(capture_info(c).damage); /* the cut is ours */
	pthread_join(thread, NULL);
	capture_free(c);
	close(ends[0]);
	close(ends[1]);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(byte_orders_and_units_are_read),
		cmocka_unit_test(rare_variants_are_read_by_libpcap),
		cmocka_unit_test(compressed_files_are_read),
		cmocka_unit_test(cut_compressed_files_give_what_they_hold),
		cmocka_unit_test(corrupt_compressed_files_say_so),
		cmocka_unit_test(cut_files_give_all_before_the_cut),
		cmocka_unit_test(damaged_records_end_the_file),
		cmocka_unit_test(joined_files_are_read_on),
		cmocka_unit_test(largest_packet_is_read),
		cmocka_unit_test(other_files_are_refused_by_name),
		cmocka_unit_test(names_that_cannot_be_read_are_refused),
		cmocka_unit_test(files_become_one_timeline),
		cmocka_unit_test(filters_keep_the_numbers_of_the_file),
		cmocka_unit_test(pipes_are_read_together_with_files),
		cmocka_unit_test(stop_ends_a_silent_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
