/* In: secrets. Out: the one that is asked for, in the time of one look. Entries lie in blocks that never move, so that
 * no copy of a secret is left behind; a table of their numbers with open addressing leads to them. */
#include "decode/tls_secrets.h"

#include <openssl/crypto.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"

#define BLOCK_LEN 4096 /* entries: 336 kB */
#define SLOTS_FIRST 1024
#define SEEDS 8

struct entry {
	uint8_t client_random[TLS_CLIENT_RANDOM_LEN];
	uint8_t secret[TLS_SECRET_LEN_MAX];
	uint8_t which, len;
};

struct tls_secrets {
	size_t n, n_max;
	size_t oldest; /* the entry that goes next, when there are n_max */
	struct entry **blocks;
	uint32_t *slots;       /* number of an entry and 1; 0 = free. At most three of four are in use. */
	size_t n_slots;        /* a power of two */
	uint32_t seeds[SEEDS]; /* randoms come from captures: nobody may know where they fall */
};

struct tls_secrets *
tls_secrets_new(size_t n_max)
{
	struct tls_secrets *s = mem_new(sizeof(*s));

	s->n_max = n_max;
	s->blocks = mem_new_array(n_max / BLOCK_LEN + 1, sizeof(*s->blocks));
	s->n_slots = SLOTS_FIRST;
	s->slots = mem_new_array(s->n_slots, sizeof(*s->slots));
	if (getrandom(s->seeds, sizeof(s->seeds), 0) < 0) /* the table is as good, but an enemy can slow it down */
		memset(s->seeds, 0x5a, sizeof(s->seeds));
	return s;
}

void
tls_secrets_free(struct tls_secrets *s)
{
	if (!s)
		return;
	for (size_t i = 0; i <= s->n_max / BLOCK_LEN; i++) {
		if (s->blocks[i])
			OPENSSL_cleanse(s->blocks[i], BLOCK_LEN * sizeof(struct entry));
		mem_free(s->blocks[i]);
	}
	mem_free(s->blocks);
	mem_free(s->slots);
	mem_free(s);
}

static struct entry *
entry_at(const struct tls_secrets *s, size_t i)
{
	return &s->blocks[i / BLOCK_LEN][i % BLOCK_LEN];
}

/* NH of UMAC (RFC 4418 5.2.2), then mixed: the slot is taken from the upper bits. */
static size_t
home_of(const struct tls_secrets *s, unsigned which, const uint8_t *client_random)
{
	uint32_t words[SEEDS];
	uint64_t h = which;

	memcpy(words, client_random, sizeof(words));
	for (size_t i = 0; i < SEEDS; i += 2)
		h += (uint64_t)(uint32_t)(words[i] + s->seeds[i]) * (uint32_t)(words[i + 1] + s->seeds[i + 1]);
	h = (h ^ h >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 32) & (s->n_slots - 1);
}

static size_t
home_of_entry(const struct tls_secrets *s, size_t i)
{
	const struct entry *e = entry_at(s, i);

	return home_of(s, e->which, e->client_random);
}

static bool
is_entry(const struct entry *e, unsigned which, const uint8_t *client_random)
{
	return e->which == which && memcmp(e->client_random, client_random, TLS_CLIENT_RANDOM_LEN) == 0;
}

/* The slot that has it, or the free one where it belongs. */
static size_t
find_slot(const struct tls_secrets *s, unsigned which, const uint8_t *client_random)
{
	size_t slot = home_of(s, which, client_random);

	while (s->slots[slot] != 0 && !is_entry(entry_at(s, s->slots[slot] - 1), which, client_random))
		slot = (slot + 1) & (s->n_slots - 1);
	return slot;
}

static void
grow(struct tls_secrets *s)
{
	mem_free(s->slots);
	s->n_slots *= 2;
	s->slots = mem_new_array(s->n_slots, sizeof(*s->slots));
	for (size_t i = 0; i < s->n; i++) {
		size_t slot = home_of_entry(s, i);

		while (s->slots[slot] != 0)
			slot = (slot + 1) & (s->n_slots - 1);
		s->slots[slot] = (uint32_t)i + 1;
	}
}

/* Frees a slot and moves those up that stood behind it because it was taken. */
static void
free_slot(struct tls_secrets *s, size_t hole)
{
	size_t mask = s->n_slots - 1;

	for (size_t slot = (hole + 1) & mask; s->slots[slot] != 0; slot = (slot + 1) & mask) {
		size_t home = home_of_entry(s, s->slots[slot] - 1);

		if (((slot - home) & mask) < ((slot - hole) & mask))
			continue; /* its home is behind the hole */
		s->slots[hole] = s->slots[slot];
		hole = slot;
	}
	s->slots[hole] = 0;
}

/* The number of an entry to write to, in no slot. */
static size_t
take_entry(struct tls_secrets *s)
{
	const struct entry *e;
	size_t i;

	if (s->n < s->n_max) {
		i = s->n++;
		if (!s->blocks[i / BLOCK_LEN])
			s->blocks[i / BLOCK_LEN] = mem_new_array(BLOCK_LEN, sizeof(struct entry));
		return i;
	}
	i = s->oldest;
	s->oldest = (i + 1) % s->n_max;
	e = entry_at(s, i);
	free_slot(s, find_slot(s, e->which, e->client_random));
	return i;
}

static bool
replace(struct entry *e, struct bytes secret)
{
	if (bytes_eq(bytes_of(e->secret, e->len), secret))
		return false;
	memcpy(e->secret, secret.p, secret.len);
	e->len = (uint8_t)secret.len;
	return true;
}

bool
tls_secrets_put(struct tls_secrets *s, enum tls_secret which, const uint8_t *client_random, struct bytes secret)
{
	size_t slot = find_slot(s, which, client_random), i;
	struct entry *e;

	if (s->slots[slot] != 0)
		return replace(entry_at(s, s->slots[slot] - 1), secret);
	if ((s->n + 1) * 4 > s->n_slots * 3)
		grow(s);
	i = take_entry(s);
	e = entry_at(s, i);
	memcpy(e->client_random, client_random, TLS_CLIENT_RANDOM_LEN);
	e->which = (uint8_t)which;
	memcpy(e->secret, secret.p, secret.len);
	e->len = (uint8_t)secret.len;
	s->slots[find_slot(s, which, client_random)] = (uint32_t)i + 1;
	return true;
}

bool
tls_secrets_find(const struct tls_secrets *s, enum tls_secret which, const uint8_t *client_random, struct bytes *secret)
{
	size_t slot = find_slot(s, which, client_random);
	const struct entry *e;

	if (s->slots[slot] == 0)
		return false;
	e = entry_at(s, s->slots[slot] - 1);
	*secret = bytes_of(e->secret, e->len);
	return true;
}
