/* In: answers of the DNS. Out: the name for an address. Two places for each address, the older name goes. */
#include "decode/host_names.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"
#include "decode/dns_message.h"

struct entry {
	struct address address;
	char name[DNS_NAME_MAX];
};

struct host_names {
	struct entry *entries; /* HOST_NAMES_MAX; NULL: none yet */
};

struct host_names *
host_names_new(void)
{
	return mem_new(sizeof(struct host_names));
}

void
host_names_free(struct host_names *h)
{
	if (!h)
		return;
	mem_free(h->entries);
	mem_free(h);
}

static struct entry *
pair_of(const struct host_names *h, const struct address *a)
{
	uint64_t hash = hash_bytes(bytes_of(a->octets, sizeof(a->octets)));

	return &h->entries[hash % (HOST_NAMES_MAX / 2) * 2];
}

void
host_names_note(struct host_names *h, const struct address *a, const char *name)
{
	struct entry *pair;

	if (!h->entries)
		h->entries = mem_new_array(HOST_NAMES_MAX, sizeof(h->entries[0]));
	pair = pair_of(h, a);
	if (!address_eq(&pair[0].address, a))
		pair[1] = pair[0];
	pair[0].address = *a;
	memcpy(pair[0].name, name, strnlen(name, DNS_NAME_MAX - 1) + 1);
}

struct bytes
host_names_find(const struct host_names *h, const struct address *a)
{
	const struct entry *pair;

	if (!h->entries)
		return bytes_of(NULL, 0);
	pair = pair_of(h, a);
	for (int i = 0; i < 2; i++)
		if (address_eq(&pair[i].address, a))
			return bytes_str(pair[i].name);
	return bytes_of(NULL, 0);
}
