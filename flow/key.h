/* The addresses and ports of a packet as a number that is quickly compared. Of IPv4 they are all there, as on the wire;
 * of IPv6 it has a hash of the addresses, and equal keys are compared in full afterwards. */
#ifndef FLOW_KEY_H
#define FLOW_KEY_H

#include <string.h>

#include "base/bytes.h"

struct flow_key {
	uint64_t addresses; /* source, destination */
	uint32_t ports;     /* likewise */
};

/* addresses: 8 bytes. ports: the first 4 bytes of a TCP header. */
static inline struct flow_key
key_of_v4(const uint8_t *addresses, const uint8_t *ports)
{
	struct flow_key key;

	memcpy(&key.addresses, addresses, sizeof(key.addresses));
	memcpy(&key.ports, ports, sizeof(key.ports));
	return key;
}

/* Of a packet in the other direction. */
static inline struct flow_key
key_reversed(struct flow_key key)
{
	return (struct flow_key){ key.addresses << 32 | key.addresses >> 32, key.ports << 16 | key.ports >> 16 };
}

static inline bool
key_eq(struct flow_key a, struct flow_key b)
{
	return a.addresses == b.addresses && a.ports == b.ports;
}

__extension__ typedef unsigned __int128 key_product;

static inline uint64_t
key_fold(uint64_t a, uint64_t b)
{
	key_product product = (key_product)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The same for both directions, because a product does not know its factors' order. Nobody outside knows the seeds. */
static inline uint64_t
key_hash(struct flow_key key, const uint64_t seed[2])
{
	uint32_t mask = (uint32_t)(seed[0] >> 32);
	uint64_t addresses = (uint64_t)((uint32_t)key.addresses ^ mask) * ((uint32_t)(key.addresses >> 32) ^ mask);
	uint64_t ports = (uint64_t)((key.ports & 0xffff) ^ mask) * ((key.ports >> 16) ^ mask);

	return key_fold(addresses ^ seed[0], ports ^ seed[1]);
}

#endif
