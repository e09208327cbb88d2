/* In: addresses with TTLs. Out: the same, by address. Holds HOSTS_MAX; among those that share a place, the one that was
 * noted longest ago goes. */
#include "decode/hosts.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"
#include "flow/flow.h"

#define WAYS 4

struct open_port {
	uint16_t port;
	bool is_several; /* hosts; else only this one: */
	struct address first;
};

struct hosts {
	struct host places[HOSTS_MAX];
	struct open_port open_ports[HOST_PORTS_MAX];
	size_t n_open_ports;
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

static size_t
first_place(const struct address *a)
{
	uint64_t x = hash_bytes(bytes_of(a->octets, sizeof(a->octets)));

	return (size_t)(x % (HOSTS_MAX / WAYS)) * WAYS;
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

static struct host *
find_or_add(struct hosts *h, const struct address *a, struct when when)
{
	struct host *place = &h->places[first_place(a)], *into = place;

	for (size_t i = 0; i < WAYS; i++) {
		if (place[i].address.family != 0 && address_eq(&place[i].address, a))
			return &place[i];
		if (place[i].when.packet < into->when.packet)
			into = &place[i];
	}
	*into = (struct host){ .address = *a, .when = when };
	return into;
}

static void
add_port(struct hosts *h, struct host *host, uint16_t port, struct when when)
{
	struct open_port *p = h->open_ports;

	if (host_opened(host, port) || host->n_ports == HOST_PORTS_MAX)
		return;
	host->opened[host->n_ports] = when;
	host->ports[host->n_ports++] = port;
	while (p < h->open_ports + h->n_open_ports && p->port != port)
		p++;
	if (p == h->open_ports + h->n_open_ports) {
		if (h->n_open_ports == HOST_PORTS_MAX)
			return;
		h->open_ports[h->n_open_ports++] = (struct open_port){ .port = port, .first = host->address };
	} else if (!address_eq(&p->first, &host->address)) {
		p->is_several = true;
	}
}

static void
add_connected(struct host *client, uint16_t port)
{
	size_t i = 0;

	client->connects = true;
	while (i < HOST_CONNECTED_MAX && client->connected[i] != 0 && client->connected[i] != port)
		i++;
	if (i < HOST_CONNECTED_MAX)
		client->connected[i] = port;
}

const struct when *
host_opened(const struct host *host, uint16_t port)
{
	for (size_t i = 0; host && i < host->n_ports; i++)
		if (host->ports[i] == port)
			return &host->opened[i];
	return NULL;
}

bool
hosts_port_elsewhere(const struct hosts *h, uint16_t port, const struct address *but)
{
	for (size_t i = 0; i < h->n_open_ports; i++)
		if (h->open_ports[i].port == port)
			return h->open_ports[i].is_several || !address_eq(&h->open_ports[i].first, but);
	return false;
}

void
hosts_note(struct hosts *h, const struct tcp_facts *t)
{
	const struct tcp_side *side = &t->side[SIDE_SERVER];
	struct host *server;

	if (side->ttl_max == 0)
		return;
	server = find_or_add(h, &t->end[SIDE_SERVER].address, side->last);
	server->when = side->last;
	if (server->ttl_max == 0 || side->ttl_min < server->ttl_min)
		server->ttl_min = side->ttl_min;
	if (side->ttl_max > server->ttl_max)
		server->ttl_max = side->ttl_max;
	if (t->handshake.packet == 0 && side->first_payload.packet == 0)
		return;
	add_port(h, server, t->end[SIDE_SERVER].port, t->syn_ack.packet != 0 ? t->syn_ack : side->first);
	add_connected(find_or_add(h, &t->end[SIDE_CLIENT].address, t->side[SIDE_CLIENT].last),
		      t->end[SIDE_SERVER].port);
}
