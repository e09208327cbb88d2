/* What resets, FINs and windows leave in the facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

static struct tcp_spec
reset_of(enum side from, uint32_t seq, uint32_t ack)
{
	return (struct tcp_spec){ .from = from, .flags = RST | ACK, .seq = seq, .ack = ack, .id = 4242, .ttl = 200 };
}

static void
a_reset_is_kept_with_its_fields(void **state)
{
	struct world *w = world_new();
	struct seen *s = &w->seen[0];
	struct tcp_spec reset = reset_of(SIDE_SERVER, SERVER_ISN + 8, CLIENT_ISN + 1);

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
	reset.window = 1234;
	world_tcp(w, reset);
	flow_table_finish(w->table);
	assert_int_equal(s->facts.n_resets, 1);
	assert_int_equal(s->resets[0].when.packet, 5);
	assert_int_equal(s->resets[0].from, SIDE_SERVER);
	assert_int_equal(s->resets[0].seq, SERVER_ISN + 8);
	assert_int_equal(s->resets[0].ack, CLIENT_ISN + 1);
	assert_int_equal(s->resets[0].seq_ahead, 0);
	assert_int_equal(s->resets[0].window, 1234);
	assert_int_equal(s->resets[0].ip_id, 4242);
	assert_int_equal(s->resets[0].ttl, 200);
	assert_int_equal(s->resets[0].payload_len, 0);
	assert_true(s->resets[0].has_ack);
	assert_false(s->resets[0].has_timestamp);
	assert_false(s->resets[0].answers_syn);
	assert_int_equal(s->facts.side[1].ttl_max, 64); /* resets may be forged: not a habit of the side */
	assert_int_equal(s->facts.side[1].n_packets, 3);
	assert_false(s->facts.is_interrupted);
	world_free(w);
}

static void
seq_ahead_is_the_distance_from_what_was_expected(void **state)
{
	struct world *w = world_new();
	struct seen *s = &w->seen[0];

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
	world_tcp(w, reset_of(SIDE_SERVER, SERVER_ISN + 8 + 1460, 0));
	world_wait(w, MS);
	world_tcp(w, reset_of(SIDE_SERVER, SERVER_ISN + 1, 0));
	world_wait(w, MS);
	world_flags(w, SIDE_SERVER, FIN | ACK, 7, 0);
	world_tcp(w, reset_of(SIDE_SERVER, SERVER_ISN + 9, 0)); /* behind the FIN */
	flow_table_finish(w->table);
	assert_int_equal(s->resets[0].seq_ahead, 1460);
	assert_int_equal(s->resets[1].seq_ahead, (uint32_t)-7);
	assert_int_equal(s->resets[2].seq_ahead, 0);
	world_free(w);
}

static void
a_reset_can_be_the_answer_to_a_syn(void **state)
{
	struct world *w = world_new();
	struct seen *s = &w->seen[0];

	(void)state;
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN });
	world_tcp(w, reset_of(SIDE_SERVER, 0, CLIENT_ISN + 1));
	world_wait(w, NS_PER_S);
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN });
	world_tcp(w, reset_of(SIDE_SERVER, 0, CLIENT_ISN + 1));
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(s->facts.n_syn, 2);
	assert_int_equal(s->facts.n_resets, 2);
	assert_true(s->resets[0].answers_syn && s->resets[1].answers_syn);
	assert_int_equal(s->facts.side[0].unacked.packet, 0);
	world_free(w);
}

static void
a_syn_with_data_is_refused_with_the_data_acknowledged(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN, .payload = bytes_str("EHLO a\r\n") });
	world_tcp(w, reset_of(SIDE_SERVER, 0, CLIENT_ISN + 1 + 8));
	flow_table_finish(w->table);
	assert_true(w->seen[0].resets[0].answers_syn);
	assert_int_equal(w->seen[0].facts.side[0].unacked.packet, 0);
	world_free(w);
}

static void
other_resets_do_not_answer_the_syn(void **state)
{
	struct world *w = world_new();
	struct seen *s = &w->seen[0];

	(void)state;
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN });
	world_tcp(w, reset_of(SIDE_SERVER, 0, CLIENT_ISN + 999)); /* acknowledges something else */
	world_tcp(w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = RST, .seq = 0 });
	world_tcp(
	    w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1 });
	world_tcp(w, (struct tcp_spec){ .flags = RST, .seq = CLIENT_ISN + 1 }); /* a scanner */
	world_tcp(w, reset_of(SIDE_SERVER, SERVER_ISN + 1, CLIENT_ISN + 1));
	flow_table_finish(w->table);
	assert_int_equal(s->facts.n_resets, 4);
	for (int i = 0; i < 4; i++)
		assert_false(s->resets[i].answers_syn);
	assert_int_equal(s->resets[2].from, SIDE_CLIENT);
	world_free(w);
}

/* The client has acknowledged a SYN-ACK that was not captured: this reset comes after the handshake. */
static void
a_reset_after_a_handshake_half_seen_does_not_answer_the_syn(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN });
	world_say(w, SIDE_CLIENT, 0, "", 0);
	world_tcp(w, reset_of(SIDE_SERVER, SERVER_ISN + 1, CLIENT_ISN + 1));
	flow_table_finish(w->table);
	assert_false(w->seen[0].resets[0].answers_syn);
	world_free(w);
}

static void
resets_beyond_the_limit_are_counted(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	for (uint32_t i = 0; i < 100; i++) {
		struct tcp_spec reset = reset_of(SIDE_SERVER, SERVER_ISN + 1 + i, CLIENT_ISN + 1);

		world_tcp(w, reset);
	}
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.n_resets, 100);
	assert_int_equal(w->seen[0].resets[RESETS_KEPT - 1].seq, SERVER_ISN + RESETS_KEPT);
	world_free(w);
}

/* RFC 5961: a reset far outside the window does nothing, so the connection is still the same one a minute later. */
static void
a_reset_that_nobody_can_take_does_not_end_the_connection(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
	world_tcp(w, reset_of(SIDE_SERVER, SERVER_ISN + 500000000, CLIENT_ISN + 1));
	world_wait(w, 60 * NS_PER_S);
	world_echo(w);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 7);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "EHLO a\r\n");
	world_free(w);
}

static void
a_reset_ends_the_connection_unless_somebody_speaks_after_it(void **state)
{
	for (int speaks = 0; speaks < 2; speaks++) {
		struct world *w = world_new();

		(void)state;
		world_handshake(w);
		world_tcp(w, reset_of(SIDE_SERVER, SERVER_ISN + 1, CLIENT_ISN + 1));
		world_wait(w, NS_PER_S);
		if (speaks)
			world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
		world_wait(w, FLOW_LINGER_NS + 3 * NS_PER_S);
		world_echo(w);
		assert_int_equal(w->n_closed, speaks ? 0 : 1);
		world_free(w);
	}
}

static void
fins_end_both_directions(void **state)
{
	struct world *w = world_new();
	const struct tcp_facts *f = &w->seen[0].facts;

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
	world_flags(w, SIDE_CLIENT, FIN | ACK, 0, 7);
	world_wait(w, 300 * MS);
	world_flags(w, SIDE_CLIENT, FIN | ACK, 0, 7); /* again: the first one counts */
	world_flags(w, SIDE_SERVER, FIN | ACK, 7, 1);
	world_flags(w, SIDE_CLIENT, ACK, 1, 8);
	flow_table_finish(w->table);
	assert_int_equal(f->side[0].fin.packet, 5);
	assert_int_equal(f->side[1].fin.packet, 7);
	assert_false(f->has_crossed_fins);
	assert_false(f->is_interrupted);
	assert_int_equal(f->side[0].payload_bytes, 0);
	assert_int_equal(f->side[0].missing_bytes + f->side[1].missing_bytes, 0);
	assert_int_equal(f->side[0].unacked.packet + f->side[1].unacked.packet, 0);
	world_free(w);
}

static void
fins_can_cross(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_flags(w, SIDE_CLIENT, FIN | ACK, 0, 0);
	world_flags(w, SIDE_SERVER, FIN | ACK, 0, 0);
	world_flags(w, SIDE_CLIENT, ACK, 1, 1);
	world_flags(w, SIDE_SERVER, ACK, 1, 1);
	flow_table_finish(w->table);
	assert_true(w->seen[0].facts.has_crossed_fins);
	world_free(w);
}

/* A FIN that no receiver would take must not hide the bytes that were lost behind it. */
static void
a_forged_fin_does_not_hide_missing_bytes(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_flags(w, SIDE_CLIENT, FIN | ACK, 4, 0);
	world_say(w, SIDE_CLIENT, 0, "0123456789", 0);
	world_say(w, SIDE_CLIENT, 15, "fghij", 0);
	world_say(w, SIDE_SERVER, 0, "250 ok\r\n", 20);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "0123456789\?\?\?\?\?fghij");
	world_free(w);
}

static void
closed_windows_are_counted(void **state)
{
	struct world *w = world_new();
	struct tcp_spec full = {
		.from = SIDE_SERVER, .flags = ACK, .seq = SERVER_ISN + 1, .ack = CLIENT_ISN + 1, .has_no_window = true
	};

	(void)state;
	world_handshake(w);
	world_tcp(w, full);
	world_wait(w, NS_PER_S);
	world_tcp(w, full);
	world_wait(w, NS_PER_S);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[1].n_zero_window, 2);
	assert_int_equal(w->seen[0].facts.side[1].window_last, 0);
	assert_int_equal(w->seen[0].facts.side[0].n_zero_window, 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reset_is_kept_with_its_fields),
		cmocka_unit_test(seq_ahead_is_the_distance_from_what_was_expected),
		cmocka_unit_test(a_reset_can_be_the_answer_to_a_syn),
		cmocka_unit_test(a_syn_with_data_is_refused_with_the_data_acknowledged),
		cmocka_unit_test(other_resets_do_not_answer_the_syn),
		cmocka_unit_test(a_reset_after_a_handshake_half_seen_does_not_answer_the_syn),
		cmocka_unit_test(resets_beyond_the_limit_are_counted),
		cmocka_unit_test(a_reset_that_nobody_can_take_does_not_end_the_connection),
		cmocka_unit_test(a_reset_ends_the_connection_unless_somebody_speaks_after_it),
		cmocka_unit_test(fins_end_both_directions),
		cmocka_unit_test(fins_can_cross),
		cmocka_unit_test(a_forged_fin_does_not_hide_missing_bytes),
		cmocka_unit_test(closed_windows_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
