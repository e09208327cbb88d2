/* In: questions, and answers that do not repeat theirs. Out: what such an answer is about. */
#include "decode/asked.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

struct sent {
	struct address client, server;
	unsigned id, type;
	char name[DNS_NAME_MAX];
};

struct asked {
	struct sent *ring; /* ASKED_MAX; NULL: none yet */
	size_t n;          /* so many were sent in all; the next place is n % ASKED_MAX */
};

struct asked *
asked_new(void)
{
	return mem_new(sizeof(struct asked));
}

void
asked_free(struct asked *a)
{
	if (!a)
		return;
	mem_free(a->ring);
	mem_free(a);
}

void
asked_note(struct asked *a, const struct dns_message *m, const struct address *client, const struct address *server)
{
	struct sent *s;

	if (!a->ring)
		a->ring = mem_new_array(ASKED_MAX, sizeof(a->ring[0]));
	s = &a->ring[a->n++ % ASKED_MAX];
	s->client = *client;
	s->server = *server;
	s->id = m->id;
	s->type = m->type;
	memcpy(s->name, m->name, sizeof(s->name));
}

bool
asked_complete(const struct asked *a, struct dns_message *m, const struct address *client, const struct address *server)
{
	for (size_t i = a->n; i > 0 && a->n - i < ASKED_MAX; i--) {
		const struct sent *s = &a->ring[(i - 1) % ASKED_MAX];

		if (s->id != m->id || !address_eq(&s->client, client) || !address_eq(&s->server, server))
			continue;
		m->type = s->type;
		memcpy(m->name, s->name, sizeof(m->name));
		return true;
	}
	return false;
}
