/* In: answers to TXT questions. Out: the policy of a name. Two places for each name, the older one goes. */
#include "decode/policies.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/limits.h"

#define NO_SUCH_NAME 3 /* RFC 1035 4.1.1 */

struct entry {
	struct when when;
	char name[DNS_NAME_MAX];
	char text[DNS_POLICY_MAX];
};

struct policies {
	struct entry *entries; /* POLICIES_MAX; NULL: none yet */
};

struct policies *
policies_new(void)
{
	return mem_new(sizeof(struct policies));
}

void
policies_free(struct policies *p)
{
	if (!p)
		return;
	mem_free(p->entries);
	mem_free(p);
}

static struct entry *
pair_of(const struct policies *p, const char *name)
{
	return &p->entries[hash_bytes(bytes_str(name)) % (POLICIES_MAX / 2) * 2];
}

void
policies_message(struct policies *p, const struct dns_message *m, struct when when)
{
	struct entry *pair;

	if (m->type != DNS_TXT || !m->is_response || m->is_truncated || m->is_referral ||
	    (m->rcode != 0 && m->rcode != NO_SUCH_NAME))
		return;
	if (!p->entries)
		p->entries = mem_new_array(POLICIES_MAX, sizeof(p->entries[0]));
	pair = pair_of(p, m->name);
	if (strcmp(pair[0].name, m->name) != 0)
		pair[1] = pair[0];
	pair[0].when = when;
	memcpy(pair[0].name, m->name, sizeof(m->name));
	memcpy(pair[0].text, m->policy, sizeof(m->policy));
}

static struct policy
find(const struct policies *p, const char *prefix, struct bytes domain)
{
	char name[DNS_NAME_MAX];
	size_t at = strlen(prefix);
	const struct entry *pair;

	if (!p->entries || domain.len == 0 || at + domain.len >= sizeof(name))
		return (struct policy){ .text = "" };
	memcpy(name, prefix, at);
	for (size_t i = 0; i < domain.len; i++, at++)
		name[at] = (char)(domain.p[i] >= 'A' && domain.p[i] <= 'Z' ? domain.p[i] | 0x20 : domain.p[i]);
	name[at] = '\0';
	pair = pair_of(p, name);
	for (int i = 0; i < 2; i++)
		if (strcmp(pair[i].name, name) == 0)
			return (struct policy){ pair[i].when, pair[i].text };
	return (struct policy){ .text = "" };
}

struct policy
policies_spf(const struct policies *p, struct bytes domain)
{
	return find(p, "", domain);
}

struct policy
policies_dmarc(const struct policies *p, struct bytes domain)
{
	return find(p, "_dmarc.", domain);
}
