/* Retransmissions, reordering, probes, contradictions, and what was not acknowledged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

static void
bytes_sent_again_are_retransmissions(void **state)
{
	struct world *w = world_new();
	const struct tcp_side *client = &w->seen[0].facts.side[0];

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 0);
	world_wait(w, 200 * MS);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 0);
	world_wait(w, 400 * MS);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\nQUIT\r\n", 0); /* and more */
	flow_table_finish(w->table);
	assert_int_equal(client->n_retransmissions, 2);
	assert_int_equal(client->n_reordered, 0);
	assert_int_equal(client->n_contradicting, 0);
	assert_int_equal(client->n_payload, 3);
	assert_int_equal(client->payload_bytes, 14);
	assert_int_equal(client->first_payload.packet, 4);
	assert_int_equal(client->last_payload.packet, 6);
	assert_int_equal(client->unacked.packet, 4);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "EHLO a\r\nQUIT\r\n");
	world_free(w);
}

/* One segment that repeats both what was delivered and what waits behind a hole. */
static void
one_segment_is_one_retransmission(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0, "0123", 0);
	world_say(w, SIDE_CLIENT, 8, "89", 0);
	world_wait(w, 300 * MS);
	world_say(w, SIDE_CLIENT, 2, "23456789", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[0].n_retransmissions, 1);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "0123456789");
	world_free(w);
}

/* The handshake took 2 ms. What comes within a round trip of its successor cannot have been sent because of it. */
static void
late_segments_are_reordered_or_sent_again_by_their_time(void **state)
{
	struct world *w = world_new();
	const struct tcp_side *client = &w->seen[0].facts.side[0];

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 2, "23", 0);
	world_wait(w, MS);
	world_say(w, SIDE_CLIENT, 0, "01", 0);
	world_say(w, SIDE_CLIENT, 6, "67", 0);
	world_wait(w, 50 * MS);
	world_say(w, SIDE_CLIENT, 4, "45", 0);
	world_say(w, SIDE_CLIENT, 9, "9", 0);
	world_say(w, SIDE_CLIENT, 8, "8", 0);
	flow_table_finish(w->table);
	assert_int_equal(client->n_reordered, 2);
	assert_int_equal(client->n_retransmissions, 1);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "0123456789");
	world_free(w);
}

static void
other_bytes_for_the_same_numbers_are_a_contradiction(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "250-STARTTLS\r\n", 0);
	world_wait(w, MS);
	world_say(w, SIDE_SERVER, 0, "250-XXXXXXXX\r\n", 0);
	world_wait(w, 200 * MS);
	world_say(w, SIDE_SERVER, 4, "STARTTLS\r\n", 0); /* a part of it, and the same as the first */
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[1].n_contradicting, 1);
	assert_int_equal(w->seen[0].facts.side[1].n_retransmissions, 2);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), "250-STARTTLS\r\n");
	world_free(w);
}

static void
keep_alives_are_no_retransmissions(void **state)
{
	struct world *w = world_new();
	const struct tcp_side *client = &w->seen[0].facts.side[0];

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 0);
	world_say(w, SIDE_SERVER, 0, "", 8);
	for (int i = 0; i < 3; i++) {
		world_wait(w, 75 * NS_PER_S);
		world_say(w, SIDE_CLIENT, 7,
			  i == 0   ? "\n"
			  : i == 1 ? ""
				   : "x",
			  0); /* with the last byte, or none, or any */
		world_say(w, SIDE_SERVER, 0, "", 8);
	}
	flow_table_finish(w->table);
	assert_int_equal(client->n_retransmissions, 0);
	assert_int_equal(client->n_contradicting, 0);
	assert_int_equal(client->n_payload, 1);
	assert_int_equal(client->unacked.packet, 0);
	assert_int_equal(w->n_opened, 1);
	world_free(w);
}

static void
window_probes_are_no_retransmissions(void **state)
{
	struct world *w = world_new();
	const struct tcp_side *client = &w->seen[0].facts.side[0];
	struct tcp_spec full = { .from = SIDE_SERVER,
				 .flags = ACK,
				 .seq = SERVER_ISN + 1,
				 .ack = CLIENT_ISN + 1 + 4,
				 .has_no_window = true };

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0, "0123", 0);
	world_tcp(w, full);
	for (int i = 0; i < 3; i++) {
		world_wait(w, NS_PER_S << i);
		world_say(w, SIDE_CLIENT, 4, "4", 0); /* one byte of new data, again and again */
		world_tcp(w, full);
	}
	flow_table_finish(w->table);
	assert_int_equal(client->n_retransmissions, 0);
	assert_int_equal(w->seen[0].facts.side[1].n_zero_window, 4);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "01234");
	world_free(w);
}

static void
the_oldest_unacknowledged_packet_is_known(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 0);
	world_say(w, SIDE_SERVER, 0, "250 a\r\n", 8);
	world_say(w, SIDE_CLIENT, 8, "MAIL", 7);
	world_say(w, SIDE_CLIENT, 12, " FROM", 7);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[0].unacked.packet, 6);
	assert_int_equal(w->seen[0].facts.side[1].unacked.packet, 0);
	world_free(w);
}

/* The numbers of a running connection may be anywhere. */
static void
it_is_known_in_a_running_connection_too(void **state)
{
	static const uint32_t begin[] = { 5, 0x7ffffff0, 0x80000005, 0xfffffffe };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(begin); i++) {
		struct world *w = world_new();

		world_tcp(
		    w, (struct tcp_spec){ .flags = ACK, .seq = begin[i], .ack = 9, .payload = bytes_str("DATA\r\n") });
		flow_table_finish(w->table);
		assert_int_equal(w->seen[0].facts.side[0].unacked.packet, 1);
		world_free(w);
	}
}

static void
a_segment_that_the_snapshot_length_cut_leaves_missing_bytes(void **state)
{
	struct world *w = world_new();
	const struct tcp_side *client = &w->seen[0].facts.side[0];

	(void)state;
	world_handshake(w);
	world_tcp(w, (struct tcp_spec){ .flags = ACK,
					.seq = CLIENT_ISN + 1,
					.ack = SERVER_ISN + 1,
					.payload = bytes_str("0123456789"),
					.n_cut = 6 });
	world_tcp(w, (struct tcp_spec){ .flags = ACK, /* behind a hole */
					.seq = CLIENT_ISN + 1 + 12,
					.ack = SERVER_ISN + 1,
					.payload = bytes_str("cdefgh"),
					.n_cut = 4 });
	world_say(w, SIDE_CLIENT, 10, "ab", 0);
	world_say(w, SIDE_CLIENT, 18, "ij", 0);
	flow_table_finish(w->table);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "0123\?\?\?\?\?\?abcd\?\?\?\?ij");
	assert_int_equal(client->n_cut, 2);
	assert_int_equal(client->missing_bytes, 0); /* they were on the wire */
	assert_int_equal(client->payload_bytes, 20);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_sent_again_are_retransmissions),
		cmocka_unit_test(one_segment_is_one_retransmission),
		cmocka_unit_test(late_segments_are_reordered_or_sent_again_by_their_time),
		cmocka_unit_test(other_bytes_for_the_same_numbers_are_a_contradiction),
		cmocka_unit_test(keep_alives_are_no_retransmissions),
		cmocka_unit_test(window_probes_are_no_retransmissions),
		cmocka_unit_test(the_oldest_unacknowledged_packet_is_known),
		cmocka_unit_test(it_is_known_in_a_running_connection_too),
		cmocka_unit_test(a_segment_that_the_snapshot_length_cut_leaves_missing_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
