/* In: addresses with TTLs. Out: the same, by address. Holds HOSTS_MAX; among those that share a place, the one that was
 * noted longest ago goes. */
#include "decode/hosts.h"

#include "base/alloc.h"
#include "base/limits.h"

#define WAYS 4

struct hosts {
	struct host places[HOSTS_MAX];
};

struct hosts *
hosts_new(void)
{
	return mem_new(sizeof(struct hosts));
}

void
hosts_free(struct hosts *h)
{
	mem_free(h);
}

/* FNV-1a */
static size_t
first_place(const struct address *a)
{
	uint64_t x = UINT64_C(0xcbf29ce484222325) ^ a->family;

	for (size_t i = 0; i < sizeof(a->octets); i++)
		x = (x ^ a->octets[i]) * UINT64_C(0x100000001b3);
	return (size_t)((x ^ x >> 32) % (HOSTS_MAX / WAYS)) * WAYS;
}

const struct host *
hosts_find(const struct hosts *h, const struct address *a)
{
	const struct host *place = &h->places[first_place(a)];

	for (size_t i = 0; i < WAYS; i++)
		if (place[i].address.family != 0 && address_eq(&place[i].address, a))
			return &place[i];
	return NULL;
}

void
hosts_note(struct hosts *h, const struct address *a, uint8_t ttl_min, uint8_t ttl_max, struct when when)
{
	struct host *place = &h->places[first_place(a)], *into = place;

	for (size_t i = 0; i < WAYS; i++) {
		if (place[i].address.family != 0 && address_eq(&place[i].address, a)) {
			place[i].ttl_min = ttl_min < place[i].ttl_min ? ttl_min : place[i].ttl_min;
			place[i].ttl_max = ttl_max > place[i].ttl_max ? ttl_max : place[i].ttl_max;
			place[i].when = when;
			return;
		}
		if (place[i].when.packet < into->when.packet)
			into = &place[i];
	}
	*into = (struct host){ *a, ttl_min, ttl_max, when };
}
