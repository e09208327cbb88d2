/* Frames of any link type, as they come from a damaged or hostile capture. One frame is: link type (index), bytes that
 * the snapshot length took off, time, two bytes of length, the frame. */
#undef NDEBUG
#include <assert.h>
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/limits.h"
#include "base/reader.h"
#include "capture/capture.h"
#include "flow/flow.h"

#define FRAMES_MAX 500

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int link_types[] = {
	DLT_EN10MB,    DLT_RAW,    DLT_LINUX_SLL,  DLT_LINUX_SLL2,       DLT_NULL, DLT_LOOP, DLT_PPP, DLT_PPP_SERIAL,
	DLT_PPP_ETHER, DLT_C_HDLC, DLT_IEEE802_11, DLT_IEEE802_11_RADIO, DLT_IPV4, DLT_IPV6,
};

struct tally {
	size_t n_opened, n_closed;
};

struct watched {
	uint64_t n_bytes[2];
};

static void
on_opened(void *user, struct flow *f)
{
	struct tally *t = user;

	t->n_opened++;
	flow_set_user(f, mem_new(sizeof(struct watched)));
}

static void
on_chunk(void *user, struct flow *f, const struct chunk *c)
{
	struct watched *w = flow_user(f);
	unsigned sum = 0;

	(void)user;
	assert((c->data.len > 0) != (c->n_missing > 0));
	for (size_t i = 0; i < c->data.len; i++)
		sum += c->data.p[i]; /* all of it can be read */
	w->n_bytes[c->from] += c->data.len + c->n_missing + (sum > UINT32_MAX / 2);
}

static void
on_closed(void *user, struct flow *f)
{
	struct tally *t = user;
	struct watched *w = flow_user(f);

	for (int i = 0; i < 2; i++)
		assert(flow_facts(f)->side[i].payload_bytes == w->n_bytes[i]);
	for (int i = 0; i < 2; i++)
		assert(flow_facts(f)->end[i].address.family == 4 || flow_facts(f)->end[i].address.family == 6);
	t->n_closed++;
	mem_free(w);
}

/* An exact copy on the heap, so that a read one byte too far is caught. */
static void
feed_frame(struct flow_table *t, struct reader *r, struct when *when)
{
	int link_type = link_types[rd_u8(r) % ARRAY_LEN(link_types)];
	uint8_t cut = rd_u8(r);
	uint8_t time = rd_u8(r);
	size_t len = rd_be16(r);
	struct bytes frame = rd_bytes(r, len < rd_left(r) ? len : rd_left(r));
	uint8_t *copy = malloc(frame.len > 0 ? frame.len : 1);
	struct packet p = { .link_type = link_type };

	assert(copy);
	if (frame.len > 0)
		memcpy(copy, frame.p, frame.len);
	when->packet++;
	when->time_ns += time < 0xf0 ? time * 1000000LL : (time - 0xf8) * 30 * NS_PER_S;
	p.data = bytes_of(copy, frame.len);
	p.wire_len = (uint32_t)frame.len + (cut < 0xf0 ? cut : UINT32_C(1) << (cut - 0xe1));
	p.when = *when;
	flow_table_feed(t, &p);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t ports[] = { 25, 465, 587 };
	struct flow_config config = { ports, ARRAY_LEN(ports) };
	struct tally tally = { 0, 0 };
	struct flow_sink sink = { .user = &tally, .opened = on_opened, .chunk = on_chunk, .closed = on_closed };
	struct flow_table *t = flow_table_new(&config, &sink);
	struct reader r = rd_over(bytes_of(data, size));
	struct when when = { 0, 1700000000 * NS_PER_S };

	for (int i = 0; i < FRAMES_MAX && rd_left(&r) > 0; i++)
		feed_frame(t, &r, &when);
	flow_table_finish(t);
	assert(tally.n_opened == tally.n_closed && tally.n_opened == flow_table_stats(t).n_connections);
	flow_table_free(t);
	return 0;
}
