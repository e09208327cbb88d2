/* In: DNS messages. Out: how long a server waited for answers about a client, and what blocklists said of it. Only
 * questions that hold the address of a client, or the reverse name that was found for it, are kept. */
#include "decode/questions.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/blocklist.h"
#include "decode/reversed.h"

#define QUICK_NS (1 * NS_PER_S) /* nobody calls that slow */

struct question {
	struct address about, asker, resolver,
	    answer;                  /* resolver: that was asked first; answer: the first; family 0: none */
	struct when asked, answered; /* packet 0: not */
	unsigned type;
	size_t zone;               /* offset in name; 0: name is a reverse name of the address */
	char name[DNS_NAME_MAX];   /* what was asked */
	char target[DNS_NAME_MAX]; /* the reverse name that was answered */
};

struct questions {
	struct question *list; /* QUESTIONS_MAX, in the order of their packets; NULL: none yet */
	size_t n;
};

struct questions *
questions_new(void)
{
	return mem_new(sizeof(struct questions));
}

void
questions_free(struct questions *q)
{
	if (!q)
		return;
	mem_free(q->list);
	mem_free(q);
}

static bool
is_arpa(const struct question *u)
{
	return strcmp(u->name + u->zone, "in-addr.arpa") == 0 || strcmp(u->name + u->zone, "ip6.arpa") == 0;
}

static bool
is_listing(const struct question *u)
{
	return u->zone > 0 && u->answer.family == 4 && !is_arpa(u);
}

static bool
is_dull(const struct question *u)
{
	return u->answered.packet != 0 && u->answered.time_ns - u->asked.time_ns < QUICK_NS && !is_listing(u);
}

static void
make_room(struct questions *q)
{
	size_t at = 0;

	while (at < q->n && !is_dull(&q->list[at]))
		at++;
	if (at == q->n)
		at = 0;
	q->n--;
	memmove(&q->list[at], &q->list[at + 1], (q->n - at) * sizeof(q->list[0]));
}

static struct question *
find(const struct questions *q, const struct address *asker, const struct dns_message *m)
{
	for (size_t i = q->n; i > 0; i--) {
		struct question *u = &q->list[i - 1];

		if (u->type == m->type && address_eq(&u->asker, asker) && strcmp(u->name, m->name) == 0)
			return u;
	}
	return NULL;
}

static const struct question *
find_target(const struct questions *q, const struct address *asker, const char *name)
{
	for (size_t i = q->n; i > 0; i--)
		if (strcmp(q->list[i - 1].target, name) == 0 && address_eq(&q->list[i - 1].asker, asker))
			return &q->list[i - 1];
	return NULL;
}

bool
questions_is_reverse_name(const struct questions *q, const struct address *asker, const char *name)
{
	return find_target(q, asker, name) != NULL;
}

/* Whom the question is about; family 0: nobody. */
static struct address
subject_of(const struct questions *q, const struct address *asker, const struct dns_message *m, size_t *zone_at)
{
	const struct question *reverse = m->type == DNS_PTR ? NULL : find_target(q, asker, m->name);
	struct address about = address_from(bytes_of(NULL, 0));
	struct bytes zone;

	*zone_at = 0;
	if (reverse)
		return reverse->about;
	if (reversed_parse(bytes_str(m->name), &about, &zone))
		*zone_at = strlen(m->name) - zone.len;
	return about;
}

static void
take_query(struct questions *q, const struct dns_message *m, const struct address *asker,
	   const struct address *resolver, struct when when)
{
	const struct question *known = find(q, asker, m);
	struct address about;
	struct question *u;
	size_t zone;

	if (known && known->answered.packet == 0)
		return; /* asked again, perhaps somebody else */
	about = subject_of(q, asker, m, &zone);
	if (about.family == 0 || address_eq(&about, asker))
		return;
	if (!q->list)
		q->list = mem_new_array(QUESTIONS_MAX, sizeof(q->list[0]));
	if (q->n == QUESTIONS_MAX)
		make_room(q);
	u = &q->list[q->n++];
	*u = (struct question){
		.about = about, .asker = *asker, .resolver = *resolver, .asked = when, .type = m->type, .zone = zone
	};
	memcpy(u->name, m->name, sizeof(u->name));
}

void
questions_message(struct questions *q, const struct dns_message *m, const struct address *from,
		  const struct address *to, struct when when)
{
	struct question *u;

	if (!m->is_response) {
		take_query(q, m, from, to, when);
		return;
	}
	u = find(q, to, m);
	if (!u || u->answered.packet != 0 || m->is_truncated || m->is_referral)
		return;
	u->answered = when;
	if (m->n_addresses > 0)
		u->answer = m->addresses[0];
	memcpy(u->target, m->target, sizeof(u->target));
}

struct question_wait
questions_wait(const struct questions *q, const struct address *client, int64_t from_ns, int64_t to_ns)
{
	struct question_wait w = { 0 };
	int64_t covered_ns = from_ns; /* questions are asked at the same time, too */

	for (size_t i = 0; i < q->n; i++) {
		const struct question *u = &q->list[i];
		int64_t end_ns = u->answered.packet != 0 && u->answered.time_ns < to_ns ? u->answered.time_ns : to_ns;

		if (!address_eq(&u->about, client) || u->asked.time_ns < from_ns || end_ns <= u->asked.time_ns)
			continue;
		w.n_unanswered += u->answered.packet == 0 || u->answered.time_ns > to_ns;
		if (end_ns - u->asked.time_ns > w.longest_ns) {
			w.longest_ns = end_ns - u->asked.time_ns;
			w.asked = u->asked;
			w.resolver = u->resolver;
			w.name = u->name;
		}
		if (end_ns > covered_ns) {
			w.ns += end_ns - (u->asked.time_ns > covered_ns ? u->asked.time_ns : covered_ns);
			covered_ns = end_ns;
		}
	}
	return w;
}

/* How well the answer explains the text; 0: it is none of a list. Names of dynamic addresses begin like questions to
 * lists, but have answers outside of 127.0.0.0/8. */
static int
fit(const struct question *u, struct bytes text)
{
	bool is_named = bytes_contains_nocase(text, u->name + u->zone);

	if (!is_named && u->answer.octets[0] != 127)
		return 0;
	return (is_named ? 4 : 0) + (blocklist_meaning(bytes_str(u->name + u->zone), &u->answer) ? 2 : 0) + 1;
}

struct question_listing
questions_listing(const struct questions *q, const struct address *client, struct bytes text, int64_t since_ns)
{
	struct question_listing l = { 0 };
	int best = 1;

	for (size_t i = 0; i < q->n; i++) {
		const struct question *u = &q->list[i];

		if (!is_listing(u) || !address_eq(&u->about, client) || u->answered.time_ns < since_ns)
			continue;
		if (fit(u, text) < best)
			continue;
		best = fit(u, text);
		l = (struct question_listing){ .when = u->answered,
					       .answer = u->answer,
					       .asker = u->asker,
					       .resolver = u->resolver,
					       .zone = u->name + u->zone,
					       .refusal = blocklist_meaning(bytes_str(u->name + u->zone), &u->answer) };
	}
	return l;
}
