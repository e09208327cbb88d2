/* In: addresses and ports. Out: the connection. Memory comes in slabs when it is first needed and is used again, so
 * the table is as large as the busiest moment. The idle lists are exact to TOUCH_NS: a packet moves its connection
 * only when it has not been moved for that long. */
#include "flow/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "flow/wire.h"

#define BUCKETS_MIN 1024
#define SLAB_FLOWS 32
#define FLOW_STRIDE ((sizeof(struct flow) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE)
#define TOUCH_NS (2 * NS_PER_S)

struct flow_slab {
	struct flow_slab *next;
	uint8_t memory[SLAB_FLOWS * FLOW_STRIDE + CACHE_LINE]; /* for flows that begin on a cache line */
};

static const int64_t idle_ns[N_CLASSES] = {
	[CLASS_OPENING] = FLOW_SYN_IDLE_NS,
	[CLASS_OPEN] = FLOW_IDLE_NS,
	[CLASS_ENDED] = FLOW_LINGER_NS,
};

void
table_init(struct flow_table *t)
{
	t->n_buckets = BUCKETS_MIN;
	t->buckets = mem_new_array(t->n_buckets, sizeof(*t->buckets));
	t->next_expiry_ns = INT64_MIN;
	if (getrandom(t->seed, sizeof(t->seed), GRND_NONBLOCK) != (ssize_t)sizeof(t->seed))
		t->seed[0] = (uintptr_t)t->buckets; /* early boot: the address is better than nothing */
}

void
table_fini(struct flow_table *t)
{
	while (t->slabs) {
		struct flow_slab *slab = t->slabs;

		t->slabs = slab->next;
		mem_free(slab);
	}
	mem_free(t->buckets);
}

__extension__ typedef unsigned __int128 wide;

static uint64_t
fold(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t
endpoint_hash(const struct flow_table *t, struct bytes address, uint16_t port)
{
	uint64_t hash = (uint64_t)wire_be32(address, 0) << 16 | port;

	if (address.len == 4)
		return hash;
	hash = fold(hash ^ t->seed[0], (uint64_t)wire_be32(address, 4) << 32 ^ wire_be32(address, 8) ^ t->seed[1]);
	return fold(hash ^ t->seed[1], wire_be32(address, 12) ^ t->seed[0]);
}

/* The same for both directions. */
static uint32_t
hash_of(const struct flow_table *t, const struct ip_packet *ip, uint16_t source_port, uint16_t destination_port)
{
	uint64_t a = endpoint_hash(t, ip->source, source_port);
	uint64_t b = endpoint_hash(t, ip->destination, destination_port);
	uint64_t low = a < b ? a : b;
	uint64_t high = a < b ? b : a;

	return (uint32_t)fold(fold(low ^ t->seed[0], t->seed[1] | 1) ^ high, t->seed[1] ^ 0x9e3779b97f4a7c15ULL);
}

static bool
is_endpoint(const struct endpoint *e, struct bytes address, uint16_t port)
{
	if (e->port != port)
		return false;
	if (address.len == 4) /* constant lengths: no call */
		return e->address.family == 4 && memcmp(e->address.octets, address.p, 4) == 0;
	return e->address.family == 6 && memcmp(e->address.octets, address.p, 16) == 0;
}

struct flow *
table_find(const struct flow_table *t, const struct ip_packet *ip, uint16_t source_port, uint16_t destination_port,
	   enum side *from)
{
	uint32_t hash = hash_of(t, ip, source_port, destination_port);
	struct flow *f = t->buckets[hash & (t->n_buckets - 1)];

	for (; f; f = f->next_in_bucket) {
		const struct endpoint *end = f->facts.end;

		if (f->hash != hash)
			continue;
		*from = is_endpoint(&end[0], ip->source, source_port) ? SIDE_CLIENT : SIDE_SERVER;
		if (is_endpoint(&end[*from], ip->source, source_port) &&
		    is_endpoint(&end[other_side(*from)], ip->destination, destination_port))
			return f;
	}
	return NULL;
}

static void
bucket_add(struct flow **buckets, size_t n_buckets, struct flow *f)
{
	struct flow **bucket = &buckets[f->hash & (n_buckets - 1)];

	f->next_in_bucket = *bucket;
	*bucket = f;
}

static void
grow(struct flow_table *t)
{
	size_t n = t->n_buckets * 2;
	struct flow **buckets = mem_new_array(n, sizeof(*buckets));

	for (size_t i = 0; i < t->n_buckets; i++) {
		for (struct flow *f = t->buckets[i], *next; f; f = next) {
			next = f->next_in_bucket;
			bucket_add(buckets, n, f);
		}
	}
	mem_free(t->buckets);
	t->buckets = buckets;
	t->n_buckets = n;
}

static void
list_add(struct flow_list *list, struct flow *f, int64_t now_ns)
{
	f->touched_ns = now_ns;
	f->newer = NULL;
	f->older = list->newest;
	if (list->newest)
		list->newest->newer = f;
	else
		list->oldest = f;
	list->newest = f;
	list->n++;
}

static void
list_remove(struct flow_list *list, struct flow *f)
{
	if (f->older)
		f->older->newer = f->newer;
	else
		list->oldest = f->newer;
	if (f->newer)
		f->newer->older = f->older;
	else
		list->newest = f->older;
	list->n--;
}

static void
add_slab(struct flow_table *t)
{
	struct flow_slab *slab = mem_new(sizeof(*slab));
	uintptr_t first = ((uintptr_t)slab->memory + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;

	slab->next = t->slabs;
	t->slabs = slab;
	for (size_t i = SLAB_FLOWS; i-- > 0;) {
		struct flow *f = (struct flow *)(first + i * FLOW_STRIDE);

		f->next_in_bucket = t->unused;
		t->unused = f;
	}
}

static struct flow *
take_unused(struct flow_table *t)
{
	struct flow *f;

	if (!t->unused)
		add_slab(t);
	f = t->unused;
	t->unused = f->next_in_bucket;
	memset(f, 0, sizeof(*f));
	return f;
}

struct flow *
table_add(struct flow_table *t, const struct ip_packet *ip, const struct segment *s, enum side from, int64_t now_ns)
{
	struct flow *f = take_unused(t);
	struct endpoint *end = f->facts.end;

	end[from].address = address_from(ip->source);
	end[from].port = s->source_port;
	end[other_side(from)].address = address_from(ip->destination);
	end[other_side(from)].port = s->destination_port;
	f->hash = hash_of(t, ip, s->source_port, s->destination_port);
	f->class = CLASS_OPEN;
	if (t->n_flows >= t->n_buckets)
		grow(t);
	bucket_add(t->buckets, t->n_buckets, f);
	list_add(&t->lists[f->class], f, now_ns);
	t->n_flows++;
	return f;
}

void
table_remove(struct flow_table *t, struct flow *f)
{
	struct flow **link = &t->buckets[f->hash & (t->n_buckets - 1)];

	while (*link != f)
		link = &(*link)->next_in_bucket;
	*link = f->next_in_bucket;
	list_remove(&t->lists[f->class], f);
	t->n_flows--;
	f->next_in_bucket = t->unused;
	t->unused = f;
}

void
table_touch(struct flow_table *t, struct flow *f, int64_t now_ns)
{
	if (LIKELY(now_ns - f->touched_ns < TOUCH_NS && f->touched_ns - now_ns < TOUCH_NS))
		return;
	list_remove(&t->lists[f->class], f);
	list_add(&t->lists[f->class], f, now_ns);
}

void
table_set_class(struct flow_table *t, struct flow *f, enum flow_class class)
{
	if (f->class == class)
		return;
	list_remove(&t->lists[f->class], f);
	f->class = class;
	list_add(&t->lists[class], f, t->now.time_ns);
}

/* Time of its last packet; now, if that one claims to be from the future. */
static int64_t
last_ns(const struct flow *f, int64_t now_ns)
{
	const struct when *a = &f->facts.side[0].last;
	const struct when *b = &f->facts.side[1].last;
	int64_t last = a->packet > b->packet ? a->time_ns : b->time_ns;

	return last < now_ns ? last : now_ns;
}

struct flow *
table_idlest(const struct flow_table *t)
{
	struct flow *idlest = NULL;

	for (int i = 0; i < N_CLASSES; i++) {
		struct flow *f = t->lists[i].oldest;

		if (f && (!idlest || f->touched_ns < idlest->touched_ns))
			idlest = f;
	}
	return idlest;
}

/* A connection that is added later cannot be due before now + FLOW_LINGER_NS, the shortest time. A clock that jumped
 * back (a bad time stamp before) starts over. */
struct flow *
table_expired(struct flow_table *t, int64_t now_ns)
{
	int64_t next_ns = now_ns + FLOW_LINGER_NS;

	if (LIKELY(now_ns < t->next_expiry_ns && t->next_expiry_ns - now_ns <= FLOW_LINGER_NS))
		return NULL;
	for (int i = 0; i < N_CLASSES; i++) {
		struct flow *f = t->lists[i].oldest;
		int64_t due_ns = f ? f->touched_ns + idle_ns[i] : next_ns;

		if (f && (due_ns <= now_ns || f->touched_ns - now_ns > TOUCH_NS)) {
			if (last_ns(f, now_ns) + idle_ns[i] <= now_ns)
				return f;
			list_remove(&t->lists[i], f); /* it had packets after it was moved last, or a wild time */
			list_add(&t->lists[i], f, last_ns(f, now_ns));
			due_ns = now_ns; /* the next one in the list may be due, too */
		}
		next_ns = due_ns < next_ns ? due_ns : next_ns;
	}
	t->next_expiry_ns = next_ns;
	return NULL;
}

static int
by_stream(const void *a, const void *b)
{
	const struct flow *const *x = a;
	const struct flow *const *y = b;

	return ((*x)->facts.stream > (*y)->facts.stream) - ((*x)->facts.stream < (*y)->facts.stream);
}

struct flow **
table_list(const struct flow_table *t)
{
	struct flow **list = mem_new_array(t->n_flows, sizeof(struct flow *));
	size_t n = 0;

	for (int i = 0; i < N_CLASSES; i++) {
		for (struct flow *f = t->lists[i].oldest; f; f = f->newer)
			list[n++] = f;
	}
	qsort(list, n, sizeof(struct flow *), by_stream);
	return list;
}
