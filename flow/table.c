/* In: addresses and ports. Out: the connection. Memory comes in slabs when it is first needed and is used again, so
 * the table is as large as the busiest moment. The idle lists are exact to TOUCH_NS: a packet moves its connection
 * only when it has not been moved for that long. */
#include "flow/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "capture/link.h"

#define BUCKETS_MIN 1024
#define FLOW_STRIDE ((sizeof(struct flow) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE)
#define SLAB_FLOWS ((MEM_LARGE - sizeof(struct flow_slab)) / FLOW_STRIDE)
#define HOT_LINES 4 /* of each place that the next stage named */
#define TOUCH_NS (2 * NS_PER_S)

struct flow_slab {
	struct flow_slab *next;
	_Alignas(CACHE_LINE) uint8_t memory[]; /* flows begin on a cache line */
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
key_of_v4(const uint8_t *address, uint16_t port)
{
	uint32_t octets;

	memcpy(&octets, address, sizeof(octets));
	return (uint64_t)octets << 16 | port;
}

/* Of IPv4 the key is the endpoint itself. Of IPv6 it has the highest bit and is compared in full afterwards. */
static uint64_t
key_of(const struct flow_table *t, struct bytes address, uint16_t port)
{
	uint64_t octets[2];
	uint64_t hash;

	if (LIKELY(address.len == 4))
		return key_of_v4(address.p, port);
	memcpy(octets, address.p, sizeof(octets));
	hash = fold(octets[0] ^ t->seed[0], octets[1] ^ t->seed[1]);
	return fold(hash ^ t->seed[1], port ^ t->seed[0]) | 1ULL << 63;
}

/* The same for both directions. One multiplication is enough, because nobody outside knows the seeds. */
static size_t
hash_of(const struct flow_table *t, uint64_t a, uint64_t b)
{
	uint64_t low = a < b ? a : b;
	uint64_t high = a < b ? b : a;

	return (size_t)fold(low ^ t->seed[0], high ^ t->seed[1]);
}

static bool
is_endpoint(const struct endpoint *e, struct bytes address, uint16_t port)
{
	return e->port == port && e->address.family == 6 && memcmp(e->address.octets, address.p, 16) == 0;
}

static bool
is_between(const struct flow *f, const struct ip_packet *ip, uint16_t source_port, uint16_t destination_port,
	   enum side from)
{
	return is_endpoint(&f->facts.end[from], ip->source, source_port) &&
	       is_endpoint(&f->facts.end[other_side(from)], ip->destination, destination_port);
}

struct flow *
table_find(const struct flow_table *t, const struct ip_packet *ip, uint16_t source_port, uint16_t destination_port,
	   enum side *from)
{
	uint64_t source = key_of(t, ip->source, source_port);
	uint64_t destination = key_of(t, ip->destination, destination_port);
	struct flow *f = t->buckets[hash_of(t, source, destination) & (t->n_buckets - 1)];

	for (; f; f = f->next_in_bucket) {
		if (f->key[SIDE_CLIENT] == source && f->key[SIDE_SERVER] == destination)
			*from = SIDE_CLIENT;
		else if (f->key[SIDE_SERVER] == source && f->key[SIDE_CLIENT] == destination)
			*from = SIDE_SERVER;
		else
			continue;
		if (LIKELY(ip->source.len == 4) || is_between(f, ip, source_port, destination_port, *from))
			return f;
	}
	return NULL;
}

/* All lines that a packet in order needs. */
static void
fetch_flow(const struct flow *f, enum side from)
{
	const struct tcp_side *side = &f->facts.side[from];

	PREFETCH(side);
	PREFETCH((const char *)side + CACHE_LINE);
	PREFETCH(&f->facts.side[other_side(from)]);
	for (const char *p = (const char *)f->direction; p < (const char *)(f + 1); p += CACHE_LINE)
		PREFETCH(p);
	for (size_t i = 0; f->hot[0] && i < HOT_LINES; i++) {
		PREFETCH((const char *)f->hot[0] + i * CACHE_LINE);
		PREFETCH((const char *)f->hot[1] + i * CACHE_LINE);
	}
}

static void
fetch_next(const struct flow_table *t)
{
	uint64_t a = t->next_keys[0], b = t->next_keys[1];

	for (const struct flow *f = t->buckets[t->next_hash & (t->n_buckets - 1)]; f; f = f->next_in_bucket) {
		bool is_from_client = f->key[SIDE_CLIENT] == a && f->key[SIDE_SERVER] == b;

		if (is_from_client || (f->key[SIDE_SERVER] == a && f->key[SIDE_CLIENT] == b)) {
			fetch_flow(f, is_from_client ? SIDE_CLIENT : SIDE_SERVER);
			return;
		}
	}
}

/* In two steps, since only the beginning of a connection tells whether it is the one: its first line is fetched two
 * packets ahead, the others one packet ahead. */
void
table_fetch(struct flow_table *t, int link_type, const uint8_t *frame)
{
	const struct flow *f;

	if (LIKELY(t->next_keys[0] != 0))
		fetch_next(t);
	t->next_keys[0] = 0;
	if (UNLIKELY(!frame || !link_is_plain_ipv4(link_type, frame)))
		return;
	frame += LINK_PLAIN_LEN;
	t->next_keys[0] = key_of_v4(frame + 12, (uint16_t)(frame[20] << 8 | frame[21]));
	t->next_keys[1] = key_of_v4(frame + 16, (uint16_t)(frame[22] << 8 | frame[23]));
	t->next_hash = hash_of(t, t->next_keys[0], t->next_keys[1]);
	f = t->buckets[t->next_hash & (t->n_buckets - 1)];
	if (f)
		PREFETCH(f);
}

static struct flow **
bucket_of(const struct flow_table *t, const struct flow *f)
{
	return &t->buckets[hash_of(t, f->key[0], f->key[1]) & (t->n_buckets - 1)];
}

static void
bucket_add(struct flow_table *t, struct flow *f)
{
	struct flow **bucket = bucket_of(t, f);

	f->next_in_bucket = *bucket;
	*bucket = f;
}

static void
grow(struct flow_table *t)
{
	size_t n_before = t->n_buckets;
	struct flow **before = t->buckets;

	t->n_buckets = n_before * 2;
	t->buckets = mem_new_array(t->n_buckets, sizeof(*t->buckets));
	for (size_t i = 0; i < n_before; i++) {
		for (struct flow *f = before[i], *next; f; f = next) {
			next = f->next_in_bucket;
			bucket_add(t, f);
		}
	}
	mem_free(before);
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

/* Unused ones first; then the memory of a slab is touched as far as it is needed. */
static struct flow *
take_unused(struct flow_table *t)
{
	struct flow *f = t->unused;

	if (f) {
		t->unused = f->next_in_bucket;
	} else {
		if (!t->slabs || t->n_in_slab == SLAB_FLOWS) {
			struct flow_slab *slab = mem_new_large(MEM_LARGE);

			slab->next = t->slabs;
			t->slabs = slab;
			t->n_in_slab = 0;
		}
		f = (struct flow *)(void *)(t->slabs->memory + t->n_in_slab++ * FLOW_STRIDE);
	}
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
	f->key[from] = key_of(t, ip->source, s->source_port);
	f->key[other_side(from)] = key_of(t, ip->destination, s->destination_port);
	f->class = CLASS_OPEN;
	if (t->n_flows >= t->n_buckets)
		grow(t);
	bucket_add(t, f);
	list_add(&t->lists[f->class], f, now_ns);
	t->n_flows++;
	return f;
}

void
table_remove(struct flow_table *t, struct flow *f)
{
	struct flow **link = bucket_of(t, f);

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
	f->class = (uint8_t) class;
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
