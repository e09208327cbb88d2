/* How a connection begins: who is client, where it starts, what the handshake tells, when the ports are used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

#define CLIENT_SYN ((struct tcp_spec){ .from = SIDE_CLIENT, .flags = SYN, .seq = CLIENT_ISN })
#define SERVER_SYN_ACK                                                                                                 \
	((struct tcp_spec){ .from = SIDE_SERVER, .flags = SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1 })

static void
retries_of_the_syn_are_counted(void **state)
{
	struct world *w = world_new();
	const struct tcp_facts *f = &w->seen[0].facts;

	(void)state;
	world_tcp(w, CLIENT_SYN);
	world_wait(w, NS_PER_S);
	world_tcp(w, CLIENT_SYN);
	world_wait(w, 2 * NS_PER_S);
	world_tcp(w, CLIENT_SYN);
	world_wait(w, 7 * MS);
	world_tcp(w, SERVER_SYN_ACK);
	world_wait(w, 5 * MS);
	world_say(w, SIDE_CLIENT, 0, "", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(f->n_syn, 3);
	assert_int_equal(f->n_syn_ack, 1);
	assert_int_equal(f->syn.packet, 1);
	assert_int_equal(f->syn_last.packet, 3);
	assert_int_equal(f->syn_ack.packet, 4);
	assert_int_equal(f->handshake.packet, 5);
	assert_int_equal(f->rtt_ns, 12 * MS);
	assert_false(f->is_midstream);
	assert_int_equal(f->side[0].unacked.packet, 0);
	assert_int_equal(f->side[0].n_retransmissions, 0);
	world_free(w);
}

static void
a_syn_that_nobody_answers_stays_unacknowledged(void **state)
{
	struct world *w = world_new();
	const struct tcp_facts *f = &w->seen[0].facts;

	(void)state;
	world_tcp(w, CLIENT_SYN);
	world_wait(w, NS_PER_S);
	world_tcp(w, CLIENT_SYN);
	flow_table_finish(w->table);
	assert_int_equal(f->side[0].unacked.packet, 1);
	assert_int_equal(f->side[1].n_packets, 0);
	assert_int_equal(f->handshake.packet, 0);
	assert_true(f->is_interrupted);
	world_free(w);
}

/* Several receive queues: the answer is in the file before the question. */
static void
the_answer_may_be_captured_before_the_syn(void **state)
{
	struct world *w = world_new();
	const struct tcp_facts *f = &w->seen[0].facts;

	(void)state;
	world_tcp(w, SERVER_SYN_ACK);
	world_tcp(w, CLIENT_SYN);
	world_wait(w, 4 * MS);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(f->syn.packet, 2);
	assert_int_equal(f->rtt_ns, 4 * MS);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "EHLO a\r\n");
	world_free(w);
}

static void
payload_may_be_captured_before_the_syn_ack(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, CLIENT_SYN);
	world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
	world_say(w, SIDE_SERVER, 10, "lo\r\n", 0);
	world_tcp(w, SERVER_SYN_ACK);
	world_say(w, SIDE_SERVER, 7, "hel", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), "220 a\r\nhello\r\n");
	assert_int_equal(w->seen[0].facts.side[1].isn, SERVER_ISN);
	world_free(w);
}

static void
both_sides_may_open_at_the_same_time(void **state)
{
	struct world *w = world_new();
	const struct tcp_facts *f = &w->seen[0].facts;

	(void)state;
	world_tcp(w, CLIENT_SYN);
	world_tcp(w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = SYN, .seq = SERVER_ISN });
	world_tcp(w, (struct tcp_spec){ .flags = SYN | ACK, .seq = CLIENT_ISN, .ack = SERVER_ISN + 1 });
	world_tcp(w, SERVER_SYN_ACK);
	world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
	world_say(w, SIDE_CLIENT, 0, "EHLO a\r\n", 7);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(f->n_syn, 2);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "EHLO a\r\n");
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), "220 a\r\n");
	world_free(w);
}

/* Two servers behind one address, or a forged answer. */
static void
of_two_answers_the_one_that_the_client_takes_counts(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, CLIENT_SYN);
	world_tcp(w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = SYN | ACK, .seq = 77, .ack = CLIENT_ISN + 1 });
	world_tcp(w, SERVER_SYN_ACK);
	world_say(w, SIDE_CLIENT, 0, "", 0);
	world_say(w, SIDE_SERVER, 0, "220 a\r\n", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(w->seen[0].facts.n_syn_ack, 2);
	assert_int_equal(w->seen[0].facts.side[1].isn, SERVER_ISN);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), "220 a\r\n");
	assert_int_equal(w->seen[0].facts.side[1].missing_bytes, 0);
	world_free(w);
}

static void
what_the_syn_offers_is_kept(void **state)
{
	static const uint8_t rich[] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7 };
	static const uint8_t poor[] = { 2, 4, 2, 0x18 };
	struct world *w = world_new();
	const struct tcp_side *client = &w->seen[0].facts.side[0];
	const struct tcp_side *server = &w->seen[0].facts.side[1];
	struct tcp_spec syn = CLIENT_SYN;
	struct tcp_spec answer = SERVER_SYN_ACK;

	(void)state;
	syn.options = bytes_of(rich, sizeof(rich));
	syn.ttl = 128;
	answer.options = bytes_of(poor, sizeof(poor));
	answer.ttl = 51;
	world_tcp(w, syn);
	world_tcp(w, answer);
	world_tcp(w, (struct tcp_spec){ .flags = ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .ttl = 127 });
	flow_table_finish(w->table);
	assert_true(client->has_syn && client->has_sack && client->has_timestamps);
	assert_int_equal(client->mss, 1460);
	assert_int_equal(client->window_scale, 7);
	assert_int_equal(client->ttl_first, 128);
	assert_int_equal(client->ttl_min, 127);
	assert_int_equal(client->ttl_max, 128);
	assert_true(server->has_syn && !server->has_sack && !server->has_timestamps);
	assert_int_equal(server->mss, 536);
	assert_int_equal(server->window_scale, -1);
	assert_int_equal(server->ttl_first, 51);
	world_free(w);
}

static void
damaged_options_do_no_harm(void **state)
{
	static const uint8_t endless[] = { 3, 0, 3, 3 };
	static const uint8_t long_one[] = { 2, 200, 5, 0xb4 };
	static const uint8_t large_scale[] = { 3, 3, 0xff, 0 };
	const struct bytes all[] = { bytes_of(endless, 4), bytes_of(long_one, 4), bytes_of(large_scale, 4) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct world *w = world_new();
		struct tcp_spec syn = CLIENT_SYN;

		syn.options = all[i];
		world_tcp(w, syn);
		flow_table_finish(w->table);
		assert_int_equal(w->seen[0].facts.side[0].mss, 0);
		assert_int_equal(w->seen[0].facts.side[0].window_scale, i == 2 ? 14 : -1);
		world_free(w);
	}
}

/* RFC 7413: data in the SYN. */
static void
data_in_the_syn_is_the_beginning_of_the_stream(void **state)
{
	struct world *w = world_new();
	struct tcp_spec syn = CLIENT_SYN;

	(void)state;
	syn.payload = bytes_str("EHLO");
	world_tcp(w, syn);
	world_tcp(
	    w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 5 });
	world_say(w, SIDE_CLIENT, 4, " a\r\n", 0);
	flow_table_finish(w->table);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "EHLO a\r\n");
	assert_int_equal(w->seen[0].facts.side[0].missing_bytes, 0);
	world_free(w);
}

static void
another_initial_number_is_another_connection(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_say(w, SIDE_CLIENT, 0, "one", 0);
	world_wait(w, 10 * MS);
	world_tcp(w, (struct tcp_spec){ .flags = SYN, .seq = 90000 });
	world_tcp(w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = SYN | ACK, .seq = 70000, .ack = 90001 });
	world_tcp(w, (struct tcp_spec){ .flags = ACK, .seq = 90001, .ack = 70001, .payload = bytes_str("two") });
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 2);
	assert_int_equal(w->n_closed, 2);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "one");
	assert_string_equal(seen_text(&w->seen[1], SIDE_CLIENT), "two");
	assert_int_equal(w->seen[1].facts.stream, 1);
	assert_int_equal(w->seen[1].facts.n_syn, 1);
	world_free(w);
}

/* Only the server was captured: its second SYN-ACK answers a SYN that we never saw. */
static void
ports_used_again_are_seen_from_the_server_alone(void **state)
{
	for (int has_fin = 0; has_fin < 2; has_fin++) {
		struct world *w = world_new();
		const char *said = has_fin ? "" : "220 one\r\n";

		(void)state;
		world_tcp(w, SERVER_SYN_ACK);
		world_say(w, SIDE_SERVER, 0, said, 0);
		if (has_fin)
			world_flags(w, SIDE_SERVER, FIN | ACK, 0, 0);
		world_wait(w, NS_PER_S);
		world_tcp(w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = SYN | ACK, .seq = 70000, .ack = 90001 });
		world_tcp(w, (struct tcp_spec){ .from = SIDE_SERVER,
						.flags = ACK,
						.seq = 70001,
						.ack = 90001,
						.payload = bytes_str("220 two\r\n") });
		flow_table_finish(w->table);
		assert_int_equal(w->n_opened, 2);
		assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), said);
		assert_string_equal(seen_text(&w->seen[1], SIDE_SERVER), "220 two\r\n");
		assert_false(w->seen[1].facts.is_midstream);
		world_free(w);
	}
}

/* The capture lost the handshake of the second connection: neither number fits to the first, which has ended. */
static void
ports_used_again_are_seen_without_a_handshake(void **state)
{
	for (int has_ended = 0; has_ended < 2; has_ended++) {
		struct world *w = world_new();

		(void)state;
		world_handshake(w);
		world_say(w, SIDE_CLIENT, 0, "one", 0);
		world_flags(w, SIDE_CLIENT, FIN | ACK, 3, 0);
		if (has_ended)
			world_flags(w, SIDE_SERVER, FIN | ACK, 0, 4);
		world_wait(w, NS_PER_S);
		world_tcp(w, (struct tcp_spec){
				 .flags = ACK, .seq = 0xc0000000, .ack = 0x90000000, .payload = bytes_str("two") });
		flow_table_finish(w->table);
		assert_int_equal(w->n_opened, 1 + has_ended);
		if (has_ended) {
			assert_true(w->seen[1].facts.is_midstream);
			assert_string_equal(seen_text(&w->seen[1], SIDE_CLIENT), "two");
		}
		world_free(w);
	}
}

static void
late_data_still_belongs_to_what_has_ended(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_handshake(w);
	world_tcp(w, (struct tcp_spec){ .from = SIDE_SERVER, .flags = RST, .seq = SERVER_ISN + 1 });
	world_say(w, SIDE_CLIENT, 0, "late", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "late");
	world_free(w);
}

static void
a_connection_that_was_running_has_sides_by_its_ports(void **state)
{
	struct world *w = world_new();
	const struct tcp_facts *f = &w->seen[0].facts;

	(void)state;
	world_say(w, SIDE_SERVER, 0, "250 ok\r\n", 6);
	world_say(w, SIDE_CLIENT, 6, "QUIT\r\n", 8);
	flow_table_finish(w->table);
	assert_true(f->is_midstream);
	assert_int_equal(f->end[SIDE_SERVER].port, SERVER_PORT);
	assert_int_equal(f->end[SIDE_CLIENT].port, CLIENT_PORT);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), "250 ok\r\n");
	assert_string_equal(seen_text(&w->seen[0], SIDE_CLIENT), "QUIT\r\n");
	assert_int_equal(f->side[0].missing_bytes + f->side[1].missing_bytes, 0);
	world_free(w);
}

/* Neither port is a mail port: the lower one belongs to the server. */
static void
unknown_ports_are_told_apart_by_size(void **state)
{
	static const uint16_t none[] = { 9 };
	struct world *w = world_new();

	(void)state;
	w->config = (struct flow_config){ none, 1 };
	world_say(w, SIDE_CLIENT, 0, "x", 0);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.end[SIDE_SERVER].port, SERVER_PORT);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retries_of_the_syn_are_counted),
		cmocka_unit_test(a_syn_that_nobody_answers_stays_unacknowledged),
		cmocka_unit_test(the_answer_may_be_captured_before_the_syn),
		cmocka_unit_test(payload_may_be_captured_before_the_syn_ack),
		cmocka_unit_test(both_sides_may_open_at_the_same_time),
		cmocka_unit_test(of_two_answers_the_one_that_the_client_takes_counts),
		cmocka_unit_test(what_the_syn_offers_is_kept),
		cmocka_unit_test(damaged_options_do_no_harm),
		cmocka_unit_test(data_in_the_syn_is_the_beginning_of_the_stream),
		cmocka_unit_test(another_initial_number_is_another_connection),
		cmocka_unit_test(ports_used_again_are_seen_from_the_server_alone),
		cmocka_unit_test(ports_used_again_are_seen_without_a_handshake),
		cmocka_unit_test(late_data_still_belongs_to_what_has_ended),
		cmocka_unit_test(a_connection_that_was_running_has_sides_by_its_ports),
		cmocka_unit_test(unknown_ports_are_told_apart_by_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
