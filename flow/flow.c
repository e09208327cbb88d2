/* In: frames. Out: what flow.h promises. Here a frame is unwrapped down to its innermost IP packet; time, expiry and
 * the end of connections are here, too. */
#include "flow/flow.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "capture/capture.h"
#include "capture/link.h"
#include "flow/fragments.h"
#include "flow/icmp.h"
#include "flow/table.h"
#include "flow/tcp.h"
#include "flow/wire.h"

#define UDP_HEADER_LEN 8
#define EXPIRED_PER_PACKET 8 /* so that one packet with a wild time stamp does not close all connections */

struct flow_table *
flow_table_new(const struct flow_config *config, const struct flow_sink *sink)
{
	struct flow_table *t = mem_new(sizeof(*t));

	t->config = config;
	t->sink = sink;
	table_init(t);
	t->fragments = fragments_new();
	order_init(&t->ordering);
	return t;
}

void
flow_close(struct flow_table *t, struct flow *f)
{
	order_finish(t, f, &t->now);
	f->facts.now = t->now;
	if (t->sink->closed)
		t->sink->closed(t->sink->user, f);
	table_remove(t, f);
	mem_free(f->recent);
	mem_free((void *)(uintptr_t)f->facts.reset); /* const for the readers only */
	mem_free((void *)(uintptr_t)f->facts.icmp);
}

static RARE void
close_old(struct flow_table *t, int64_t now_ns, int n_max)
{
	struct flow *f;

	while (t->lists[CLASS_ENDED].n > FLOW_LINGER_MAX)
		flow_close(t, t->lists[CLASS_ENDED].oldest);
	while (n_max-- > 0 && (f = table_expired(t, now_ns)))
		flow_close(t, f);
}

static inline void
expire(struct flow_table *t, int64_t now_ns, int n_max)
{
	if (UNLIKELY(t->lists[CLASS_ENDED].n > FLOW_LINGER_MAX || table_may_expire(t, now_ns)))
		close_old(t, now_ns, n_max);
}

static bool
put_together(struct flow_table *t, struct ip_packet *ip, const struct when *when)
{
	if (!fragments_add(t->fragments, ip, when))
		return false;
	return ip->address_len == 4 || (ip_skip_extensions(ip) && !ip->is_fragment);
}

/* The innermost IP packet of the frame, put together when it came in fragments. Not recursive: packets in packets are
 * followed LINK_DEPTH_MAX deep. */
static bool
innermost(struct flow_table *t, const struct packet *p, struct ip_packet *ip)
{
	size_t n_cut = p->wire_len > p->data.len ? p->wire_len - p->data.len : 0;
	struct bytes inner;

	if (!link_strip_to_ip(p->link_type, p->data, &inner)) {
		t->stats.n_not_ip++;
		return false;
	}
	for (int depth = 0; depth < LINK_DEPTH_MAX; depth++) {
		if (!ip_parse(inner, n_cut, ip)) {
			t->stats.n_damaged += n_cut == 0;
			return false;
		}
		t->stats.n_damaged += ip->lies_about_length;
		if (ip->is_fragment && !put_together(t, ip, &p->when))
			return false;
		if (ip->protocol == IP_TCP || !tunnel_enter(ip, &inner))
			return true;
		n_cut = ip->payload_len - ip->payload.len;
	}
	return false;
}

/* What nearly all packets are. False: it may still be a good one. */
static inline bool
parse_plain(const struct packet *p, struct ip_packet *ip)
{
	if (p->data.len < PACKET_AHEAD_LEN || !link_is_plain_ipv4(p->link_type, p->data.p))
		return false;
	return ip_parse_plain(bytes_of(p->data.p + LINK_PLAIN_LEN, p->data.len - LINK_PLAIN_LEN), ip);
}

static RARE bool
parse_other(struct flow_table *t, const struct packet *p, struct ip_packet *ip)
{
	t->ahead.flow = NULL; /* of what is inside, nothing is known ahead */
	return innermost(t, p, ip);
}

/* RFC 768. Of all datagrams only those of the DNS are told. */
static RARE void
udp_feed(struct flow_table *t, const struct ip_packet *ip, const struct when *when)
{
	uint16_t from = wire_be16(ip->payload, 0), to = wire_be16(ip->payload, 2);
	struct datagram d;

	if (!t->sink->datagram || ip->payload.len < UDP_HEADER_LEN || (from != FLOW_DNS_PORT && to != FLOW_DNS_PORT))
		return;
	d = (struct datagram){ .from = { address_from(ip_source(ip)), from },
			       .to = { address_from(ip_destination(ip)), to },
			       .data = bytes_from(ip->payload, UDP_HEADER_LEN),
			       .when = *when };
	t->sink->datagram(t->sink->user, &d);
}

void
flow_table_feed(struct flow_table *t, const struct packet *p)
{
	struct ip_packet ip;

	ahead_feed(t, p);
	t->stats.n_packets++;
	t->now = p->when;
	if (UNLIKELY(!parse_plain(p, &ip)) && !parse_other(t, p, &ip))
		return;
	if (LIKELY(ip.protocol == IP_TCP))
		tcp_feed(t, &ip, &p->when);
	else if (ip.protocol == IP_ICMP || ip.protocol == IP_ICMPV6)
		icmp_feed(t, &ip, &p->when);
	else if (ip.protocol == IP_UDP)
		udp_feed(t, &ip, &p->when);
	order_expire(t, &p->when);
	expire(t, p->when.time_ns, EXPIRED_PER_PACKET);
}

void
flow_table_tick(struct flow_table *t, int64_t now_ns)
{
	if (now_ns > t->now.time_ns)
		t->now.time_ns = now_ns; /* how long something was waited for is a fact, too */
	order_expire(t, &t->now);
	expire(t, now_ns, FLOW_MAX);
}

static void
finish_class(struct flow_table *t, struct flow **list, size_t n, bool is_opening)
{
	for (size_t i = 0; i < n; i++) {
		if (!list[i] || (list[i]->class == CLASS_OPENING) != is_opening)
			continue;
		list[i]->facts.is_interrupted = list[i]->class != CLASS_ENDED;
		flow_close(t, list[i]);
		list[i] = NULL;
	}
}

/* Those that nobody answered go last: by then the next stage knows what worked. */
void
flow_table_finish(struct flow_table *t)
{
	size_t n = t->n_flows;
	struct flow **list = table_list(t);

	finish_class(t, list, n, false);
	finish_class(t, list, n, true);
	mem_free(list);
}

struct flow_stats
flow_table_stats(const struct flow_table *t)
{
	return t->stats;
}

static void
no_chunk(void *user, struct flow *f, const struct chunk *c)
{
	(void)user, (void)f, (void)c;
}

void
flow_table_free(struct flow_table *t)
{
	static const struct flow_sink nobody = { .chunk = no_chunk };

	if (!t)
		return;
	t->sink = &nobody; /* finish may not have been called */
	flow_table_finish(t);
	order_fini(&t->ordering);
	fragments_free(t->fragments);
	table_fini(t);
	mem_free(t);
}

const struct tcp_facts *
flow_facts(const struct flow *f)
{
	return &f->facts;
}

int64_t
flow_now_ns(const struct flow_table *t)
{
	return t->now.time_ns;
}

void
flow_set_user(struct flow *f, void *user)
{
	f->user = user;
}

void *
flow_user(const struct flow *f)
{
	return f->user;
}

void
flow_set_hot(struct flow *f, const void *all, const void *dialogue)
{
	f->hot[0] = all;
	f->hot[1] = dialogue;
}

void
flow_ignore_payload(struct flow *f)
{
	f->ignores_payload = true;
}
