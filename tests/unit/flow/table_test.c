/* The table is bounded, the idlest goes first, and time is that of the packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

#define PORT(i) ((uint16_t)(1024 + (i))) /* up to 33792 and a little: below CLIENT_PORT */

static void
send_syn(struct world *w, size_t i)
{
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN, .port = PORT(i) });
}

static void
the_idlest_makes_room(void **state)
{
	struct world *w = world_new();

	(void)state;
	for (size_t i = 0; i < FLOW_MAX; i++)
		send_syn(w, i);
	world_wait(w, 5 * NS_PER_S);
	send_syn(w, 0); /* the first one again: it is not idle */
	assert_int_equal(w->n_closed, 0);
	for (size_t i = 0; i < 10; i++)
		send_syn(w, FLOW_MAX + i);
	assert_int_equal(w->n_closed, 10);
	assert_int_equal(flow_table_stats(w->table).n_evicted, 10);
	assert_int_equal(flow_table_stats(w->table).n_connections, FLOW_MAX + 10);
	assert_false(w->seen[0].is_closed);
	for (size_t i = 1; i <= 10; i++)
		assert_true(w->seen[i].is_closed && w->seen[i].facts.was_evicted);
	assert_false(w->seen[11].is_closed);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, w->n_closed);
	assert_false(w->seen[0].facts.was_evicted);
	assert_int_equal(w->seen[0].facts.n_syn, 2);
	world_free(w);
}

/* Whatever they do: connections that were opened are in another list than those that are opening. */
static void
the_idlest_of_all_classes_makes_room(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_wait(w, 5 * NS_PER_S);
	for (size_t i = 0; i < FLOW_MAX - 1; i++)
		send_syn(w, i);
	assert_int_equal(w->n_closed, 0);
	send_syn(w, FLOW_MAX);
	assert_int_equal(w->n_closed, 1);
	assert_true(w->seen[0].facts.was_evicted);
	assert_int_equal(w->seen[0].facts.end[0].port, CLIENT_PORT);
	world_free(w);
}

static void
idle_connections_are_closed_by_the_time_of_packets(void **state)
{
	static const int64_t limit_ns[] = { FLOW_SYN_IDLE_NS, FLOW_IDLE_NS, FLOW_LINGER_NS };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limit_ns); i++) {
		struct world *w = world_new();

		if (i == 0)
			send_syn(w, CLIENT_PORT);
		else
			world_handshake(w);
		if (i == 2) {
			world_flags(w, SIDE_CLIENT, FIN | ACK, 0, 0);
			world_flags(w, SIDE_SERVER, FIN | ACK, 0, 1);
		}
		world_wait(w, limit_ns[i] - 3 * NS_PER_S);
		world_echo(w);
		assert_int_equal(w->n_closed, 0);
		world_wait(w, 40 * NS_PER_S);
		world_echo(w);
		world_echo(w);
		assert_int_equal(w->n_closed, 1);
		assert_false(w->seen[0].facts.is_interrupted);
		assert_int_equal(w->seen[0].facts.now.packet, w->when.packet - 1);
		world_free(w);
	}
}

static void
packets_keep_a_connection_open(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	for (int i = 0; i < 100; i++) {
		world_wait(w, 5 * 60 * NS_PER_S);
		world_flags(w, i % 2 ? SIDE_CLIENT : SIDE_SERVER, ACK, 0, 0);
	}
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	world_free(w);
}

/* One damaged time stamp, years ahead. */
static void
a_wild_time_closes_little_and_blocks_nothing(void **state)
{
	struct world *w = world_new();
	int64_t year_ns = 365 * 86400 * NS_PER_S;

	(void)state;
	for (size_t i = 0; i < 50; i++)
		send_syn(w, i);
	world_wait(w, 3 * year_ns);
	send_syn(w, 0);
	world_wait(w, -3 * year_ns);
	assert_true(w->n_closed < 10);
	for (size_t i = 100; i < 130; i++)
		send_syn(w, i);
	for (int i = 0; i < 20; i++) {
		world_wait(w, FLOW_SYN_IDLE_NS / 4);
		world_echo(w);
	}
	assert_true(w->n_closed >= w->n_opened - 1); /* all but the one from the future */
	world_free(w);
}

/* Years back, then as before: what is open stays open. */
static void
a_time_that_runs_back_closes_nothing(void **state)
{
	struct world *w = world_new();
	int64_t year_ns = 365 * 86400 * NS_PER_S;

	(void)state;
	world_handshake(w);
	world_wait(w, -year_ns);
	world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
	world_echo(w);
	world_wait(w, year_ns);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 7);
	world_echo(w);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	world_free(w);
}

/* Live: nothing is captured, but time passes. */
static void
time_passes_without_packets(void **state)
{
	struct world *w = world_new();

	(void)state;
	send_syn(w, 1);
	flow_table_tick(w->table, w->when.time_ns + FLOW_SYN_IDLE_NS / 2);
	assert_int_equal(w->n_closed, 0);
	flow_table_tick(w->table, w->when.time_ns + FLOW_SYN_IDLE_NS + NS_PER_S);
	assert_int_equal(w->n_closed, 1);
	assert_int_equal(w->seen[0].facts.now.packet, 1);
	assert_true(w->seen[0].facts.now.time_ns - w->seen[0].facts.syn.time_ns >= FLOW_SYN_IDLE_NS);
	world_free(w);
}

static void
connections_are_closed_in_the_order_of_their_appearance(void **state)
{
	struct world *w = world_new();

	(void)state;
	for (size_t i = 0; i < 60; i++)
		send_syn(w, i * 7 % 60);
	flow_table_finish(w->table);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(w->seen[i].facts.stream, i);
	assert_int_equal(w->n_closed, 60);
	world_free(w);
}

static void
a_table_can_be_freed_with_connections_open(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 10, "behind a hole", 0);
	world_free(w);
}

static void
addresses_of_both_families_are_kept_apart(void **state)
{
	struct world *w = world_new();

	(void)state;
	send_syn(w, 1);
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = 5, .port = PORT(1), .is_v6 = true });
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 2);
	assert_int_equal(w->seen[0].facts.end[0].address.family, 4);
	assert_int_equal(w->seen[1].facts.end[0].address.family, 6);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_idlest_makes_room),
		cmocka_unit_test(the_idlest_of_all_classes_makes_room),
		cmocka_unit_test(idle_connections_are_closed_by_the_time_of_packets),
		cmocka_unit_test(packets_keep_a_connection_open),
		cmocka_unit_test(a_wild_time_closes_little_and_blocks_nothing),
		cmocka_unit_test(a_time_that_runs_back_closes_nothing),
		cmocka_unit_test(time_passes_without_packets),
		cmocka_unit_test(connections_are_closed_in_the_order_of_their_appearance),
		cmocka_unit_test(a_table_can_be_freed_with_connections_open),
		cmocka_unit_test(addresses_of_both_families_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
