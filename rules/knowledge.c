/* In: tables as text. Out: records in matching order. Matches nothing itself. */
#include "rules/knowledge.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "rules/regex.h"
#include "rules/table.h"

static const char *const reply_header[] = { "provider", "code",   "enhanced", "regex",    "cause_id",
					    "cause",    "remedy", "source",   "verified", NULL };
static const char *const code_header[] = { "code",  "enhanced", "phase",  "class",    "meaning",  "who_acts",
					   "retry", "severity", "source", "verified", "cause_id", NULL };
static const char *const sign_header[] = { "provider", "match_on", "pattern", "source", "verified", NULL };
static const char *const cause_header[] = { "cause", "who_acts", "retry", NULL };
static const char *const phrase_header[] = { "phase", "code", "enhanced", "pattern", "cause_id", "cause", NULL };
static const char *const fingerprint_header[] = { "product", "match_on",   "pattern", "place",    "vendor",
						  "meaning", "confidence", "source",  "verified", NULL };
static const char *const policy_header[] = { "provider",
					     "kind",
					     "client_name",
					     "port_25_out",
					     "port_465_out",
					     "port_587_out",
					     "port_2525_out",
					     "typical_wire_symptom",
					     "condition_and_unblock",
					     "source",
					     "verified",
					     NULL };

/* One table: how its rows are read and where they go. */
struct kind {
	const char *const *header;
	size_t row_size;
	size_t pattern_column; /* 0: none */
	void (*read)(const struct table *t, void *row);
};

static struct bytes
optional(struct bytes cell)
{
	return bytes_eq_str(cell, "-") ? bytes_of(NULL, 0) : cell;
}

static void
read_reply(const struct table *t, void *row)
{
	*(struct reply_row *)row = (struct reply_row){
		.provider = t->cells[0],
		.code = t->cells[1],
		.enhanced = t->cells[2],
		.regex = t->cells[3],
		.cause = t->cells[4],
		.meaning = t->cells[5],
		.remedy = t->cells[6],
		.source = t->cells[7],
	};
}

static void
read_code(const struct table *t, void *row)
{
	*(struct code_row *)row = (struct code_row){
		.code = t->cells[0],
		.enhanced = t->cells[1],
		.phase = t->cells[2],
		.meaning = t->cells[4],
		.who_acts = t->cells[5],
		.retry = t->cells[6],
		.source = t->cells[8],
		.cause = optional(t->cells[10]),
	};
}

static void
read_sign(const struct table *t, void *row)
{
	*(struct provider_sign *)row = (struct provider_sign){ t->cells[0], t->cells[1], t->cells[2] };
}

static void
read_cause(const struct table *t, void *row)
{
	*(struct cause_row *)row = (struct cause_row){ t->cells[0], t->cells[1], t->cells[2] };
}

static void
read_phrase(const struct table *t, void *row)
{
	*(struct reply_row *)row = (struct reply_row){
		.phase = t->cells[0],
		.code = t->cells[1],
		.enhanced = t->cells[2],
		.regex = t->cells[3],
		.cause = t->cells[4],
		.meaning = t->cells[5],
	};
}

static void
read_fingerprint(const struct table *t, void *row)
{
	*(struct fingerprint *)row = (struct fingerprint){
		.product = t->cells[0],
		.match_on = t->cells[1],
		.regex = t->cells[2],
		.place = t->cells[3],
		.vendor = optional(t->cells[4]),
		.meaning = t->cells[5],
		.confidence = t->cells[6],
		.source = t->cells[7],
	};
}

static void
read_policy(const struct table *t, void *row)
{
	struct policy_row *r = row;

	*r = (struct policy_row){
		.provider = t->cells[0],
		.regex = t->cells[2],
		.advice = t->cells[8],
		.source = t->cells[9],
		.verified = t->cells[10],
	};
	for (size_t i = 0; i < POLICY_PORTS; i++)
		r->ports[i] = t->cells[3 + i];
}

enum { REPLIES, CODES, SIGNS, CAUSES, PHRASES, FINGERPRINTS, POLICIES, KINDS };

static const struct kind kinds[KINDS] = {
	[REPLIES] = { reply_header, sizeof(struct reply_row), 3, read_reply },
	[CODES] = { code_header, sizeof(struct code_row), 0, read_code },
	[SIGNS] = { sign_header, sizeof(struct provider_sign), 2, read_sign },
	[CAUSES] = { cause_header, sizeof(struct cause_row), 0, read_cause },
	[PHRASES] = { phrase_header, sizeof(struct reply_row), 3, read_phrase },
	[FINGERPRINTS] = { fingerprint_header, sizeof(struct fingerprint), 2, read_fingerprint },
	[POLICIES] = { policy_header, sizeof(struct policy_row), 2, read_policy },
};

struct knowledge *
knowledge_new(void)
{
	return mem_new(sizeof(struct knowledge));
}

void
knowledge_free(struct knowledge *k)
{
	if (!k)
		return;
	mem_free(k->replies);
	mem_free(k->codes);
	mem_free(k->signs);
	mem_free(k->causes);
	mem_free(k->fingerprints);
	mem_free(k->policies);
	mem_free(k);
}

static bool
has_sign(const struct knowledge *k, struct bytes provider)
{
	for (size_t i = 0; i < k->n_signs; i++) {
		if (bytes_eq(k->signs[i].provider, provider))
			return true;
	}
	return false;
}

/* A provider that can be recognised must be; a name without signs is a vendor whose texts name it. */
static void
sort_into_tiers(struct knowledge *k)
{
	for (size_t i = 0; i < k->n_replies; i++) {
		struct reply_row *r = &k->replies[i];

		if (r->phase.len > 0)
			r->tier = TIER_PHRASE;
		else if (bytes_eq_str(r->provider, "generic"))
			r->tier = TIER_GENERIC;
		else if (bytes_starts_nocase(r->provider, "generic-"))
			r->tier = TIER_SOFTWARE;
		else if (i > 0 && bytes_eq(r->provider, k->replies[i - 1].provider))
			r->tier = k->replies[i - 1].tier;
		else
			r->tier = has_sign(k, r->provider) ? TIER_PROVIDER : TIER_VENDOR;
	}
}

static bool
check_pattern(const struct table *t, struct bytes pattern, struct err *e)
{
	char message[200];
	size_t offset;
	struct regex *r = regex_new(pattern, message, sizeof(message), &offset);

	regex_free(r);
	return r || table_fail(t, e, "bad regular expression: %s at its character %zu", message, offset + 1);
}

/* Rows in a new array of *n; NULL: e is set. */
static void *
read_rows(const struct kind *kind, struct table *t, bool should_check, size_t *n, struct err *e)
{
	uint8_t *rows = NULL;
	size_t room = 0;
	bool has_row = true, is_ok = true;

	*n = 0;
	while (is_ok && (is_ok = table_next(t, &has_row, e)) && has_row) {
		if (*n == TABLE_ROWS_MAX)
			is_ok = table_fail(t, e, "more than %d rows", TABLE_ROWS_MAX);
		else if (should_check && kind->pattern_column > 0)
			is_ok = check_pattern(t, t->cells[kind->pattern_column], e);
		if (!is_ok)
			break;
		if (*n == room) {
			room = room > 0 ? 2 * room : 64;
			rows = mem_resize(rows, room * kind->row_size);
		}
		kind->read(t, rows + *n * kind->row_size);
		(*n)++;
	}
	if (is_ok)
		return rows ? rows : mem_new(1);
	mem_free(rows);
	return NULL;
}

/* The new rows, then the old ones. */
static void *
join(void *rows, size_t *n_rows, void *before, size_t n_before, size_t row_size)
{
	uint8_t *all = mem_resize(before, (n_before + *n_rows + 1) * row_size);

	if (*n_rows > 0)
		memcpy(all + n_before * row_size, rows, *n_rows * row_size);
	mem_free(rows);
	*n_rows += n_before;
	return all;
}

bool
knowledge_add(struct knowledge *k, const char *name, struct bytes text, bool should_check, struct err *e)
{
	struct table t;
	size_t i = 0, n = 0;
	void *rows;

	if (!table_open(&t, name, text, e))
		return false;
	while (i < KINDS && !table_has_header(&t, kinds[i].header))
		i++;
	if (i == KINDS)
		return table_fail(&t, e, "the columns are those of no table that is known");
	rows = read_rows(&kinds[i], &t, should_check, &n, e);
	if (!rows)
		return false;
	if (i == REPLIES || i == PHRASES)
		k->replies = join(k->replies, &k->n_replies, rows, n, kinds[i].row_size);
	else if (i == CODES)
		k->codes = join(k->codes, &k->n_codes, rows, n, kinds[i].row_size);
	else if (i == SIGNS)
		k->signs = join(k->signs, &k->n_signs, rows, n, kinds[i].row_size);
	else if (i == CAUSES)
		k->causes = join(k->causes, &k->n_causes, rows, n, kinds[i].row_size);
	else if (i == FINGERPRINTS)
		k->fingerprints = join(k->fingerprints, &k->n_fingerprints, rows, n, kinds[i].row_size);
	else
		k->policies = join(k->policies, &k->n_policies, rows, n, kinds[i].row_size);
	sort_into_tiers(k);
	return true;
}

const struct cause_row *
knowledge_cause(const struct knowledge *k, struct bytes cause)
{
	const struct cause_row *best = NULL;

	for (size_t i = 0; i < k->n_causes; i++) {
		struct bytes name = k->causes[i].cause;
		bool is_whole = cause.len == name.len || (cause.len > name.len && cause.p[name.len] == '.');

		if (is_whole && bytes_eq(bytes_head(cause, name.len), name) && (!best || name.len > best->cause.len))
			best = &k->causes[i];
	}
	return best;
}
