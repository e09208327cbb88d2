/* The same packet seen twice (-i any, mirror ports, routers) is one packet; a packet sent again is two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

static struct tcp_spec
segment(uint32_t offset, const char *text, uint16_t id)
{
	return (struct tcp_spec){ .flags = ACK,
				  .seq = CLIENT_ISN + 1 + offset,
				  .ack = SERVER_ISN + 1,
				  .id = id,
				  .payload = bytes_str(text) };
}

static void
every_packet_twice(void **state)
{
	struct world *w = world_new();
	const struct tcp_facts *f = &w->seen[0].facts;
	const struct tcp_spec all[] = {
		{ .flags = SYN, .seq = CLIENT_ISN, .id = 1 },
		{ .from = SIDE_SERVER, .flags = SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .id = 2 },
		segment(0, "", 3),
		segment(0, "EHLO a\r\n", 4),
		{ .flags = FIN | ACK, .seq = CLIENT_ISN + 9, .ack = SERVER_ISN + 1, .id = 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct tcp_spec copy = all[i];

		copy.ttl = 63; /* one router later */
		world_tcp(w, all[i]);
		world_tcp(w, copy);
		world_wait(w, MS);
	}
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(flow_table_stats(w->table).n_duplicates, ARRAY_LEN(all));
	assert_int_equal(f->n_syn, 1);
	assert_int_equal(f->n_syn_ack, 1);
	assert_int_equal(f->side[0].n_packets, 4);
	assert_int_equal(f->side[0].n_retransmissions, 0);
	assert_int_equal(f->side[0].ttl_min, 64); /* of the first copies */
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "EHLO a\r\n");
	world_free(w);
}

/* A batch of packets on one interface, then the same batch on the other. */
static void
copies_may_come_a_few_packets_later(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 6; i++)
			world_tcp(w, segment(i * 4, "abcd", (uint16_t)(100 + i)));
	}
	flow_table_finish(w->table);
	assert_int_equal(flow_table_stats(w->table).n_duplicates, 6);
	assert_int_equal(w->seen[0].facts.side[0].n_retransmissions, 0);
	world_free(w);
}

static void
a_packet_sent_again_is_no_copy(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_tcp(w, segment(0, "EHLO a\r\n", 50));
	world_wait(w, MS);
	world_tcp(w, segment(0, "EHLO a\r\n", 51)); /* at once, with a number of its own */
	world_wait(w, DUPLICATE_NS + 10 * MS);
	world_tcp(w, segment(0, "EHLO a\r\n", 51)); /* the same number, but late */
	flow_table_finish(w->table);
	assert_int_equal(flow_table_stats(w->table).n_duplicates, 0);
	assert_int_equal(w->seen[0].facts.side[0].n_retransmissions, 2);
	world_free(w);
}

/* IPv6 has no number: only what comes at once is a copy. */
static void
without_a_number_time_decides(void **state)
{
	static const int64_t after_ns[] = { 0, 10 * MS };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(after_ns); i++) {
		struct world *w = world_new();
		struct tcp_spec s = segment(0, "EHLO a\r\n", 0);

		s.is_v6 = i % 2;
		s.has_no_id = true;
		world_tcp(w, s);
		world_wait(w, after_ns[i / 2]);
		world_tcp(w, s);
		flow_table_finish(w->table);
		assert_int_equal(flow_table_stats(w->table).n_duplicates, i / 2 == 0);
		assert_int_equal(w->seen[0].facts.side[0].n_retransmissions, i / 2);
		world_free(w);
	}
}

/* Hosts do send the same reset twice; it is a copy only where copies were seen before. */
static void
resets_are_copies_only_among_copies(void **state)
{
	for (int has_copies = 0; has_copies < 2; has_copies++) {
		struct world *w = world_new();
		struct tcp_spec reset = { .from = SIDE_SERVER, .flags = RST, .seq = SERVER_ISN + 1, .has_no_id = true };

		(void)state;
		world_handshake(w);
		world_tcp(w, segment(0, "EHLO a\r\n", 70));
		if (has_copies)
			world_tcp(w, segment(0, "EHLO a\r\n", 70));
		world_tcp(w, reset);
		world_tcp(w, reset);
		flow_table_finish(w->table);
		assert_int_equal(w->seen[0].facts.n_resets, has_copies ? 1 : 2);
		world_free(w);
	}
}

/* Two acknowledgements that differ in nothing but a selective acknowledgement are two. */
static void
options_make_a_difference(void **state)
{
	static const uint8_t sack[2][12] = { { 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2 },
					     { 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 3 } };
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	for (int i = 0; i < 2; i++) {
		struct tcp_spec s = segment(0, "", 0);

		s.has_no_id = true;
		s.options = bytes_of(sack[i], 12);
		world_tcp(w, s);
	}
	flow_table_finish(w->table);
	assert_int_equal(flow_table_stats(w->table).n_duplicates, 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packet_twice),
		cmocka_unit_test(copies_may_come_a_few_packets_later),
		cmocka_unit_test(a_packet_sent_again_is_no_copy),
		cmocka_unit_test(without_a_number_time_decides),
		cmocka_unit_test(resets_are_copies_only_among_copies),
		cmocka_unit_test(options_make_a_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
