/* A connection inside of tunnels is the same connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

#define ETHERNET "\x02\0\0\0\0\x01\x02\0\0\0\0\x02"

struct wrap { /* bytes before the packet */
	uint8_t bytes[200];
	size_t len;
};

struct row {
	const char *name;
	int link_type;
	void (*build)(struct wrap *w, size_t inner_len);
};

static void
put_front(struct wrap *w, const void *bytes, size_t len)
{
	memmove(w->bytes + len, w->bytes, w->len);
	memcpy(w->bytes, bytes, len);
	w->len += len;
}

/* An IP header in front of everything: from 198.51.100.1, or 2001:db8::1. */
static void
put_ip(struct wrap *w, size_t inner_len, uint8_t version, uint8_t protocol)
{
	uint8_t head[40] = { 0 };

	if (version == 4) {
		memcpy(head, "\x45\0\0\0\0\x09\0\0\x40\0\0\0\xc6\x33\x64\x01\xc6\x33\x64\x02", 20);
		put16(head + 2, 20 + w->len + inner_len);
		head[9] = protocol;
		put_front(w, head, 20);
		return;
	}
	memcpy(head, "\x60\0\0\0\0\0\0\x40\x20\x01\x0d\xb8", 12);
	put16(head + 4, w->len + inner_len);
	head[6] = protocol;
	memcpy(head + 24, "\x20\x01\x0d\xb8", 4);
	head[39] = 1;
	put_front(w, head, 40);
}

static void
put_udp(struct wrap *w, size_t inner_len, uint16_t port)
{
	uint8_t head[8] = { 0x30, 0x39 };

	put16(head + 2, port);
	put16(head + 4, 8 + w->len + inner_len);
	put_front(w, head, 8);
	put_ip(w, inner_len, 4, 17);
}

static void
ip_in_ip(struct wrap *w, size_t n)
{
	put_ip(w, n, 4, 4);
}

static void
ipv4_in_ipv6(struct wrap *w, size_t n)
{
	put_ip(w, n, 6, 4);
}

static void
ip_in_ip_seven_times(struct wrap *w, size_t n)
{
	for (int i = 0; i < LINK_DEPTH_MAX - 1; i++)
		put_ip(w, n, 4, 4);
}

static void
gre(struct wrap *w, size_t n)
{
	put_front(w, "\0\0\x08\0", 4);
	put_ip(w, n, 4, 47);
}

static void
gre_with_all_fields(struct wrap *w, size_t n)
{
	put_front(w, "\xb0\0\x08\0\0\0\0\0\0\0\0\x2a\0\0\0\x01", 16);
	put_ip(w, n, 6, 47);
}

/* RFC 2637: PPP in version 1, with key, sequence and acknowledgement. */
static void
pptp(struct wrap *w, size_t n)
{
	put_front(w, "\x30\x81\x88\x0b\0\x10\0\x01\0\0\0\x01\0\0\0\x01\xff\x03\0\x21", 20);
	put_ip(w, n, 4, 47);
}

static void
erspan(struct wrap *w, size_t n)
{
	put_front(w, ETHERNET "\x08\0", 14);
	put_front(w, "\x10\0\x88\xbe\0\0\0\x01\x10\x01\0\0\0\0\0\0", 16);
	put_ip(w, n, 4, 47);
}

static void
vxlan(struct wrap *w, size_t n)
{
	put_front(w, ETHERNET "\x81\0\0\x07\x08\0", 18);
	put_front(w, "\x08\0\0\0\0\0\x2a\0", 8);
	put_udp(w, n, 4789);
}

/* draft-smith-vxlan-group-policy: one more flag, and a group in what is reserved else. */
static void
vxlan_with_policy(struct wrap *w, size_t n)
{
	put_front(w, ETHERNET "\x08\0", 14);
	put_front(w, "\x88\0\0\x05\0\0\x2a\0", 8);
	put_udp(w, n, 8472);
}

static void
geneve(struct wrap *w, size_t n)
{
	put_front(w, ETHERNET "\x08\0", 14);
	put_front(w, "\x02\0\x65\x58\0\0\x2a\0\0\0\0\0\0\0\0\0", 16);
	put_udp(w, n, 6081);
}

static void
geneve_with_ip(struct wrap *w, size_t n)
{
	put_front(w, "\0\0\x08\0\0\0\x2a\0", 8);
	put_udp(w, n, 6081);
}

static void
mpls_in_qinq(struct wrap *w, size_t n)
{
	(void)n;
	put_front(w, ETHERNET "\x88\xa8\0\x0a\x81\0\0\x0b\x88\x47\0\x01\0\xff\0\x02\x01\xff", 30);
}

static void
gre_behind_pppoe(struct wrap *w, size_t n)
{
	gre(w, n);
	put_front(w, ETHERNET "\x88\x64\x11\0\0\x05\0\x40\0\x21", 22);
}

static const struct row rows[] = {
	{ "IP in IP", DLT_RAW, ip_in_ip },
	{ "IPv4 in IPv6", DLT_RAW, ipv4_in_ipv6 },
	{ "IP in IP, seven times", DLT_RAW, ip_in_ip_seven_times },
	{ "GRE", DLT_RAW, gre },
	{ "GRE with checksum, key and sequence", DLT_RAW, gre_with_all_fields },
	{ "PPTP", DLT_RAW, pptp },
	{ "ERSPAN", DLT_RAW, erspan },
	{ "VXLAN", DLT_RAW, vxlan },
	{ "VXLAN with group policy", DLT_RAW, vxlan_with_policy },
	{ "Geneve", DLT_RAW, geneve },
	{ "Geneve with IP", DLT_RAW, geneve_with_ip },
	{ "MPLS in QinQ", DLT_EN10MB, mpls_in_qinq },
	{ "GRE behind PPPoE", DLT_EN10MB, gre_behind_pppoe },
};

static void
send_wrapped(struct world *w, const struct row *row, struct tcp_spec s, size_t n_cut)
{
	uint8_t packet[400];
	uint8_t frame[800];
	struct wrap wrap = { .len = 0 };
	size_t len = build_packet(w, packet, &s);

	row->build(&wrap, len);
	memcpy(frame, wrap.bytes, wrap.len);
	memcpy(frame + wrap.len, packet, len);
	world_feed(w, row->link_type, bytes_of(frame, wrap.len + len - n_cut), n_cut);
}

static void
check_row(const struct row *row)
{
	struct world *w = world_new();
	const struct tcp_facts *f = &w->seen[0].facts;
	struct tcp_spec data = { .from = SIDE_SERVER, .flags = ACK, .seq = SERVER_ISN + 1, .ack = CLIENT_ISN + 1 };

	data.payload = bytes_str("220 mx.example\r\n");
	send_wrapped(w, row, (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN }, 0);
	send_wrapped(w, row, data, 4);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 1);
	assert_int_equal(f->end[SIDE_CLIENT].port, CLIENT_PORT);
	assert_int_equal(f->end[SIDE_CLIENT].address.octets[0], 192); /* the inner one */
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), "220 mx.examp\?\?\?\?");
	assert_int_equal(f->side[1].n_cut, 1);
	assert_int_equal(flow_table_stats(w->table).n_damaged, 0);
	world_free(w);
}

static void
a_connection_in_a_tunnel_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("%s\n", rows[i].name);
		check_row(&rows[i]);
	}
}

static void
too_many_tunnels_are_not_followed(void **state)
{
	struct world *w = world_new();
	struct tcp_spec syn = { .flags = SYN, .seq = CLIENT_ISN };
	uint8_t frame[800];
	struct wrap wrap = { .len = 0 };
	size_t len;

	(void)state;
	len = build_packet(w, frame + 200, &syn);
	for (int i = 0; i < LINK_DEPTH_MAX; i++)
		put_ip(&wrap, len, 4, 4);
	memcpy(frame + 200 - wrap.len, wrap.bytes, wrap.len);
	world_feed(w, DLT_RAW, bytes_of(frame + 200 - wrap.len, wrap.len + len), 0);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 0);
	world_free(w);
}

/* Every frame of every tunnel, cut at every length: nothing but fewer facts. */
static void
tunnels_cut_anywhere_do_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world *w = world_new();

		for (size_t n_cut = 0; n_cut < 40; n_cut++)
			send_wrapped(w, &rows[i], (struct tcp_spec){ .flags = SYN, .seq = CLIENT_ISN }, n_cut);
		flow_table_finish(w->table);
		assert_int_equal(w->n_opened, 1);
		world_free(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_in_a_tunnel_is_found),
		cmocka_unit_test(too_many_tunnels_are_not_followed),
		cmocka_unit_test(tunnels_cut_anywhere_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
