/* ICMP errors: which connection they are about, what is kept of them, and what they must not do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

#define QUOTE_MAX 576

struct icmp_spec {
	uint8_t type, code;
	uint32_t rest; /* the four bytes behind the checksum: unused, or an MTU */
	bool is_v6;
	size_t quote_len; /* of the TCP part; 0: all of it */
};

/* An error from the router 192.0.2.7 or 2001:db8::7 that quotes the packet. */
static void
send_icmp(struct world *w, struct icmp_spec how, struct tcp_spec quoted)
{
	uint8_t frame[40 + 8 + QUOTE_MAX] = { 0 };
	uint8_t quote[QUOTE_MAX + 200];
	size_t ip_len = how.is_v6 ? 40 : 20;
	size_t quote_len;

	quoted.is_v6 = how.is_v6;
	quote_len = build_packet(w, quote, &quoted);
	if (how.quote_len > 0)
		quote_len = ip_len + how.quote_len;
	build_ip(frame, &(struct tcp_spec){ .is_v6 = how.is_v6 }, 1, 8 + quote_len);
	frame[how.is_v6 ? 6 : 9] = how.is_v6 ? 58 : 1;
	frame[how.is_v6 ? 23 : 15] = 7;
	frame[ip_len] = how.type;
	frame[ip_len + 1] = how.code;
	put32(frame + ip_len + 4, how.rest);
	memcpy(frame + ip_len + 8, quote, quote_len);
	world_feed(w, DLT_RAW, bytes_of(frame, ip_len + 8 + quote_len), 0);
}

static const struct tcp_spec client_syn = { .flags = SYN, .seq = CLIENT_ISN };
static const struct tcp_spec client_data = { .flags = ACK, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1 };

static void
an_error_that_quotes_the_syn(void **state)
{
	struct world *w = world_new();
	struct seen *s = &w->seen[0];
	char text[ADDRESS_TEXT_MAX];

	(void)state;
	world_tcp(w, client_syn);
	send_icmp(w, (struct icmp_spec){ .type = 3, .code = 13, .quote_len = 8 }, client_syn);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(s->facts.n_icmp, 1);
	assert_int_equal(s->icmp[0].type, 3);
	assert_int_equal(s->icmp[0].code, 13);
	assert_int_equal(s->icmp[0].mtu, 0);
	assert_int_equal(s->icmp[0].quoted_from, SIDE_CLIENT);
	assert_true(s->icmp[0].quotes_syn);
	assert_int_equal(s->icmp[0].when.packet, 2);
	assert_string_equal(address_text(&s->icmp[0].sender, text), "192.0.2.7");
	assert_int_equal(s->facts.side[1].n_packets, 0); /* an error is no word of the server */
	assert_int_equal(flow_table_stats(w->table).n_icmp, 1);
	assert_int_equal(flow_table_stats(w->table).n_unmatched_icmp, 0);
	world_free(w);
}

static void
an_ipv6_error_that_quotes_the_syn(void **state)
{
	struct world *w = world_new();
	struct tcp_spec syn = client_syn;
	char text[ADDRESS_TEXT_MAX];

	(void)state;
	syn.is_v6 = true;
	world_tcp(w, syn);
	send_icmp(w, (struct icmp_spec){ .type = 1, .code = 1, .is_v6 = true }, syn);
	send_icmp(w, (struct icmp_spec){ .type = 2, .rest = 1280, .is_v6 = true }, syn);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.n_icmp, 2);
	assert_int_equal(w->seen[0].icmp[0].type, 1);
	assert_int_equal(w->seen[0].icmp[0].code, 1);
	assert_int_equal(w->seen[0].icmp[0].mtu, 0);
	assert_int_equal(w->seen[0].icmp[1].mtu, 1280);
	assert_string_equal(address_text(&w->seen[0].icmp[0].sender, text), "2001:db8::7");
	world_free(w);
}

/* RFC 1191: the next hop's MTU stands in the lower half. */
static void
a_packet_that_is_too_big(void **state)
{
	struct world *w = world_new();
	struct seen *s = &w->seen[0];

	(void)state;
	world_handshake(w);
	send_icmp(w, (struct icmp_spec){ .type = 3, .code = 4, .rest = 0xffff0578, .quote_len = 8 }, client_data);
	flow_table_finish(w->table);
	assert_int_equal(s->icmp[0].mtu, 1400);
	assert_false(s->icmp[0].quotes_syn);
	world_free(w);
}

static void
the_side_that_sent_the_quoted_packet_is_known(void **state)
{
	struct world *w = world_new();
	struct tcp_spec answer = { .from = SIDE_SERVER, .flags = SYN | ACK, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1 };

	(void)state;
	world_handshake(w);
	send_icmp(w, (struct icmp_spec){ .type = 11, .code = 0, .quote_len = 8 }, answer);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].icmp[0].type, 11);
	assert_int_equal(w->seen[0].icmp[0].quoted_from, SIDE_SERVER);
	assert_true(w->seen[0].icmp[0].quotes_syn);
	world_free(w);
}

/* Ports alone: it can only be the SYN as long as nothing else was sent. */
static void
a_quote_of_four_bytes(void **state)
{
	for (int is_answered = 0; is_answered < 2; is_answered++) {
		struct world *w = world_new();

		(void)state;
		if (is_answered)
			world_handshake(w);
		else
			world_tcp(w, client_syn);
		send_icmp(w, (struct icmp_spec){ .type = 3, .code = 1, .quote_len = 4 }, client_syn);
		flow_table_finish(w->table);
		assert_int_equal(w->seen[0].facts.n_icmp, 1);
		assert_int_equal(w->seen[0].icmp[0].quotes_syn, !is_answered);
		world_free(w);
	}
}

/* Without a SYN there is nothing that a quote could be compared with. */
static void
a_running_connection_has_no_syn_to_quote(void **state)
{
	struct world *w = world_new();
	struct tcp_spec quoted = client_data;

	(void)state;
	world_tcp(w, client_data);
	quoted.seq = 0;
	send_icmp(w, (struct icmp_spec){ .type = 3, .code = 1, .quote_len = 8 }, quoted);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.n_icmp, 1);
	assert_false(w->seen[0].icmp[0].quotes_syn);
	world_free(w);
}

static void
errors_about_nothing_we_know_are_counted(void **state)
{
	struct world *w = world_new();
	struct tcp_spec other = client_syn;

	(void)state;
	other.port = 5;
	world_tcp(w, client_syn);
	send_icmp(w, (struct icmp_spec){ .type = 3, .code = 1 }, other);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(w->seen[0].facts.n_icmp, 0);
	assert_int_equal(flow_table_stats(w->table).n_unmatched_icmp, 1);
	world_free(w);
}

static void
what_is_no_error_is_nothing(void **state)
{
	static const struct icmp_spec none[] = {
		{ .type = 0 },                  /* echo reply */
		{ .type = 5, .code = 1 },       /* redirect */
		{ .type = 8 },                  /* echo */
		{ .type = 3, .quote_len = 3 },  /* not even the ports */
		{ .type = 128, .is_v6 = true }, /* echo */
		{ .type = 135, .is_v6 = true }, /* neighbour solicitation */
	};
	struct world *w = world_new();

	(void)state;
	world_tcp(w, client_syn);
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		send_icmp(w, none[i], client_syn);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.n_icmp, 0);
	assert_int_equal(flow_table_stats(w->table).n_icmp, 0);
	world_free(w);
}

static void
errors_beyond_the_limit_are_counted(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, client_syn);
	for (uint8_t i = 0; i < 9; i++)
		send_icmp(w, (struct icmp_spec){ .type = 3, .code = i }, client_syn);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.n_icmp, 9);
	for (uint8_t i = 0; i < ICMP_KEPT; i++)
		assert_int_equal(w->seen[0].icmp[i].code, i);
	world_free(w);
}

/* Errors can be forged; they neither end a connection nor keep it. */
static void
errors_do_not_keep_a_connection_open(void **state)
{
	struct world *w = world_new();

	(void)state;
	world_tcp(w, client_syn);
	for (int i = 0; i < 4; i++) {
		world_wait(w, FLOW_SYN_IDLE_NS / 3);
		send_icmp(w, (struct icmp_spec){ .type = 3, .code = 1 }, client_syn);
	}
	assert_int_equal(w->n_closed, 1);
	world_free(w);
}

static void
an_error_cut_by_the_snapshot_length_does_no_harm(void **state)
{
	struct world *w = world_new();
	uint8_t frame[28 + 28] = { 0 };
	uint8_t quote[200];
	struct tcp_spec syn = client_syn;

	(void)state;
	world_tcp(w, client_syn);
	build_packet(w, quote, &syn);
	build_ip(frame, &(struct tcp_spec){ 0 }, 1, sizeof(frame) - 20);
	frame[9] = 1;
	frame[20] = 3;
	memcpy(frame + 28, quote, 28);
	for (size_t len = 0; len <= sizeof(frame); len++)
		world_feed(w, DLT_RAW, bytes_of(frame, len), sizeof(frame) - len);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.n_icmp, 5); /* from the ports on */
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_that_quotes_the_syn),
		cmocka_unit_test(an_ipv6_error_that_quotes_the_syn),
		cmocka_unit_test(a_packet_that_is_too_big),
		cmocka_unit_test(the_side_that_sent_the_quoted_packet_is_known),
		cmocka_unit_test(a_quote_of_four_bytes),
		cmocka_unit_test(a_running_connection_has_no_syn_to_quote),
		cmocka_unit_test(errors_about_nothing_we_know_are_counted),
		cmocka_unit_test(what_is_no_error_is_nothing),
		cmocka_unit_test(errors_beyond_the_limit_are_counted),
		cmocka_unit_test(errors_do_not_keep_a_connection_open),
		cmocka_unit_test(an_error_cut_by_the_snapshot_length_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
