/* In: attempts over IPv6 and connections over IPv4. Out: which followed on which. Knows the IPv6 attempts that are open
 * and have no answer, at most FAMILIES_MAX; the oldest one goes. */
#include "decode/families.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/dialogue_tcp.h"
#include "flow/flow.h"

#define RACE_NS (1 * NS_PER_S)     /* sooner than this IPv4 races with IPv6 (RFC 8305), and nothing has failed yet */
#define RESPONSE_NS (5 * NS_PER_S) /* a program that has given up on IPv6 needs no longer to go on */

struct attempt6 {
	const struct tcp_facts *tcp; /* NULL: free */
	struct over_ipv4 instead;
};
struct only { /* one address, or several */
	struct address address;
	bool is_several;
};

struct families {
	struct attempt6 attempts[FAMILIES_MAX];
	size_t next, n;
	struct only ends[2][2]; /* by family (IPv4, IPv6) and side */
};

struct families *
families_new(void)
{
	return mem_new(sizeof(struct families));
}

void
families_free(struct families *f)
{
	mem_free(f);
}

static void
note_ends(struct families *f, const struct tcp_facts *tcp)
{
	for (size_t side = 0; side < 2; side++) {
		const struct address *a = &tcp->end[side].address;
		struct only *only = &f->ends[a->family == 6][side];

		if (only->address.family == 0)
			only->address = *a;
		else if (!only->is_several && !address_eq(&only->address, a))
			only->is_several = true;
	}
}

static struct attempt6 *
find(struct families *f, const struct tcp_facts *tcp)
{
	for (size_t i = 0; i < FAMILIES_MAX; i++)
		if (f->attempts[i].tcp == tcp)
			return &f->attempts[i];
	return NULL;
}

static void
forget(struct families *f, struct attempt6 *a)
{
	*a = (struct attempt6){ .tcp = NULL };
	f->n--;
}

void
families_opened(struct families *f, const struct tcp_facts *tcp)
{
	struct attempt6 *a = &f->attempts[f->next];

	note_ends(f, tcp);
	if (tcp->end[SIDE_SERVER].address.family != 6 || tcp->n_syn == 0)
		return;
	if (a->tcp)
		forget(f, a);
	a->tcp = tcp;
	f->n++;
	f->next = (f->next + 1) % FAMILIES_MAX;
}

/* When the attempt was seen to fail; packet 0: nothing has come back. */
static struct when
failure(const struct tcp_facts *t)
{
	const struct tcp_reset *refusal = tcp_refusal(t);
	const struct icmp_error *unreachable = tcp_unreachable(t);

	return refusal ? refusal->when : unreachable ? unreachable->when : (struct when){ 0 };
}

/* An unanswered attempt is given up at the latest when the next SYN would be due. */
static bool
came_in_time(const struct tcp_facts *v6, const struct tcp_facts *v4)
{
	struct when failed = failure(v6);
	int64_t since_ns = v4->syn.time_ns - v6->syn.time_ns;

	if (failed.packet != 0)
		return v4->syn.packet > failed.packet && v4->syn.time_ns - failed.time_ns <= RESPONSE_NS;
	return since_ns >= RACE_NS &&
	       v4->syn.time_ns - v6->syn_last.time_ns <= v6->syn_last.time_ns - v6->syn.time_ns + RESPONSE_NS;
}

static bool
may_replace(const struct tcp_facts *v6, const struct tcp_facts *v4)
{
	return v6->end[SIDE_SERVER].port == v4->end[SIDE_SERVER].port && v6->n_syn_ack == 0 &&
	       v6->side[SIDE_CLIENT].ttl_first == v4->side[SIDE_CLIENT].ttl_first && came_in_time(v6, v4);
}

static void
note_instead(struct over_ipv4 *o, const struct tcp_facts *v6, const struct tcp_facts *v4)
{
	const struct address *client = &v4->end[SIDE_CLIENT].address, *server = &v4->end[SIDE_SERVER].address;

	if (o->syn.packet != 0) {
		o->is_ambiguous = o->is_ambiguous || !address_eq(&o->client, client) || !address_eq(&o->server, server);
		return;
	}
	o->client = *client;
	o->server = *server;
	o->syn = v4->syn;
	o->after_ns = v4->syn.time_ns - v6->syn.time_ns;
}

void
families_answered(struct families *f, const struct tcp_facts *tcp)
{
	if (f->n == 0)
		return;
	if (tcp->end[SIDE_SERVER].address.family == 6) {
		struct attempt6 *a = find(f, tcp);

		if (a)
			forget(f, a);
		return;
	}
	for (size_t i = 0; tcp->syn.packet != 0 && i < FAMILIES_MAX; i++)
		if (f->attempts[i].tcp && may_replace(f->attempts[i].tcp, tcp))
			note_instead(&f->attempts[i].instead, f->attempts[i].tcp, tcp);
}

struct over_ipv4
families_closed(struct families *f, const struct tcp_facts *tcp)
{
	struct attempt6 *a = f->n > 0 && tcp->end[SIDE_SERVER].address.family == 6 ? find(f, tcp) : NULL;
	struct over_ipv4 o = { .after_ns = 0 };

	if (!a)
		return o;
	o = a->instead;
	o.is_only = !f->ends[0][SIDE_CLIENT].is_several && !f->ends[0][SIDE_SERVER].is_several &&
		    !f->ends[1][SIDE_CLIENT].is_several && !f->ends[1][SIDE_SERVER].is_several;
	forget(f, a);
	return o;
}
