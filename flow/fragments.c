/* In: IP packets that are fragments. Out: whole packets. Knows no protocol above IP. */
#include "flow/fragments.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "flow/wire.h"

#define BLOCK 8 /* offsets count in these; only a last fragment may end inside of one */
#define DATAGRAM_MAX 65536
#define UNKNOWN SIZE_MAX

struct datagram {
	struct datagram *next; /* older */
	int64_t first_ns;
	uint8_t addresses[32]; /* source, destination */
	size_t address_len;
	uint32_t id;
	uint8_t protocol;      /* of the first fragment once it came: in IPv6 only that one knows */
	size_t total;          /* UNKNOWN until the last fragment came */
	size_t total_captured; /* less than total when snaplen cut the last fragment */
	size_t n_blocks;       /* marked in `have` */
	uint8_t *data;
	size_t capacity;
	uint8_t have[DATAGRAM_MAX / BLOCK / 8];
};

struct fragments {
	struct datagram *newest;
	size_t n_datagrams, n_bytes;
	uint8_t *whole;        /* the datagram that was handed out last */
	uint8_t addresses[32]; /* of it: those of the packet may lie in the one before it */
};

struct fragments *
fragments_new(void)
{
	return mem_new(sizeof(struct fragments));
}

/* Unlinks *link; the data is the caller's to free. */
static void
drop(struct fragments *f, struct datagram **link)
{
	struct datagram *d = *link;

	*link = d->next;
	f->n_datagrams--;
	f->n_bytes -= d->capacity + sizeof(*d);
	mem_free(d->data);
	mem_free(d);
}

static void
drop_oldest(struct fragments *f)
{
	struct datagram **link = &f->newest;

	while (*link && (*link)->next)
		link = &(*link)->next;
	if (*link)
		drop(f, link);
}

static void
drop_idle(struct fragments *f, int64_t now_ns)
{
	for (struct datagram **link = &f->newest; *link;) {
		if (now_ns - (*link)->first_ns > FRAGMENT_IDLE_NS)
			drop(f, link);
		else
			link = &(*link)->next;
	}
}

static bool
is_part_of(const struct datagram *d, const struct ip_packet *p)
{
	bool is_v4 = p->address_len == 4;

	return d->id == p->fragment_id && d->address_len == p->address_len && (!is_v4 || d->protocol == p->protocol) &&
	       memcmp(d->addresses, p->addresses, 2 * d->address_len) == 0;
}

static struct datagram **
find(struct fragments *f, const struct ip_packet *p)
{
	struct datagram **link = &f->newest;

	while (*link && !is_part_of(*link, p))
		link = &(*link)->next;
	return link;
}

static void
begin(struct fragments *f, const struct ip_packet *p, int64_t now_ns)
{
	struct datagram *d = mem_new(sizeof(*d));

	d->first_ns = now_ns;
	d->id = p->fragment_id;
	d->protocol = p->protocol;
	d->address_len = p->address_len;
	memcpy(d->addresses, p->addresses, 2 * p->address_len);
	d->total = UNKNOWN;
	d->next = f->newest;
	f->newest = d;
	f->n_datagrams++;
	f->n_bytes += sizeof(*d);
}

static void
make_room(struct fragments *f, struct datagram *d, size_t end)
{
	size_t capacity = d->capacity > 0 ? d->capacity : 2048;

	while (capacity < end)
		capacity *= 2;
	if (capacity == d->capacity)
		return;
	d->data = mem_resize(d->data, capacity);
	f->n_bytes += capacity - d->capacity;
	d->capacity = capacity;
}

/* Copies the blocks that are not there yet. */
static void
fill(struct datagram *d, size_t offset, struct bytes b)
{
	for (size_t at = 0; at < b.len; at += BLOCK) {
		size_t block = (offset + at) / BLOCK;
		struct bytes part = wire_part(b, at, BLOCK);
		uint8_t bit = (uint8_t)(1U << block % 8);

		if (d->have[block / 8] & bit)
			continue;
		d->have[block / 8] |= bit;
		d->n_blocks++;
		memcpy(d->data + offset + at, part.p, part.len);
	}
}

/* Is this fragment usable at all? Teardrop and "ping of death" end here. */
static bool
is_sane(const struct ip_packet *p)
{
	bool is_cut = p->payload.len < p->payload_len;

	if (p->payload.len == 0 || p->fragment_offset + p->payload_len > DATAGRAM_MAX - 1)
		return false;
	return !p->has_more_fragments || (!is_cut && p->payload_len % BLOCK == 0);
}

static void
add(struct fragments *f, struct datagram *d, const struct ip_packet *p)
{
	size_t end = p->fragment_offset + p->payload.len;

	if (!p->has_more_fragments && d->total != UNKNOWN && d->total != p->fragment_offset + p->payload_len)
		return; /* a second end: the first one stays */
	if (p->fragment_offset == 0)
		d->protocol = p->protocol;
	if (!p->has_more_fragments && d->total == UNKNOWN) {
		d->total = p->fragment_offset + p->payload_len;
		d->total_captured = end;
	}
	make_room(f, d, end);
	fill(d, p->fragment_offset, p->payload);
}

/* Every block below the end is there. Blocks beyond the end (a lie about the end) make the count too high; they only
 * matter when one below is absent, so those are looked at one by one. */
static bool
is_whole(const struct datagram *d)
{
	size_t n = d->total == UNKNOWN ? SIZE_MAX : (d->total_captured + BLOCK - 1) / BLOCK;

	if (d->n_blocks < n)
		return false;
	for (size_t block = 0; block < n; block++) {
		if (!(d->have[block / 8] & 1U << block % 8))
			return false;
	}
	return true;
}

bool
fragments_add(struct fragments *f, struct ip_packet *p, const struct when *when)
{
	struct datagram **link;
	struct datagram *d;

	if (!is_sane(p))
		return false;
	drop_idle(f, when->time_ns);
	if (!*find(f, p))
		begin(f, p, when->time_ns);
	link = find(f, p);
	d = *link;
	add(f, d, p);
	if (!is_whole(d)) {
		while (f->n_bytes > FRAGMENT_BUDGET || f->n_datagrams > FRAGMENT_DATAGRAMS_MAX)
			drop_oldest(f);
		return false;
	}
	mem_free(f->whole); /* a nested fragment was borrowed from it, and has been copied by now */
	f->whole = d->data;
	d->data = NULL;
	memcpy(f->addresses, d->addresses, sizeof(f->addresses));
	p->addresses = f->addresses;
	p->address_len = d->address_len;
	p->payload = bytes_of(f->whole, d->total_captured);
	p->payload_len = d->total;
	p->protocol = d->protocol;
	p->is_fragment = p->has_more_fragments = false;
	drop(f, link);
	return true;
}

void
fragments_free(struct fragments *f)
{
	if (!f)
		return;
	while (f->newest)
		drop(f, &f->newest);
	mem_free(f->whole);
	mem_free(f);
}
