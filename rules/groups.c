/* In: sessions at their end. Out: firings of the rules over groups. One table of all groups, and per rule a list from
 * the one that was counted last to the idlest. */
#include "rules/groups.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "rules/catalogue.h"
#include "rules/group.h"
#include "base/hash.h"
#include "rules/vetoes.h"

#define BUCKETS 65536                                                 /* GROUPS_MAX of a few rules, 512 KB */
#define KEY_MAX (RULE_FACTS_MAX * (FACT_TEXT_MAX + sizeof(uint16_t))) /* no key is cut */

struct grouping { /* one rule over groups */
	const struct rule *rule;
	size_t rule_index;
	bool holds_empty;          /* even when nothing is counted: then every session makes a group */
	uint64_t need[FACT_WORDS]; /* the facts in over */
	unsigned vetoing;          /* counters that must be 0 */
	struct vetoes *vetoes;     /* NULL when there are none */
	unsigned counters;         /* of the session that is looked at: those that count it, */
	uint64_t hash;             /* and its group; 0: it is in none */
	struct group *newest, *idlest;
	size_t n;
};

struct groups {
	struct findings *to;
	struct grouping *groupings;
	size_t n_groupings, n_bytes;
	uint64_t now; /* sessions so far */
	struct group **buckets;
	struct group_room room;
	struct buf key;
	struct facts *facts; /* of the group that is judged */
};

struct groups *
groups_new(const struct rules *r, struct findings *to)
{
	struct groups *g = mem_new(sizeof(*g));

	g->to = to;
	g->groupings = mem_new_array(r->n, sizeof(g->groupings[0]));
	for (size_t i = 0; i < r->n; i++) {
		struct grouping *one = &g->groupings[g->n_groupings];
		const struct rule *rule = r->rule[i];

		if (rule->over != OVER_GROUP)
			continue;
		g->n_groupings++;
		one->rule = rule;
		one->rule_index = i;
		one->holds_empty = group_holds(rule, NULL);
		one->vetoing = vetoes_of(rule->when);
		if (one->vetoing != 0)
			one->vetoes = vetoes_new();
		for (size_t k = 0; k < rule->group_by.n; k++)
			one->need[rule->group_by.id[k] / 64] |= UINT64_C(1) << (rule->group_by.id[k] % 64);
	}
	if (g->n_groupings > 0)
		g->buckets = mem_new_array(BUCKETS, sizeof(struct group *));
	arena_init(&g->room.texts, EVIDENCE_MAX * FINDING_TEXT_MAX);
	buf_init(&g->key, KEY_MAX);
	g->facts = facts_new();
	return g;
}

static void
unlink_idle(struct grouping *one, struct group *group)
{
	*(group->newer ? &group->newer->older : &one->newest) = group->older;
	*(group->older ? &group->older->newer : &one->idlest) = group->newer;
}

static void
link_newest(struct grouping *one, struct group *group)
{
	group->newer = NULL;
	group->older = one->newest;
	*(one->newest ? &one->newest->newer : &one->idlest) = group;
	one->newest = group;
}

static void
judge_group(struct groups *g, const struct grouping *one, const struct group *group)
{
	struct firing f = { .rule = one->rule,
			    .rule_index = one->rule_index,
			    .facts = g->facts,
			    .sessions = group->sessions,
			    .n_sessions = group->n_sessions,
			    .n_sessions_dropped = group->n_sessions_dropped,
			    .streams = group->streams,
			    .n_streams = group->n_streams,
			    .first = group->first,
			    .last = group->last,
			    .extra = group->evidence,
			    .n_extra = group->n_evidence };

	if (!group_holds(one->rule, group))
		return;
	facts_clear_scope(g->facts, SCOPE_SESSION);
	group_set_facts(group, g->facts);
	if (firing_weigh(&f))
		findings_add(g->to, &f);
}

static void
let_go(struct groups *g, struct grouping *one, struct group *group)
{
	struct group **at = &g->buckets[group->hash % BUCKETS];

	while (*at != group)
		at = &(*at)->next_in_bucket;
	*at = group->next_in_bucket;
	unlink_idle(one, group);
	one->n--;
	g->n_bytes -= group->n_bytes;
	group_free(group, &g->room);
}

/* Lets the idlest of all rules go until there is room, but not the one that is in use. */
static void
make_room(struct groups *g, const struct group *in_use)
{
	while (g->n_bytes > GROUPS_BYTES_MAX) {
		struct grouping *idlest = NULL;

		for (size_t i = 0; i < g->n_groupings; i++) {
			struct grouping *one = &g->groupings[i];

			if (one->idlest && one->idlest != in_use &&
			    (!idlest || one->idlest->used_at < idlest->idlest->used_at))
				idlest = one;
		}
		if (!idlest)
			return;
		judge_group(g, idlest, idlest->idlest);
		let_go(g, idlest, idlest->idlest);
	}
}

static struct group *
find_group(const struct groups *g, const struct grouping *one, uint64_t hash)
{
	struct group *group = g->buckets[hash % BUCKETS];

	while (group && (group->hash != hash || group->rule != one->rule || !bytes_eq(group->key, buf_bytes(&g->key))))
		group = group->next_in_bucket;
	return group;
}

/* The group whose key is in g->key, as the newest of its rule. */
static struct group *
find_or_add(struct groups *g, struct grouping *one, uint64_t hash)
{
	struct group *group = find_group(g, one, hash);

	if (group) {
		unlink_idle(one, group);
	} else {
		if (one->n == GROUPS_MAX) {
			judge_group(g, one, one->idlest);
			let_go(g, one, one->idlest);
		}
		group = group_new(one->rule, buf_bytes(&g->key));
		group->hash = hash;
		group->next_in_bucket = g->buckets[hash % BUCKETS];
		g->buckets[hash % BUCKETS] = group;
		g->n_bytes += group->n_bytes;
		one->n++;
	}
	link_newest(one, group);
	group->used_at = g->now;
	return group;
}

static void
make_key(struct groups *g, const struct grouping *one, const struct session *s)
{
	buf_clear(&g->key);
	group_key(&one->rule->group_by, s->facts, &g->key);
}

/* Does this session, or one before it, keep the rule from ever holding for its group? */
static bool
is_vetoed(struct groups *g, struct grouping *one, const struct session *s)
{
	struct group *group;

	if (!one->vetoes)
		return false;
	if ((one->counters & one->vetoing) == 0)
		return vetoes_has(one->vetoes, one->hash);
	vetoes_add(one->vetoes, one->hash);
	if (one->n == 0)
		return true;
	make_key(g, one, s);
	group = find_group(g, one, one->hash);
	if (group)
		let_go(g, one, group);
	return true;
}

static void
look(struct groups *g, struct grouping *one, const struct session *s)
{
	one->counters = group_counters(one->rule, s->facts);
	if (one->counters == 0 && !one->holds_empty)
		return;
	make_key(g, one, s);
	one->hash = hash_bytes(buf_bytes(&g->key)) + one->rule_index;
	one->hash += one->hash == 0;
	if (one->vetoes)
		vetoes_fetch(one->vetoes, one->hash);
}

static void
add_to(struct groups *g, struct grouping *one, const struct session *s)
{
	struct group *group;
	size_t before;

	if (is_vetoed(g, one, s))
		return;
	make_key(g, one, s);
	group = find_or_add(g, one, one->hash);
	before = group->n_bytes;
	group_count(group, s, one->counters, &g->room);
	g->n_bytes += group->n_bytes - before;
	make_room(g, group);
}

void
groups_look(struct groups *g, const struct session *s)
{
	const uint64_t *present = facts_present(s->facts);

	for (size_t i = 0; i < g->n_groupings; i++) {
		g->groupings[i].hash = 0;
		if (facts_cover(present, g->groupings[i].need))
			look(g, &g->groupings[i], s);
	}
}

void
groups_add(struct groups *g, const struct session *s)
{
	g->now++;
	for (size_t i = 0; i < g->n_groupings; i++) {
		if (g->groupings[i].hash != 0)
			add_to(g, &g->groupings[i], s);
	}
}

void
groups_finish(struct groups *g)
{
	for (size_t i = 0; i < g->n_groupings; i++) {
		struct grouping *one = &g->groupings[i];

		for (; one->idlest; let_go(g, one, one->idlest))
			judge_group(g, one, one->idlest);
	}
}

void
groups_free(struct groups *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n_groupings; i++) {
		while (g->groupings[i].idlest)
			let_go(g, &g->groupings[i], g->groupings[i].idlest);
		vetoes_free(g->groupings[i].vetoes);
	}
	mem_free(g->groupings);
	mem_free(g->buckets);
	arena_fini(&g->room.texts);
	buf_fini(&g->key);
	facts_free(g->facts);
	mem_free(g);
}
