/* Fragmented datagrams: any order, overlaps, lies, budgets, and fragments in fragments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "packets.h"

#define TEXT "220 mx.example is ready and has a lot to say about it today\r\n"

struct fragmented {
	bool is_v6;
	uint32_t id;
	uint8_t protocol;
	const uint8_t *payload;
	size_t len;
};

/* Bytes from..to of the payload as one fragment, in a frame. Returns the length of the frame. */
static size_t
build_fragment(uint8_t *frame, const struct fragmented *d, size_t from, size_t to, bool has_more)
{
	size_t head = d->is_v6 ? 48 : 20;
	struct tcp_spec server = { .from = SIDE_SERVER, .is_v6 = d->is_v6 };

	build_ip(frame, &server, (uint16_t)d->id, to - from + (d->is_v6 ? 8 : 0));
	if (d->is_v6) {
		frame[6] = 44;
		frame[40] = d->protocol;
		frame[41] = 0;
		put16(frame + 42, from | has_more);
		put32(frame + 44, d->id);
	} else {
		frame[9] = d->protocol;
		put16(frame + 6, from / 8 | (has_more ? 0x2000 : 0));
	}
	memcpy(frame + head, d->payload + from, to - from);
	return head + to - from;
}

static void
send_fragment(struct world *w, const struct fragmented *d, size_t from, size_t to)
{
	uint8_t frame[2000];

	world_feed(w, DLT_RAW, bytes_of(frame, build_fragment(frame, d, from, to, to < d->len)), 0);
}

/* The TCP segment that says TEXT, without its IP header. */
static struct fragmented
greeting(struct world *w, uint8_t *packet, bool is_v6, uint32_t id)
{
	struct tcp_spec s = { .from = SIDE_SERVER,
			      .flags = ACK,
			      .seq = SERVER_ISN + 1,
			      .ack = CLIENT_ISN + 1,
			      .is_v6 = is_v6,
			      .payload = bytes_str(TEXT) };
	size_t head = is_v6 ? 40 : 20;
	size_t len = build_packet(w, packet, &s);

	return (struct fragmented){ is_v6, id, 6, packet + head, len - head };
}

static void
fragments_in_any_order(void **state)
{
	static const size_t orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 0, 2 }, { 2, 0, 1 } };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(orders); i++) {
		struct world *w = world_new();
		uint8_t packet[200];
		struct fragmented d = greeting(w, packet, i % 2, 0x12345678);

		for (size_t k = 0; k < 3; k++) {
			size_t at = orders[i / 2][k] * 32;

			assert_int_equal(w->n_opened, 0);
			send_fragment(w, &d, at, at + 32 < d.len && at < 64 ? at + 32 : d.len);
			send_fragment(w, &d, at, at + 32 < d.len && at < 64 ? at + 32 : d.len); /* a copy */
		}
		flow_table_finish(w->table);
		assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), TEXT);
		assert_int_equal(w->seen[0].facts.end[SIDE_CLIENT].address.family, i % 2 ? 6 : 4);
		world_free(w);
	}
}

static void
where_fragments_overlap_the_first_bytes_stay(void **state)
{
	struct world *w = world_new();
	uint8_t packet[200];
	uint8_t forged[200];
	struct fragmented d = greeting(w, packet, false, 7);
	struct fragmented lie = d;

	(void)state;
	memset(forged, 'X', sizeof(forged));
	lie.payload = forged;
	send_fragment(w, &d, 24, 48);
	send_fragment(w, &lie, 32, 56);
	send_fragment(w, &d, 0, 32);
	send_fragment(w, &d, 48, d.len);
	flow_table_finish(w->table);
	assert_memory_equal(seen_text(&w->seen[0], SIDE_SERVER), TEXT, 28);
	assert_memory_equal(seen_text(&w->seen[0], SIDE_SERVER) + 28, "XXXXXXXX", 8);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER) + 36, &TEXT[36]);
	world_free(w);
}

static void
datagrams_are_told_apart(void **state)
{
	struct world *w = world_new();
	uint8_t packet[2][200];
	struct fragmented a = greeting(w, packet[0], false, 1);
	struct fragmented b = greeting(w, packet[1], false, 2);

	(void)state;
	packet[1][20 + 3] = 9; /* another client port */
	send_fragment(w, &a, 0, 32);
	send_fragment(w, &b, 0, 32);
	send_fragment(w, &b, 32, b.len);
	send_fragment(w, &a, 32, a.len);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 2);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), TEXT);
	assert_string_equal(seen_text(&w->seen[1], SIDE_SERVER), TEXT);
	world_free(w);
}

/* RFC 8200 4.5: what was fragmented may begin with more extension headers. */
static void
extension_headers_behind_the_fragment_header(void **state)
{
	static const uint8_t options[] = { 6, 0, 1, 4, 0, 0, 0, 0 };
	struct world *w = world_new();
	uint8_t packet[200];
	uint8_t payload[200];
	struct fragmented d = greeting(w, packet, true, 3);

	(void)state;
	memcpy(payload, options, 8);
	memcpy(payload + 8, d.payload, d.len);
	d = (struct fragmented){ true, 3, 60, payload, d.len + 8 };
	send_fragment(w, &d, 0, 40);
	send_fragment(w, &d, 40, d.len);
	flow_table_finish(w->table);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), TEXT);
	world_free(w);
}

/* The fragments of a tunnel carry a packet that is itself a fragment. */
static void
fragments_in_fragments(void **state)
{
	struct world *w = world_new();
	uint8_t packet[200];
	struct fragmented d = greeting(w, packet, false, 4);

	(void)state;
	for (size_t at = 0; at < d.len; at += 48) {
		uint8_t inner[200];
		size_t len = build_fragment(inner, &d, at, at + 48 < d.len ? at + 48 : d.len, at + 48 < d.len);
		struct fragmented outer = { false, 900 + (uint32_t)at, 4, inner, len };

		send_fragment(w, &outer, 0, 24);
		send_fragment(w, &outer, 24, len);
	}
	flow_table_finish(w->table);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), TEXT);
	world_free(w);
}

static void
the_snapshot_length_may_cut_the_last_fragment(void **state)
{
	struct world *w = world_new();
	uint8_t packet[200];
	uint8_t frame[200];
	struct fragmented d = greeting(w, packet, false, 5);
	size_t len = build_fragment(frame, &d, 32, d.len, false);

	(void)state;
	send_fragment(w, &d, 0, 32);
	world_feed(w, DLT_RAW, bytes_of(frame, len - 10), 10);
	flow_table_finish(w->table);
	assert_int_equal(w->seen[0].facts.side[1].n_cut, 1);
	assert_int_equal(w->seen[0].n_missing[1], 10);
	assert_int_equal(w->seen[0].data[1].len, sizeof(TEXT) - 1);
	world_free(w);
}

static void
what_does_not_fit_together_is_dropped(void **state)
{
	struct world *w = world_new();
	uint8_t packet[200];
	struct fragmented d = greeting(w, packet, false, 6);
	struct fragmented longer = d;
	uint8_t frame[200];
	size_t len;

	(void)state;
	longer.len += 100;
	send_fragment(w, &longer, 0, 20); /* more to come, but not a multiple of 8 */
	send_fragment(w, &d, 32, d.len);
	len = build_fragment(frame, &d, 0, 40, true);
	put16(frame + 6, 0x3fff); /* beyond 64 KiB */
	world_feed(w, DLT_RAW, bytes_of(frame, len), 0);
	send_fragment(w, &d, 32, d.len - 4); /* a second end */
	assert_int_equal(w->n_opened, 0);
	send_fragment(w, &d, 0, 32);
	flow_table_finish(w->table);
	assert_string_equal(seen_text(&w->seen[0], SIDE_SERVER), TEXT);
	world_free(w);
}

static void
unfinished_datagrams_are_forgotten_after_a_while(void **state)
{
	struct world *w = world_new();
	uint8_t packet[200];
	struct fragmented d = greeting(w, packet, false, 8);

	(void)state;
	send_fragment(w, &d, 0, 32);
	world_wait(w, FRAGMENT_IDLE_NS + NS_PER_S);
	send_fragment(w, &d, 32, d.len);
	flow_table_finish(w->table);
	assert_int_equal(w->n_opened, 0);
	world_free(w);
}

/* A flood of first fragments: the oldest make room, and the newest are still put together. */
static void
the_number_of_unfinished_datagrams_is_bounded(void **state)
{
	struct world *w = world_new();
	uint8_t packet[200];
	struct fragmented d = greeting(w, packet, false, 0);
	struct fragmented first = d;

	(void)state;
	first.id = 1;
	send_fragment(w, &first, 0, 32);
	for (uint32_t i = 2; i < 1000; i++) { /* fewer bytes than FRAGMENT_BUDGET */
		d.id = i;
		send_fragment(w, &d, 0, 32);
	}
	send_fragment(w, &first, 32, d.len);
	assert_int_equal(w->n_opened, 0);
	send_fragment(w, &d, 32, d.len);
	assert_int_equal(w->n_opened, 1);
	world_free(w);
}

/* Few of them, but each claims to be long. */
static void
the_bytes_of_unfinished_datagrams_are_bounded(void **state)
{
	struct world *w = world_new();
	uint8_t packet[200];
	struct fragmented d = greeting(w, packet, false, 0);
	struct fragmented first = d;
	uint8_t frame[200];

	(void)state;
	first.id = 1;
	send_fragment(w, &first, 0, 32);
	for (uint32_t i = 2; i < 100; i++) {
		size_t len;

		d.id = i;
		len = build_fragment(frame, &d, 0, 40, true);
		put16(frame + 6, 0x2000 | 65000 / 8);
		world_feed(w, DLT_RAW, bytes_of(frame, len), 0);
	}
	send_fragment(w, &first, 32, d.len);
	assert_int_equal(w->n_opened, 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_in_any_order),
		cmocka_unit_test(where_fragments_overlap_the_first_bytes_stay),
		cmocka_unit_test(datagrams_are_told_apart),
		cmocka_unit_test(extension_headers_behind_the_fragment_header),
		cmocka_unit_test(fragments_in_fragments),
		cmocka_unit_test(the_snapshot_length_may_cut_the_last_fragment),
		cmocka_unit_test(what_does_not_fit_together_is_dropped),
		cmocka_unit_test(unfinished_datagrams_are_forgotten_after_a_while),
		cmocka_unit_test(the_number_of_unfinished_datagrams_is_bounded),
		cmocka_unit_test(the_bytes_of_unfinished_datagrams_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
