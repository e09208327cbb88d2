/* In: sessions of one group, as they end. Out: counters, and does the condition hold? Everything is bounded. */
#include "rules/group.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "rules/key.h"

void
group_key(const struct fact_list *list, const struct facts *f, struct buf *key)
{
	for (size_t i = 0; i < list->n; i++)
		key_add_value(fact_infos[list->id[i]].type, facts_get(f, list->id[i]), key);
}

/* The first n bytes of the key go to to. */
static void
take(struct bytes *key, void *to, size_t n)
{
	memcpy(to, key->p, n);
	*key = bytes_from(*key, n);
}

static void
set_fact(struct facts *f, enum fact_id id, struct bytes *key, struct when when)
{
	struct fact value = { 0 };
	uint16_t len;

	switch (fact_infos[id].type) {
	case FACT_BOOL:
		facts_set_bool(f, id, key->p[0] != 0, when);
		*key = bytes_from(*key, 1);
		break;
	case FACT_INT:
		take(key, &value.number, sizeof(value.number));
		facts_set_int(f, id, value.number, when);
		break;
	case FACT_SECONDS:
		take(key, &value.seconds, sizeof(value.seconds));
		facts_set_seconds(f, id, value.seconds, when);
		break;
	case FACT_TEXT:
		take(key, &len, sizeof(len));
		facts_set_text(f, id, bytes_head(*key, len), when);
		*key = bytes_from(*key, len);
		break;
	case FACT_ADDRESS:
		take(key, &value.address.family, 1);
		take(key, value.address.octets, sizeof(value.address.octets));
		facts_set_address(f, id, &value.address, when);
		break;
	}
}

/* Without packet numbers: what sessions share is in none of their packets alone. */
void
group_set_facts(const struct group *g, struct facts *f)
{
	const struct fact_list *list = &g->rule->group_by;
	struct bytes key = g->key;

	for (size_t i = 0; i < list->n; i++)
		set_fact(f, list->id[i], &key, (struct when){ .time_ns = g->first.time_ns });
}

unsigned
group_counters(const struct rule *r, const struct facts *f)
{
	const uint64_t *present = facts_present(f);
	unsigned counters = 0;

	for (unsigned i = 0; i < r->when->n_counters; i++) {
		const struct expr *of = r->when->counters[i].of;

		if (facts_cover(present, of->need) && expr_holds(of, f, NULL))
			counters |= 1U << i;
	}
	return counters;
}

struct group *
group_new(const struct rule *r, struct bytes key)
{
	size_t n = sizeof(struct group) + r->when->n_counters * sizeof(struct tally);
	struct group *g = mem_new(n + key.len);

	g->rule = r;
	g->n_bytes = n + key.len;
	g->key = bytes_of((uint8_t *)g + n, key.len);
	memcpy((uint8_t *)g + n, key.p, key.len);
	g->leading = (unsigned)r->when->n_counters + 1; /* later than all */
	return g;
}

void
group_free(struct group *g, struct group_room *room)
{
	room->n_sessions -= g->n_sessions;
	for (size_t i = 0; i < g->rule->when->n_counters; i++)
		mem_free(g->tallies[i].values);
	for (size_t i = 0; i < g->n_evidence; i++)
		mem_free((void *)(uintptr_t)g->evidence[i].text.p);
	mem_free(g->sessions);
	mem_free(g->streams);
	mem_free(g->evidence);
	mem_free(g);
}

static void
count_value(struct group *g, struct tally *t, enum fact_id id, const struct facts *f)
{
	const struct fact *value = facts_get(f, id);
	struct buf text;
	uint64_t hash;

	if (!value)
		return;
	buf_init(&text, FACT_TEXT_MAX + sizeof(uint16_t));
	key_add_value(fact_infos[id].type, value, &text);
	hash = hash_bytes(buf_bytes(&text));
	buf_fini(&text);
	for (size_t i = 0; i < t->n_values; i++) {
		if (t->values[i] == hash)
			return;
	}
	if (t->n_values == DISTINCT_MAX)
		return;
	t->values = mem_resize(t->values, (t->n_values + 1) * sizeof(t->values[0]));
	t->values[t->n_values++] = hash;
	g->n_bytes += sizeof(t->values[0]);
}

static void
keep_session(struct group *g, const struct session *s, struct group_room *room)
{
	if (g->n_sessions == FINDING_SESSIONS_MAX || room->n_sessions == GROUPS_SESSIONS_TOTAL_MAX) {
		g->n_sessions_dropped++;
	} else {
		if (g->n_sessions == g->sessions_room) {
			g->sessions_room = g->sessions_room > 0 ? 2 * g->sessions_room : 2;
			g->sessions = mem_resize(g->sessions, g->sessions_room * sizeof(g->sessions[0]));
		}
		g->sessions[g->n_sessions++] = s->id;
		room->n_sessions++;
	}
	if (g->first.packet == 0 || s->started.time_ns < g->first.time_ns)
		g->first = s->started;
	if (g->last.packet == 0 || s->ended.time_ns > g->last.time_ns)
		g->last = s->ended;
}

/* The sessions that the first counter counts are those that the finding is about; the others are for comparison. */
static void
lead_session(struct group *g, const struct session *s, unsigned counters, struct group_room *room)
{
	unsigned leading = 0;

	while (leading < g->rule->when->n_counters && !(counters >> leading & 1U))
		leading++;
	if (leading > g->leading)
		return;
	if (leading < g->leading) {
		g->leading = leading;
		room->n_sessions -= g->n_sessions;
		g->n_sessions = 0;
		g->n_sessions_dropped = 0;
		g->first = g->last = (struct when){ 0 };
	}
	keep_session(g, s, room);
}

static void
keep_stream(struct group *g, const struct facts *f)
{
	const struct fact *stream = facts_get(f, FACT_ID_TCP_STREAM);

	if (!stream || g->n_streams == FINDING_STREAMS_MAX)
		return;
	for (size_t i = 0; i < g->n_streams; i++) {
		if (g->streams[i] == stream->number)
			return;
	}
	g->streams = mem_resize(g->streams, (g->n_streams + 1) * sizeof(g->streams[0]));
	g->streams[g->n_streams++] = stream->number;
	g->n_bytes += sizeof(g->streams[0]);
}

/* Each counter may take its share, so that one that counts a lot leaves room for the others. */
static void
keep_evidence(struct group *g, const struct session *s, unsigned counter, struct group_room *room)
{
	struct tally *t = &g->tallies[counter];
	size_t share = EVIDENCE_MAX / g->rule->when->n_counters;
	struct firing f = {
		.rule = g->rule, .facts = s->facts, .counted = g->rule->when->counters[counter].of, .first = s->started
	};
	struct evidence more[EVIDENCE_MAX];
	size_t n;

	if (t->n > EVIDENCE_SESSIONS_MAX || t->n_evidence >= share)
		return;
	n = firing_evidence(&f, &room->texts, more, share - t->n_evidence);
	for (size_t i = 0; i < n; i++) {
		uint8_t *text = mem_new(more[i].text.len);
		size_t size = sizeof(g->evidence[0]);

		memcpy(text, more[i].text.p, more[i].text.len);
		more[i].text.p = text;
		g->evidence = mem_resize(g->evidence, (g->n_evidence + 1) * size);
		g->evidence[g->n_evidence++] = more[i];
		g->n_bytes += size + more[i].text.len;
	}
	t->n_evidence += n;
	arena_clear(&room->texts);
}

void
group_count(struct group *g, const struct session *s, unsigned counters, struct group_room *room)
{
	lead_session(g, s, counters, room);
	if (counters != 0)
		keep_stream(g, s->facts);
	for (unsigned i = 0; i < g->rule->when->n_counters; i++) {
		const struct counter *c = &g->rule->when->counters[i];
		struct tally *t = &g->tallies[i];

		if (!(counters >> i & 1U))
			continue;
		if (t->n == 0 || s->started.time_ns < t->first.time_ns)
			t->first = s->started;
		if (t->n == 0 || s->started.time_ns > t->last.time_ns)
			t->last = s->started;
		t->n++;
		if (c->kind == DISTINCT)
			count_value(g, t, c->fact, s->facts);
		keep_evidence(g, s, i, room);
	}
}

bool
group_holds(const struct rule *r, const struct group *g)
{
	struct counted counted[COUNTERS_MAX] = { 0 };

	for (size_t i = 0; i < r->when->n_counters; i++) {
		static const struct tally nothing = { 0 };
		const struct tally *t = g ? &g->tallies[i] : &nothing;
		enum counter_kind kind = r->when->counters[i].kind;
		struct when when = kind == LAST ? t->last : t->first;

		counted[i].is_present = kind == COUNT || kind == DISTINCT || t->n > 0;
		counted[i].fact.when = when;
		if (kind == COUNT)
			counted[i].fact.number = (int64_t)t->n;
		else if (kind == DISTINCT)
			counted[i].fact.number = (int64_t)t->n_values;
		else
			counted[i].fact.seconds = (double)when.time_ns / NS_PER_S;
	}
	return expr_holds(r->when, NULL, counted);
}
