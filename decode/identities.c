/* In: names and distances, one session at a time. Out: the same, by address or by name. Three tables of fixed size;
 * among those that share a place, the one that was noted longest ago goes. */
#include "decode/identities.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "decode/domain.h"

#define WAYS 4

struct identities {
	struct identity servers[IDENTITIES_MAX];
	struct client_name clients[IDENTITIES_MAX];
	struct shared_name names[IDENTITIES_MAX];
};

struct identities *
identities_new(void)
{
	return mem_new(sizeof(struct identities));
}

void
identities_free(struct identities *i)
{
	mem_free(i);
}

struct called
called_of(struct bytes name)
{
	struct called c = { .len = (uint8_t)(name.len <= IDENTITY_NAME_MAX ? name.len : 0) };

	if (c.len > 0)
		memcpy(c.text, name.p, c.len);
	return c;
}

struct bytes
called_text(const struct called *c)
{
	return bytes_of(c->text, c->len);
}

static size_t
first_place(uint64_t hash)
{
	return (size_t)(hash % (IDENTITIES_MAX / WAYS)) * WAYS;
}

static size_t
place_of(const struct address *a)
{
	return first_place(hash_bytes(bytes_of(a->octets, a->family == 4 ? 4 : 16)));
}

static bool
is_at(const struct address *place, const struct address *a)
{
	return place->family != 0 && address_eq(place, a);
}

const struct identity *
identities_server(const struct identities *i, const struct address *a)
{
	const struct identity *place = &i->servers[place_of(a)];

	for (size_t n = 0; n < WAYS; n++)
		if (is_at(&place[n].address, a))
			return &place[n];
	return NULL;
}

const struct client_name *
identities_client(const struct identities *i, const struct address *a)
{
	const struct client_name *place = &i->clients[place_of(a)];

	for (size_t n = 0; n < WAYS; n++)
		if (is_at(&place[n].address, a))
			return &place[n];
	return NULL;
}

static uint64_t
name_hash(struct bytes name, uint16_t port)
{
	uint64_t h = hash_bytes(name) + port;

	return h + (h == 0);
}

const struct shared_name *
identities_name(const struct identities *i, struct bytes name, uint16_t port)
{
	uint64_t hash = name_hash(name, port);
	const struct shared_name *place = &i->names[first_place(hash)];

	for (size_t n = 0; n < WAYS; n++)
		if (place[n].hash == hash)
			return &place[n];
	return NULL;
}

static struct identity *
server_or_new(struct identities *i, const struct address *a)
{
	struct identity *place = &i->servers[place_of(a)], *into = place;

	for (size_t n = 0; n < WAYS; n++) {
		if (is_at(&place[n].address, a))
			return &place[n];
		if (place[n].when.packet < into->when.packet)
			into = &place[n];
	}
	into->address = *a;
	into->n_answers = 0;
	return into;
}

static bool
is_same(const struct answer *a, const struct answer *b)
{
	if (a->port != b->port || (a->name.len == 0) != (b->name.len == 0))
		return false;
	return a->name.len == 0 || domain_is_related(called_text(&a->name), called_text(&b->name));
}

static void
add_answer(struct identity *server, const struct answer *a)
{
	struct answer *known = server->answers;

	server->when = a->when;
	while (known < server->answers + server->n_answers && !is_same(known, a))
		known++;
	if (known == server->answers + IDENTITY_ANSWERS_MAX)
		return;
	if (known == server->answers + server->n_answers) {
		server->n_answers++;
		*known = *a;
	} else if (a->rtt_us < known->rtt_us) {
		known->rtt_us = a->rtt_us;
	}
}

static struct shared_name *
name_or_new(struct identities *i, uint64_t hash)
{
	struct shared_name *place = &i->names[first_place(hash)], *into = place;

	for (size_t n = 0; n < WAYS; n++) {
		if (place[n].hash == hash)
			return &place[n];
		if (place[n].when.packet < into->when.packet)
			into = &place[n];
	}
	*into = (struct shared_name){ .hash = hash, .ttl_min = UINT8_MAX, .rtt_min_us = UINT32_MAX };
	return into;
}

static void
add_network(struct shared_name *name, const struct address *server, const struct answer *a)
{
	uint16_t network = (uint16_t)(server->octets[0] << 8 | server->octets[1]);
	size_t n = 0;

	name->when = a->when;
	name->ttl_min = a->ttl < name->ttl_min ? a->ttl : name->ttl_min;
	name->ttl_max = a->ttl > name->ttl_max ? a->ttl : name->ttl_max;
	name->rtt_min_us = a->rtt_us < name->rtt_min_us ? a->rtt_us : name->rtt_min_us;
	name->rtt_max_us = a->rtt_us > name->rtt_max_us ? a->rtt_us : name->rtt_max_us;
	while (n < name->n_networks && name->networks[n] != network)
		n++;
	if (n == name->n_networks && n < NAME_NETWORKS_MAX)
		name->networks[name->n_networks++] = network;
}

void
identities_note_answer(struct identities *i, const struct address *server, const struct answer *a)
{
	add_answer(server_or_new(i, server), a);
	if (server->family == 4 && a->name.len > 0)
		add_network(name_or_new(i, name_hash(called_text(&a->name), a->port)), server, a);
}

void
identities_note_client(struct identities *i, const struct address *client, struct bytes name, struct when when)
{
	struct client_name *place = &i->clients[place_of(client)], *into = place;

	for (size_t n = 0; n < WAYS; n++) {
		if (is_at(&place[n].address, client)) {
			into = &place[n];
			break;
		}
		if (place[n].when.packet < into->when.packet)
			into = &place[n];
	}
	into->when = when;
	if (is_at(&into->address, client) && bytes_eq(called_text(&into->name), name))
		return;
	into->address = *client;
	into->name = called_of(name);
}
