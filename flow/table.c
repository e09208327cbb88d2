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
#define FLOW_STRIDE ((sizeof(struct flow) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE)
#define SLAB_FLOWS ((MEM_LARGE - sizeof(struct flow_slab)) / FLOW_STRIDE)
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

static uint32_t
hash_of_v6(const struct flow_table *t, struct bytes address)
{
	uint64_t octets[2];

	memcpy(octets, address.p, sizeof(octets));
	return (uint32_t)key_fold(octets[0] ^ t->seed[0], octets[1] ^ t->seed[1]);
}

static struct flow_key
key_of(const struct flow_table *t, const struct ip_packet *ip)
{
	uint32_t hashes[2];

	if (LIKELY(ip->address_len == 4))
		return key_of_v4(ip->addresses, ip->payload.p);
	hashes[0] = hash_of_v6(t, ip_source(ip));
	hashes[1] = hash_of_v6(t, ip_destination(ip));
	return key_of_v4((const uint8_t *)hashes, ip->payload.p);
}

static bool
is_address(const struct address *a, struct bytes octets)
{
	return memcmp(a->octets, octets.p, octets.len) == 0;
}

static bool
is_between(const struct flow *f, const struct ip_packet *ip, enum side from)
{
	const struct endpoint *end = f->facts.end;

	return is_address(&end[from].address, ip_source(ip)) &&
	       is_address(&end[other_side(from)].address, ip_destination(ip));
}

struct flow *
table_find(const struct flow_table *t, const struct ip_packet *ip, enum side *from)
{
	struct flow_key key = key_of(t, ip);
	bool is_v6 = ip->address_len == 16;

	for (struct flow *f = *table_bucket(t, key_hash(key, t->seed)); f; f = f->next_in_bucket) {
		if (f->is_v6 == is_v6 && flow_has_key(f, key, from) && (!is_v6 || is_between(f, ip, *from)))
			return f;
	}
	return NULL;
}

static struct flow **
bucket_of(const struct flow_table *t, const struct flow *f)
{
	return table_bucket(t, key_hash(f->key, t->seed));
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
table_add(struct flow_table *t, const struct ip_packet *ip, enum side from, int64_t now_ns)
{
	struct flow *f = take_unused(t);
	struct endpoint *end = f->facts.end;

	end[from].address = address_from(ip_source(ip));
	end[from].port = wire_be16(ip->payload, 0);
	end[other_side(from)].address = address_from(ip_destination(ip));
	end[other_side(from)].port = wire_be16(ip->payload, 2);
	f->key = from == SIDE_CLIENT ? key_of(t, ip) : key_reversed(key_of(t, ip));
	f->is_v6 = ip->address_len == 16;
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
	ahead_forget(&t->ahead, f);
	f->next_in_bucket = t->unused;
	t->unused = f;
}

void
table_touch(struct flow_table *t, struct flow *f, int64_t now_ns)
{
	int64_t since_ns = now_ns - f->touched_ns;

	if (LIKELY(since_ns < TOUCH_NS && since_ns > -TOUCH_NS))
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

bool
table_may_expire(const struct flow_table *t, int64_t now_ns)
{
	int64_t left_ns = t->next_expiry_ns - now_ns;

	return left_ns <= 0 || left_ns > FLOW_LINGER_NS;
}

/* A connection that is added later cannot be due before now + FLOW_LINGER_NS, the shortest time. A clock that jumped
 * back (a bad time stamp before) starts over. */
struct flow *
table_expired(struct flow_table *t, int64_t now_ns)
{
	int64_t next_ns = now_ns + FLOW_LINGER_NS;

	if (!table_may_expire(t, now_ns))
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
