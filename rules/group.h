/* The sessions of one rule that share the facts it is over: running counters, a few sessions, evidence. */
#ifndef RULES_GROUP_H
#define RULES_GROUP_H

#include "rules/firing.h"

struct tally { /* of one counter of the condition */
	uint64_t n;
	struct when first, last; /* starts of the sessions that were counted */
	uint64_t *values;        /* hashes, of distinct() */
	size_t n_values, n_evidence;
};
struct group {
	struct group *newer, *older, *next_in_bucket; /* of the table */
	uint64_t hash, used_at;                       /* likewise */
	size_t n_bytes;                               /* of everything but sessions */
	const struct rule *rule;
	struct bytes key; /* values of the facts in over */
	unsigned leading; /* the counter that counted the sessions kept: the first of the condition that counted any */
	uint64_t *sessions;
	uint64_t n_sessions_dropped;
	size_t n_sessions, sessions_room, n_streams, n_evidence;
	int64_t *streams;
	struct evidence *evidence;
	struct when first, last; /* of the sessions kept */
	struct tally tallies[];  /* as many as the condition has counters */
};
struct group_room { /* what all groups share */
	size_t n_sessions;
	struct arena texts; /* scratch */
};

/* Appends the values of the facts to the key; all of them must be there. */
void group_key(const struct fact_list *list, const struct facts *f, struct buf *key);
/* Bit i: counter i counts these facts. */
unsigned group_counters(const struct rule *r, const struct facts *f);
struct group *group_new(const struct rule *r, struct bytes key);
void group_free(struct group *g, struct group_room *room);
void group_count(struct group *g, const struct session *s, unsigned counters, struct group_room *room);
/* NULL: of a group that nothing was counted in. */
bool group_holds(const struct rule *r, const struct group *g);
/* The facts in over, as values of the group. */
void group_set_facts(const struct group *g, struct facts *f);

#endif
