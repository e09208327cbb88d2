/* In: firings. Out: merged findings with their sessions and evidence, bounded in every direction. */
#include "rules/findings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "rules/found.h"
#include "rules/key.h"

#define TABLE_SIZE (2 * FINDINGS_MAX) /* places of the hash table: never more than half full */
#define NO_FINDING UINT32_MAX
#define LOOK_BACK 64 /* sessions that are open at a time; a finding about more of them is not made milder */

struct findings {
	struct found **found;
	size_t n;
	uint32_t table[TABLE_SIZE]; /* index into found, plus 1 */
	uint32_t *last_of_rule;     /* the finding that a rule last added to: most often it is the next one too */
	size_t n_sessions;          /* of all findings */
	size_t marks_room;          /* likewise: marks that there is room for */
	struct arena texts;
	struct buf text, key;
	struct finding *list;
};

struct findings *
findings_new(size_t n_rules)
{
	struct findings *s = mem_new(sizeof(*s));

	s->last_of_rule = mem_new_array(n_rules, sizeof(s->last_of_rule[0]));
	for (size_t i = 0; i < n_rules; i++)
		s->last_of_rule[i] = NO_FINDING;
	s->marks_room = SCOPE_MARKS_MAX;
	arena_init(&s->texts, FINDING_TEXTS_MAX);
	buf_init(&s->text, FINDING_TEXT_MAX);
	buf_init(&s->key, FINDING_TEXT_MAX);
	return s;
}

void
findings_free(struct findings *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		mem_free(s->found[i]->sessions);
		mem_free(s->found[i]->detail);
		mem_free(s->found[i]->marks);
		mem_free(s->found[i]->scope);
		mem_free(s->found[i]);
	}
	mem_free(s->found);
	mem_free(s->last_of_rule);
	mem_free(s->list);
	arena_fini(&s->texts);
	buf_fini(&s->text);
	buf_fini(&s->key);
	mem_free(s);
}

/* Values that tell findings of one rule apart; an absent one is told from all others. Groups differ by their key. */
static struct bytes
make_key(struct findings *s, const struct firing *f)
{
	const struct fact_list *list = f->rule->over == OVER_GROUP ? &f->rule->group_by : &f->rule->merge_by;

	buf_clear(&s->key);
	for (size_t i = 0; i < list->n; i++) {
		const struct fact *value = facts_get(f->facts, list->id[i]);

		buf_add_u8(&s->key, value != NULL);
		if (value)
			key_add_value(fact_infos[list->id[i]].type, value, &s->key);
	}
	return buf_bytes(&s->key);
}

/* FNV-1a */
static size_t
place_of(size_t rule_index, struct bytes key)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ rule_index;

	h *= UINT64_C(0x100000001b3);
	for (size_t i = 0; i < key.len; i++)
		h = (h ^ key.p[i]) * UINT64_C(0x100000001b3);
	return (size_t)((h ^ h >> 29) % TABLE_SIZE);
}

static struct bytes
fill(struct findings *s, const struct template *t, const struct facts *f)
{
	buf_clear(&s->text);
	template_fill(t, f, &s->text);
	return arena_copy(&s->texts, bytes_trim(buf_bytes(&s->text)));
}

static void
fill_detail(struct findings *s, struct found *found, const struct firing *f)
{
	const struct fact_list *list = &f->rule->detail;

	found->detail = mem_new_array(list->n + f->rule->n_labels, sizeof(found->detail[0]));
	for (size_t i = 0; i < list->n; i++) {
		const struct fact *value = facts_get(f->facts, list->id[i]);
		enum fact_type type = fact_infos[list->id[i]].type;

		if (!value)
			continue;
		buf_clear(&s->text);
		if (type == FACT_SECONDS)
			buf_addf(&s->text, "%.6f", value->seconds);
		else
			fact_print(type, value, &s->text);
		found->detail[found->pub.n_detail++] = (struct detail){ fact_infos[list->id[i]].name,
									arena_copy(&s->texts, buf_bytes(&s->text)),
									type == FACT_INT || type == FACT_SECONDS };
	}
	for (size_t i = 0; i < f->rule->n_labels; i++)
		found->detail[found->pub.n_detail++] = (struct detail){ f->rule->labels[i].key, f->rule->labels[i].text,
									false };
}

static struct found *
add_found(struct findings *s, const struct firing *f, struct bytes key)
{
	struct found *found = mem_new(sizeof(*found));
	const struct rule *r = f->rule;

	found->rule = r;
	found->rule_index = f->rule_index;
	found->key = arena_copy(&s->texts, key);
	found->pub = (struct finding){ .id = s->n + 1,
				       .rule = r->id,
				       .severity = f->severity,
				       .certainty = f->certainty,
				       .is_remark = r->is_remark,
				       .shows_device = r->shows_device,
				       .fault = f->fault,
				       .first = f->first,
				       .last = f->last };
	found->pub.title = fill(s, r->title, f->facts);
	found->pub.means = fill(s, r->means, f->facts);
	found->pub.not_proven = fill(s, r->not_proven, f->facts);
	found->pub.remedy = fill(s, r->remedy, f->facts);
	fill_detail(s, found, f);
	s->found = mem_resize(s->found, (s->n + 1) * sizeof(s->found[0]));
	s->found[s->n++] = found;
	return found;
}

/* The finding that this firing belongs to; NULL when there is no room for another one. */
static struct found *
find_or_add(struct findings *s, const struct firing *f)
{
	uint32_t *last = &s->last_of_rule[f->rule_index];
	struct bytes key;
	size_t at;

	if (*last != NO_FINDING && f->rule->merge_by.n == 0 && f->rule->over != OVER_GROUP)
		return s->found[*last];
	key = make_key(s, f);
	if (*last != NO_FINDING && bytes_eq(s->found[*last]->key, key))
		return s->found[*last];
	for (at = place_of(f->rule_index, key); s->table[at] != 0; at = (at + 1) % TABLE_SIZE) {
		struct found *found = s->found[s->table[at] - 1];

		if (found->rule_index == f->rule_index && bytes_eq(found->key, key)) {
			*last = s->table[at] - 1;
			return found;
		}
	}
	if (s->n == FINDINGS_MAX)
		return NULL;
	*last = (uint32_t)s->n;
	s->table[at] = (uint32_t)s->n + 1;
	return add_found(s, f, key);
}

static void
add_session(struct findings *s, struct found *found, uint64_t session)
{
	if (found->n_sessions > 0 && found->sessions[found->n_sessions - 1] == session)
		return;
	if (found->n_sessions == FINDING_SESSIONS_MAX || s->n_sessions == FINDING_SESSIONS_TOTAL_MAX) {
		found->n_sessions_dropped++;
		return;
	}
	if (found->n_sessions == found->room) {
		found->room = found->room > 0 ? 2 * found->room : 4;
		found->sessions = mem_resize(found->sessions, found->room * sizeof(found->sessions[0]));
	}
	found->sessions[found->n_sessions++] = session;
	s->n_sessions++;
}

static void
add_stream(struct found *found, int64_t stream)
{
	for (size_t i = 0; i < found->n_streams; i++) {
		if (found->streams[i] == stream)
			return;
	}
	found->streams[found->n_streams++] = stream;
}

void
findings_add(struct findings *s, const struct firing *f)
{
	struct found *found = find_or_add(s, f);

	if (!found)
		return;
	if (f->severity > found->pub.severity) {
		found->pub.severity = f->severity;
		found->pub.fault = f->fault;
	}
	found->pub.is_ending = found->pub.is_ending || f->is_ending;
	if (f->certainty > found->pub.certainty)
		found->pub.certainty = f->certainty;
	if (f->first.time_ns < found->pub.first.time_ns)
		found->pub.first = f->first;
	if (f->last.time_ns > found->pub.last.time_ns)
		found->pub.last = f->last;
	for (size_t i = 0; i < f->n_sessions; i++)
		add_session(s, found, f->sessions[i]);
	found->n_sessions_dropped += f->n_sessions_dropped;
	found_mark(found, f, &s->marks_room);
	for (size_t i = 0; i < f->n_streams && found->n_streams < FINDING_STREAMS_MAX; i++)
		add_stream(found, f->streams[i]);
	if (found->n_evidence_firings < EVIDENCE_SESSIONS_MAX) {
		struct evidence more[EVIDENCE_MAX];
		size_t n = firing_evidence(f, &s->texts, more, EVIDENCE_MAX);

		for (size_t i = 0; i < n; i++)
			found->n_evidence = evidence_add(found->evidence, found->n_evidence, EVIDENCE_MAX, more[i]);
		found->n_evidence_firings++;
	}
}

/* Replies come in the order of packets, so those of a session that ends now stand near the end of the list. */
static bool
concerns(const struct found *found, uint64_t session)
{
	size_t n = found->n_sessions < LOOK_BACK ? found->n_sessions : LOOK_BACK;

	for (size_t i = 1; i <= n; i++) {
		if (found->sessions[found->n_sessions - i] == session)
			return true;
	}
	return false;
}

void
findings_overcome(struct findings *s, uint64_t session)
{
	for (size_t i = 0; i < s->n; i++) {
		struct found *found = s->found[i];

		if (found->rule->over == OVER_REPLY && found->pub.severity == SEVERITY_ERROR &&
		    concerns(found, session))
			found->n_overcome++;
	}
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The numbers of many sessions lie close together: a bit for each puts them in order. False: they do not. */
static bool
sort_as_bits(struct found *found)
{
	uint64_t low = UINT64_MAX, high = 0, *words;
	size_t n = 0, n_words;

	for (size_t i = 0; i < found->n_sessions; i++) {
		low = found->sessions[i] < low ? found->sessions[i] : low;
		high = found->sessions[i] > high ? found->sessions[i] : high;
	}
	if ((high - low) / 64 > found->n_sessions)
		return false;
	n_words = (size_t)((high - low) / 64 + 1);
	words = mem_new_array(n_words, sizeof(*words));
	for (size_t i = 0; i < found->n_sessions; i++)
		words[(found->sessions[i] - low) / 64] |= UINT64_C(1) << ((found->sessions[i] - low) % 64);
	for (size_t w = 0; w < n_words; w++)
		for (uint64_t rest = words[w]; rest != 0; rest &= rest - 1)
			found->sessions[n++] = low + w * 64 + (unsigned)__builtin_ctzll(rest);
	found->n_sessions = n;
	mem_free(words);
	return true;
}

/* Sessions come in the order they ended, a session's replies between those of others. */
static void
sort_sessions(struct found *found)
{
	bool is_sorted = true;
	size_t n = 0;

	for (size_t i = 1; i < found->n_sessions; i++)
		is_sorted = is_sorted && found->sessions[i - 1] < found->sessions[i];
	if (is_sorted || sort_as_bits(found))
		return;
	qsort(found->sessions, found->n_sessions, sizeof(found->sessions[0]), by_number);
	for (size_t i = 0; i < found->n_sessions; i++) {
		if (n == 0 || found->sessions[n - 1] != found->sessions[i])
			found->sessions[n++] = found->sessions[i];
	}
	found->n_sessions = n;
}

/* Does the rule show packets of the DNS, which lie between those of the connection? */
static bool
shows_look_ups(const struct rule *r)
{
	for (size_t i = 0; i < r->n_notes; i++) {
		const char *name = fact_infos[r->notes[i].fact].name;

		if (strncmp(name, "dns.", 4) == 0 || strncmp(name, "blocklist.", 10) == 0)
			return true;
	}
	return false;
}

/* May it be a packet of another connection, with which something was compared, or of none? */
static bool
is_outside(const struct found *found, const struct evidence *e)
{
	if (e->when.packet == 0)
		return false;
	if (found->n_streams == 0 || found->rule->over == OVER_GROUP || shows_look_ups(found->rule))
		return true;
	return e->when.packet < found->pub.first.packet || e->when.packet > found->pub.last.packet;
}

/* field eq 0, or field in {0, 4}; separator stands before it. */
static void
add_values(struct buf *text, const char *separator, const char *field, const int64_t *values, size_t n)
{
	if (n == 0)
		return;
	buf_addf(text, "%s%s %s", separator, field, n == 1 ? "eq " : "in {");
	for (size_t i = 0; i < n; i++)
		buf_addf(text, "%s%" PRId64, i == 0 ? "" : ", ", values[i]);
	if (n > 1)
		buf_add_u8(text, '}');
}

/* As packet viewers write it: tcp.stream eq 0 or frame.number in {3, 9}. */
static struct bytes
make_filter(struct findings *s, const struct found *found)
{
	int64_t packets[EVIDENCE_MAX];
	size_t n = 0;

	for (size_t i = 0; i < found->n_evidence; i++) {
		int64_t packet = (int64_t)found->evidence[i].when.packet;

		if (is_outside(found, &found->evidence[i]) && (n == 0 || packets[n - 1] != packet))
			packets[n++] = packet;
	}
	buf_clear(&s->text);
	add_values(&s->text, "", "tcp.stream", found->streams, found->n_streams);
	add_values(&s->text, found->n_streams > 0 ? " or " : "", "frame.number", packets, n);
	return arena_copy(&s->texts, buf_bytes(&s->text));
}

static void
publish(struct findings *s, struct found *found)
{
	sort_sessions(found);
	if (found->n_overcome > 0 && found->n_overcome >= found->n_sessions && found->n_sessions_dropped == 0)
		found->pub.severity = SEVERITY_WARNING;
	found->pub.sessions = found->sessions;
	found->pub.n_sessions = found->n_sessions;
	found->pub.n_sessions_dropped = found->n_sessions_dropped;
	found->pub.evidence = found->evidence;
	found->pub.n_evidence = found->n_evidence;
	found->pub.detail = found->detail;
	found->pub.filter = make_filter(s, found);
}

static int
by_importance(const void *a, const void *b)
{
	return finding_compare(a, b);
}

void
findings_finish(struct findings *s, struct rule *const *rule, size_t n_rules, struct scope *scope)
{
	for (size_t i = 0; i < s->n; i++)
		publish(s, s->found[i]);
	found_link_causes(s->found, s->n, rule, n_rules);
	found_ask_scopes(s->found, s->n, scope, rule, n_rules, &s->texts);
	s->list = mem_new_array(s->n, sizeof(s->list[0]));
	for (size_t i = 0; i < s->n; i++)
		s->list[i] = s->found[i]->pub;
	qsort(s->list, s->n, sizeof(s->list[0]), by_importance);
}

const struct finding *
findings_list(const struct findings *s, size_t *n)
{
	*n = s->list ? s->n : 0;
	return s->list;
}
