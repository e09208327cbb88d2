/* When bytes are called missing, and when not yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

static const char *
client_text(struct world *w)
{
	return seen_text(&w->seen[0], SIDE_CLIENT);
}

static void
an_acknowledgement_with_an_answer_is_believed_at_once(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "250 ok\r\n", 6);
	assert_string_equal(client_text(w), "\?\?\?\?\?\?");
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), "250 ok\r\n");
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[0].missing_bytes, 6);
	assert_int_equal(w->seen[0].facts.side[0].gap.packet, 4);
	world_free(w);
}

/* It may have been captured before the data. */
static void
an_acknowledgement_alone_is_waited_for(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "", 6);
	world_say(w, SIDE_CLIENT, 0, "QUIT\r\n", 0);
	assert_string_equal(client_text(w), "QUIT\r\n");
	world_say(w, SIDE_SERVER, 0, "", 10);
	assert_string_equal(client_text(w), "QUIT\r\n");
	world_wait(w, ACK_AHEAD_NS + MS);
	world_flags(w, SIDE_SERVER, ACK, 0, 10);
	assert_string_equal(client_text(w), "QUIT\r\n\?\?\?\?");
	world_free(w);
}

static void
the_sender_itself_confirms_that_bytes_are_missing(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "", 6);
	world_say(w, SIDE_CLIENT, 6, "NOOP\r\n", 0);
	assert_string_equal(client_text(w), "\?\?\?\?\?\?NOOP\r\n");
	world_free(w);
}

static void
a_fin_that_was_not_captured_is_no_missing_byte(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0, "QUIT\r\n", 0);
	world_say(w, SIDE_SERVER, 0, "221 bye\r\n", 7);
	world_wait(w, NS_PER_S);
	world_flags(w, SIDE_SERVER, FIN | ACK, 9, 7);
	flow_table_finish(w->table);
	assert_string_equal(client_text(w), "QUIT\r\n");
	assert_int_equal(w->seen[0].facts.side[0].missing_bytes, 0);
	world_free(w);
}

/* The last segment was lost and nobody was captured who could acknowledge it: the FIN stands behind it. */
static void
a_fin_shows_bytes_that_were_lost_before_it(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN });
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 0);
	world_flags(w, SIDE_CLIENT, FIN | ACK, 14, 0);
	flow_table_finish(w->table);
	assert_string_equal(client_text(w), "EHLO a\r\n\?\?\?\?\?\?");
	assert_int_equal(w->seen[0].facts.side[0].missing_bytes, 6);
	world_free(w);
}

static void
an_acknowledgement_outside_the_window_is_not_believed(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "250 ok\r\n", 600000);
	world_wait(w, 30 * MS);
	world_say(w, SIDE_CLIENT, 0, "QUIT\r\n", 8);
	world_say(w, SIDE_SERVER, 8, "221 bye\r\n", 6);
	flow_table_finish(w->table);
	assert_string_equal(client_text(w), "QUIT\r\n");
	assert_int_equal(w->seen[0].facts.side[0].missing_bytes, 0);
	world_free(w);
}

/* A forged acknowledgement is forgotten when the same side goes on below it. */
static void
a_forged_acknowledgement_does_not_count_for_later_losses(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_flags(w, SIDE_SERVER, ACK, 0, 600000);
	for (uint32_t i = 0; i < 4; i++) {
		world_wait(w, 30 * MS);
		world_flags(w, SIDE_SERVER, ACK, 0, 6);
	}
	assert_int_equal(w->seen[0].n_missing[0], 6);
	world_free(w);
}

static void
the_capture_may_have_lost_more_than_a_window(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	for (int i = 0; i < 3; i++) {
		world_flags(w, SIDE_SERVER, ACK, (uint32_t)i, 600000);
		world_wait(w, 30 * MS);
	}
	assert_int_equal(w->seen[0].n_missing[0], 600000);
	world_say(w, SIDE_CLIENT, 600000, "QUIT\r\n", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[0].payload_bytes, 600006);
	world_free(w);
}

/* One segment from nowhere is not followed; a second one behind it is. */
static void
a_jump_far_ahead_needs_two_segments(void **state)
{
	struct world *w = world_new();
	uint32_t far = ORDER_SPAN_MAX + 1000;

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0, "one", 0);
	world_say(w, SIDE_CLIENT, far, "forged", 0);
	world_say(w, SIDE_CLIENT, 3, "two", 0);
	assert_string_equal(client_text(w), "onetwo");
	world_say(w, SIDE_CLIENT, 2 * far, "really", 0);
	world_say(w, SIDE_CLIENT, 2 * far + 6, "here", 0);
	assert_int_equal(w->seen[0].n_missing[0], 2 * far + 6 - 6);
	world_say(w, SIDE_CLIENT, 2 * far + 10, "now", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[0].payload_bytes, 2 * far + 13);
	world_free(w);
}

/* Neither ahead nor behind. */
static void
a_jump_by_half_the_number_space_is_ignored(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0x80000000, "forged", 0);
	world_say(w, SIDE_CLIENT, 0, "one", 0);
	flow_table_finish(w->table);
	assert_string_equal(client_text(w), "one");
	assert_int_equal(w->seen[0].facts.side[0].payload_bytes, 3);
	world_free(w);
}

static void
with_one_side_alone_a_hole_is_given_up_after_a_while(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN });
	world_say(w, SIDE_CLIENT, 0, "one", 0);
	world_say(w, SIDE_CLIENT, 5, "three", 0);
	world_wait(w, ORDER_WAIT_NS / 2);
	world_echo(w);
	assert_string_equal(client_text(w), "one");
	world_wait(w, ORDER_WAIT_NS);
	world_echo(w);
	assert_string_equal(client_text(w), "one\?\?three");
	world_say(w, SIDE_CLIENT, 10, "four", 0);
	assert_string_equal(client_text(w), "one\?\?threefour");
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[0].missing_bytes, 2);
	world_free(w);
}

/* What the client acknowledges was said by a server that was not captured. */
static void
the_side_that_was_not_captured_is_missing(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN });
	world_say(w, SIDE_CLIENT, 0, "", 0);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 30);
	world_say(w, SIDE_CLIENT, 8, "QUIT\r\n", 90);
	flow_table_finish(w->table);
	assert_string_equal(client_text(w), "EHLO a\r\nQUIT\r\n");
	assert_int_equal(w->seen[0].n_missing[1], 90);
	assert_int_equal(w->seen[0].facts.side[1].n_packets, 0);
	assert_int_equal(w->seen[0].facts.handshake.packet, 2);
	world_free(w);
}

static void
a_hole_ends_with_the_connection(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 4, "4567", 0);
	world_say(w, SIDE_CLIENT, 10, "ab", 0);
	assert_string_equal(client_text(w), "");
	flow_table_finish(w->table);
	assert_string_equal(client_text(w), "\?\?\?\?4567\?\?ab");
	assert_int_equal(w->seen[0].facts.side[0].missing_bytes, 6);
	assert_int_equal(w->seen[0].facts.side[0].payload_bytes, 12);
	world_free(w);
}

/* More directions with a hole than libnids has streams for: the oldest are given up, nothing else is lost. */
static void
many_holes_at_a_time_are_bounded(void **state)
{
	struct world *w = world_new();
	uint16_t n = ORDER_STREAMS_MAX + 20;

	(void)state;
	for (uint16_t i = 0; i < n; i++)
		world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN, .port = (uint16_t)(20000 + i) });
	for (uint16_t i = 0; i < n; i++)
		world_tcp(w, (struct tcp_spec){ .flags = ACK,
						.seq = CLIENT_ISN + 3,
						.ack = 1,
						.port = (uint16_t)(20000 + i),
						.payload = bytes_str("cd") });
	for (size_t i = 0; i < 21; i++)
		assert_string_equal(seen_text(&w->seen[i], SIDE_CLIENT), i < 20 ? "\?\?cd" : "");
	flow_table_finish(w->table);
	for (size_t i = 0; i < ARRAY_LEN(w->seen); i++)
		assert_string_equal(seen_text(&w->seen[i], SIDE_CLIENT), "\?\?cd");
	world_free(w);
}

static void
a_flow_that_nobody_reads_still_has_its_facts(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->ignores = true;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 4, "4567", 0);
	world_say(w, SIDE_CLIENT, 0, "0123", 0);
	world_say(w, SIDE_CLIENT, 12, "cdef", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].n_chunks[0], 0);
	assert_int_equal(w->seen[0].facts.side[0].payload_bytes, 16);
	assert_int_equal(w->seen[0].facts.side[0].missing_bytes, 4);
	world_free(w);
}

/* A frame that claims gigabytes on the wire (only possible where the IP header gives no length). */
static void
a_packet_cannot_be_longer_than_packets_are(void **state)
{
	struct world *w = world_new();
	uint8_t frame[70000];
	size_t len;
	struct tcp_spec s = { .flags = ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .payload = bytes_str("ab") };

	(void)state;
	world_handshake(w);
	len = build_packet(w, frame, &s);
	put16(frame + 2, 0);
	world_feed(w, DLT_RAW, bytes_of(frame, len), 0x7fffffff);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 0);
	flow_table_finish(w->table);
	assert_true(w->seen[0].n_missing[0] <= PACKET_LEN_MAX);
	assert_true(flow_table_stats(w->table).n_damaged > 0);
	world_free(w);
}

/* Segmentation offload: the length in the IP header is zero, the frame is longer than any datagram. */
static void
segments_of_the_network_card_are_taken_whole(void **state)
{
	static uint8_t payload[200000];
	static uint8_t frame[sizeof(payload) + 40];
	struct world *w = world_new();
	struct tcp_spec s = { .flags = ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1 };

	(void)state;
	memset(payload, 'x', sizeof(payload));
	world_handshake(w);
	build_packet(w, frame, &s);
	put16(frame + 2, 0);
	memcpy(frame + 40, payload, sizeof(payload));
	world_feed(w, DLT_RAW, bytes_of(frame, sizeof(frame)), 0);
	world_say(w, SIDE_CLIENT, sizeof(payload), "QUIT\r\n", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].data[0].len, sizeof(payload) + 6);
	assert_int_equal(w->seen[0].n_missing[0], 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_acknowledgement_with_an_answer_is_believed_at_once),
		cmocka_unit_test(an_acknowledgement_alone_is_waited_for),
		cmocka_unit_test(the_sender_itself_confirms_that_bytes_are_missing),
		cmocka_unit_test(a_fin_that_was_not_captured_is_no_missing_byte),
		cmocka_unit_test(a_fin_shows_bytes_that_were_lost_before_it),
		cmocka_unit_test(an_acknowledgement_outside_the_window_is_not_believed),
		cmocka_unit_test(a_forged_acknowledgement_does_not_count_for_later_losses),
		cmocka_unit_test(the_capture_may_have_lost_more_than_a_window),
		cmocka_unit_test(a_jump_far_ahead_needs_two_segments),
		cmocka_unit_test(a_jump_by_half_the_number_space_is_ignored),
		cmocka_unit_test(with_one_side_alone_a_hole_is_given_up_after_a_while),
		cmocka_unit_test(the_side_that_was_not_captured_is_missing),
		cmocka_unit_test(a_hole_ends_with_the_connection),
		cmocka_unit_test(many_holes_at_a_time_are_bounded),
		cmocka_unit_test(a_flow_that_nobody_reads_still_has_its_facts),
		cmocka_unit_test(a_packet_cannot_be_longer_than_packets_are),
		cmocka_unit_test(segments_of_the_network_card_are_taken_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
