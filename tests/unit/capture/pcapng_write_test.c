/* What is written is read again as it was: packets, times, interfaces, names. And packets that waited in a spool. */
#include "tests/unit/capture/fixture.h"

#include <pcap/dlt.h>

#include "base/attr.h"
#include "capture/packet_spool.h"
#include "capture/pcapng_write.h"

#define TIME_NS 1700000000123456789LL

static const uint8_t frame[] = { 1, 2, 3, 4, 5, 6, 7 };
static const uint8_t name_record[] = { 1, 0, 13, 0, 192, 0, 2, 1, 'm', 'x', '.', 'e', 'x', 'a', 'm', 'p', 0, 0, 0, 0 };

static struct capture_interface
interface_of(int link_type, const char *name)
{
	return (struct capture_interface){ link_type, 96, bytes_str(name) };
}

/* The packet number i of the tests: i bytes of 10 + i. */
static struct packet
packet_of(uint64_t i)
{
	return (struct packet){ .data = bytes_of(frame, (size_t)i),
				.wire_len = (uint32_t)(10 + i),
				.when = { i, TIME_NS + (int64_t)i },
				.link_type = i % 2 ? DLT_EN10MB : DLT_RAW };
}

static void
check_packet(const struct packet *p, uint64_t i)
{
	struct packet want = packet_of(i);

	assert_int_equal(p->wire_len, want.wire_len);
	assert_int_equal(p->when.packet, i);
	assert_true(p->when.time_ns == want.when.time_ns);
	assert_int_equal(p->link_type, want.link_type);
	assert_int_equal(p->data.len, i);
	assert_memory_equal(p->data.p, frame, (size_t)i);
}

static struct bytes
write_file(char **text)
{
	size_t len;
	FILE *memory = open_memstream(text, &len);
	struct pcapng_writer *w = pcapng_writer_new(memory);
	const struct bytes comments[] = { bytes_str("the first"), bytes_str("another one") };

	pcapng_writer_names(w, bytes_of(name_record, sizeof(name_record)));
	pcapng_writer_secrets(w, bytes_str("CLIENT_RANDOM 00 11\n"));
	for (uint64_t i = 1; i <= 7; i++) {
		struct packet p = packet_of(i);
		struct capture_interface from = interface_of(p.link_type, i == 7 ? "third" : "eth0");

		pcapng_writer_packet(w, pcapng_writer_interface(w, &from), &p, comments, i == 3 ? 2 : 0);
	}
	pcapng_writer_free(w);
	assert_int_equal(fclose(memory), 0);
	return bytes_of(*text, len);
}

static void
take_secrets(void *user, struct bytes text)
{
	buf_add(user, text);
}

static void
what_was_written_is_read(void **state)
{
	struct buf secrets;
	char path[64], *text = NULL;
	const char *name = path;
	struct err e = { "" };
	struct packet p;
	struct capture *c;
	int fd = make_file(write_file(&text), path);

	(void)state;
	buf_init(&secrets, 100);
	c = capture_open_files(&name, 1, NULL, &e);
	assert_non_null(c);
	capture_set_secrets(c, take_secrets, &secrets);
	for (uint64_t i = 1; i <= 7; i++) {
		struct capture_interface from;

		assert_int_equal(capture_next(c, &p), CAPTURE_PACKET);
		check_packet(&p, i);
		from = capture_interface(c);
		assert_int_equal(from.link_type, p.link_type);
		assert_int_equal(from.snaplen, 96);
		assert_true(bytes_eq_str(from.name, i == 7 ? "third" : "eth0"));
	}
	assert_int_equal(capture_next(c, &p), CAPTURE_END);
	assert_null(capture_info(c).damage);
	assert_true(bytes_eq(capture_names(c), bytes_of(name_record, sizeof(name_record))));
	assert_true(bytes_eq_str(buf_bytes(&secrets), "CLIENT_RANDOM 00 11\n"));
	capture_free(c);
	buf_fini(&secrets);
	close(fd);
	free(text);
}

static void
a_spool_gives_packets_back(void **state)
{
	struct err e = { "" };
	struct packet_spool *s = packet_spool_new(&e);
	struct capture_interface from = interface_of(DLT_RAW, "any");
	struct packet p;
	uint64_t first;

	(void)state;
	assert_non_null(s);
	for (uint64_t i = 1; i <= 7; i++) {
		p = packet_of(i);
		packet_spool_add(s, &p, &from);
	}
	for (int turn = 0; turn < 2; turn++) {
		packet_spool_rewind(s);
		for (uint64_t i = 1; i <= 7; i++) {
			assert_true(packet_spool_next(s, &p, &from));
			check_packet(&p, i);
			assert_true(bytes_eq_str(from.name, "any"));
		}
		assert_false(packet_spool_next(s, &p, &from));
	}
	assert_null(packet_spool_damage(s, &first));
	packet_spool_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(a_spool_gives_packets_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
