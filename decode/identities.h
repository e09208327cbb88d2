/* Under which names, and from how far away, addresses answered; how clients called themselves. The controls for a port
 * that another machine answers. Private to decode/. */
#ifndef DECODE_IDENTITIES_H
#define DECODE_IDENTITIES_H

#include "base/address.h"
#include "base/limits.h"
#include "base/when.h"

struct called { /* how somebody called itself; len 0: not known */
	uint8_t len, text[IDENTITY_NAME_MAX];
};
struct answer { /* of one address on one port */
	uint16_t port;
	uint8_t ttl;     /* of the first packet */
	uint32_t rtt_us; /* of the quickest handshake */
	struct when when;
	struct called name;
};
struct identity {
	struct address address; /* family 0: free */
	struct when when;       /* of the latest note */
	uint8_t n_answers;
	struct answer answers[IDENTITY_ANSWERS_MAX]; /* they differ in port or domain */
};
struct client_name {
	struct address address;
	struct when when;
	struct called name;
};
struct shared_name {   /* a name that greets on a port, for whatever address */
	uint64_t hash; /* 0: free */
	struct when when;
	uint8_t n_networks; /* IPv4, 16 bits each */
	uint16_t networks[NAME_NETWORKS_MAX];
	uint8_t ttl_min, ttl_max;
	uint32_t rtt_min_us, rtt_max_us;
};

struct identities;

struct identities *identities_new(void);
void identities_free(struct identities *i); /* NULL is fine */
/* NULL: not known; until the next note. */
const struct identity *identities_server(const struct identities *i, const struct address *a);
const struct client_name *identities_client(const struct identities *i, const struct address *a);
const struct shared_name *identities_name(const struct identities *i, struct bytes name, uint16_t port);
/* a->name and a->when: of the greeting. */
void identities_note_answer(struct identities *i, const struct address *server, const struct answer *a);
void identities_note_client(struct identities *i, const struct address *client, struct bytes name, struct when when);

struct called called_of(struct bytes name);
struct bytes called_text(const struct called *c);

#endif
