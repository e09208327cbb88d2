/* In: pairs of sender and recipient. Out: since when and how often they were put off. Holds DEFERRED_MAX of them; among
 * those that share a place the oldest goes. */
#include "decode/deferred.h"

#include "base/alloc.h"
#include "base/limits.h"

#define WAYS 4

struct deferred {
	size_t n; /* nearly always 0, and then nothing is looked up */
	struct deferral places[DEFERRED_MAX];
};

struct deferred *
deferred_new(void)
{
	return mem_new(sizeof(struct deferred));
}

void
deferred_free(struct deferred *d)
{
	mem_free(d);
}

/* FNV-1a over the letters in lower case */
static uint64_t
add_to_key(uint64_t x, struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		uint8_t c = b.p[i] >= 'A' && b.p[i] <= 'Z' ? (uint8_t)(b.p[i] | 0x20) : b.p[i];

		x = (x ^ c) * UINT64_C(0x100000001b3);
	}
	return (x ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t
key_of(struct bytes sender, struct bytes recipient)
{
	uint64_t x = add_to_key(add_to_key(UINT64_C(0xcbf29ce484222325), sender), recipient);

	return x != 0 ? x : 1;
}

static struct deferral *
ways_of(struct deferred *d, uint64_t key)
{
	return &d->places[(size_t)((key ^ key >> 32) % (DEFERRED_MAX / WAYS)) * WAYS];
}

void
deferred_add(struct deferred *d, struct bytes sender, struct bytes recipient, uint64_t session, int64_t now_ns)
{
	uint64_t key = key_of(sender, recipient);
	struct deferral *place = ways_of(d, key), *into = place;

	for (size_t i = 0; i < WAYS; i++) {
		if (place[i].key == key) {
			place[i].last_ns = now_ns;
			place[i].n++;
			return;
		}
		if (into->key != 0 && (place[i].key == 0 || place[i].last_ns < into->last_ns))
			into = &place[i];
	}
	d->n += into->key == 0;
	*into = (struct deferral){ key, session, now_ns, now_ns, 1 };
}

bool
deferred_take(struct deferred *d, struct bytes sender, struct bytes recipient, uint64_t session, struct deferral *found)
{
	struct deferral *place;
	uint64_t key;

	if (d->n == 0)
		return false;
	key = key_of(sender, recipient);
	place = ways_of(d, key);
	for (size_t i = 0; i < WAYS; i++) {
		if (place[i].key != key)
			continue;
		*found = place[i];
		place[i].key = 0;
		d->n--;
		return found->session != session;
	}
	return false;
}
