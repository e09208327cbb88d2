/* In: DNS messages in any order. Out: which names lead to a server, straight or by a mail exchanger. */
#include "evidence/names.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"

struct looked_up { /* all hashed */
	uint64_t name;
	uint64_t addresses[DNS_ADDRESSES_MAX], exchanges[DNS_EXCHANGES_MAX];
	uint8_t n_addresses, n_exchanges;
};

static uint64_t
hash_of_address(const struct address *a)
{
	return hash_bytes(bytes_of(a->octets, sizeof(a->octets)));
}

static uint64_t
hash_of_name(const char *name)
{
	return hash_bytes(bytes_str(name));
}

void
names_fini(struct names *n)
{
	numbers_fini(&n->hosts);
	numbers_fini(&n->chosen);
	mem_free(n->list);
	mem_free(n->wanted);
	*n = (struct names){ .list = NULL };
}

void
names_host(struct names *n, const struct address *host)
{
	numbers_add(&n->hosts, hash_of_address(host));
}

void
names_wanted(struct names *n, struct bytes name)
{
	if (n->n_wanted == WANTED_NAMES_MAX || name.len == 0 || name.len >= DNS_NAME_MAX)
		return;
	if (!n->wanted)
		n->wanted = mem_new_array(WANTED_NAMES_MAX, sizeof(*n->wanted));
	memcpy(n->wanted[n->n_wanted++], name.p, name.len);
}

/* The resolver may have tried it with its search list: name, name.example.com. */
static bool
is_wanted(const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->n_wanted; i++) {
		size_t len = strlen(n->wanted[i]);

		if (strncmp(n->wanted[i], name, len) == 0 && (name[len] == '\0' || name[len] == '.'))
			return true;
	}
	return false;
}

/* 10.2.0.192.in-addr.arpa, 10.2.0.192.zen.spamhaus.org: a question about 192.0.2.10. */
static bool
asks_about_v4(const struct names *n, const char *name)
{
	uint8_t octets[4];
	struct bytes rest = bytes_str(name);
	struct address a;

	for (size_t i = 0; i < 4; i++) {
		uint64_t value;

		if (!bytes_to_u64(bytes_split(&rest, '.'), UINT8_MAX, &value))
			return false;
		octets[3 - i] = (uint8_t)value;
	}
	a = address_from(bytes_of(octets, sizeof(octets)));
	return rest.len > 0 && numbers_has(&n->hosts, hash_of_address(&a));
}

static int
nibble_of(struct bytes label)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = label.len == 1 && label.p[0] != 0 ? strchr(digits, label.p[0]) : NULL;

	return found ? (int)(found - digits) : -1;
}

static bool
asks_about_v6(const struct names *n, const char *name)
{
	uint8_t octets[16] = { 0 };
	struct bytes rest = bytes_str(name);
	struct address a;

	for (size_t i = 0; i < 32; i++) {
		int nibble = nibble_of(bytes_split(&rest, '.'));

		if (nibble < 0)
			return false;
		octets[15 - i / 2] |= (uint8_t)(i % 2 ? nibble << 4 : nibble);
	}
	a = address_from(bytes_of(octets, sizeof(octets)));
	return rest.len > 0 && numbers_has(&n->hosts, hash_of_address(&a));
}

void
names_proof(struct names *n, const struct dns_message *m)
{
	numbers_add(&n->chosen, hash_of_name(m->name));
}

void
names_message(struct names *n, const struct dns_message *m)
{
	struct looked_up *u;

	if (m->n_addresses + m->n_exchanges == 0 || n->n == DNS_NAMES_MAX)
		return;
	if (n->n == n->capacity) {
		n->capacity = n->capacity > 0 ? 2 * n->capacity : 64;
		n->list = mem_resize(n->list, n->capacity * sizeof(*n->list));
	}
	u = &n->list[n->n++];
	*u = (struct looked_up){ .name = hash_of_name(m->name) };
	for (size_t i = 0; i < m->n_addresses; i++)
		u->addresses[u->n_addresses++] = hash_of_address(&m->addresses[i]);
	for (size_t i = 0; i < m->n_exchanges; i++) {
		u->exchanges[u->n_exchanges++] = hash_of_name(m->exchanges[i]);
		if (is_wanted(n, m->exchanges[i]))
			numbers_add(&n->chosen, u->name);
	}
}

static bool
has_any(const struct numbers *set, const uint64_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (numbers_has(set, list[i]))
			return true;
	return false;
}

void
names_choose(struct names *n)
{
	for (size_t i = 0; i < n->n; i++)
		if (has_any(&n->hosts, n->list[i].addresses, n->list[i].n_addresses))
			numbers_add(&n->chosen, n->list[i].name);
	for (size_t i = 0; i < n->n; i++)
		if (has_any(&n->chosen, n->list[i].exchanges, n->list[i].n_exchanges))
			numbers_add(&n->chosen, n->list[i].name);
}

bool
names_has(const struct names *n, const struct dns_message *m)
{
	return numbers_has(&n->chosen, hash_of_name(m->name)) || is_wanted(n, m->name) || asks_about_v4(n, m->name) ||
	       asks_about_v6(n, m->name);
}
