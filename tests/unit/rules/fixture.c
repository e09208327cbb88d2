/* In: nothing. Out: records as decode/ would make them. */
#include "fixture.h"

#include "base/alloc.h"

struct when
at(uint64_t packet)
{
	return (struct when){ .packet = packet, .time_ns = T0 + (int64_t)packet * NS_PER_S };
}

struct rules *
no_rules(void)
{
	struct rules *r = mem_new(sizeof(*r));

	r->knowledge = knowledge_new();
	return r;
}

struct rules *
rules_of(const char *yaml)
{
	struct rules *r = no_rules();
	struct err e = { "" };

	if (!rules_load_text(r, "test.yaml", bytes_str(yaml), &e))
		fail_msg("%s", e.text);
	return r;
}

void
add_table(struct rules *r, const char *text)
{
	struct err e = { "" };

	if (!knowledge_add(r->knowledge, "test.tsv", bytes_str(text), true, &e))
		fail_msg("%s", e.text);
}

static void
set_address(struct session *s, enum fact_id id, const char *text)
{
	struct address a;

	assert_true(address_parse(text, &a));
	facts_set_address(s->facts, id, &a, s->started);
}

struct session *
session_new(uint64_t id, const char *client, const char *server)
{
	struct session *s = mem_new(sizeof(*s));

	s->id = id;
	s->facts = facts_new();
	s->started = at(10 * id);
	s->ended = at(10 * id + 9);
	set_address(s, FACT_ID_CLIENT_ADDRESS, client);
	set_address(s, FACT_ID_SERVER_ADDRESS, server);
	set_number(s, FACT_ID_TCP_STREAM, (int64_t)id - 1);
	return s;
}

void
session_free(struct session *s)
{
	facts_free(s->facts);
	mem_free(s);
}

void
set_truth(struct session *s, enum fact_id id)
{
	facts_set_bool(s->facts, id, true, s->started);
}

void
set_number(struct session *s, enum fact_id id, int64_t number)
{
	facts_set_int(s->facts, id, number, s->started);
}

void
set_text(struct session *s, enum fact_id id, const char *text)
{
	facts_set_text(s->facts, id, bytes_str(text), s->started);
}

void
set_reply(struct session *s, unsigned code, const char *enhanced, const char *text, const char *phase)
{
	facts_clear_scope(s->facts, SCOPE_REPLY);
	set_number(s, FACT_ID_SMTP_REPLY_CODE, code);
	if (enhanced[0] != '\0')
		set_text(s, FACT_ID_SMTP_REPLY_ENHANCED, enhanced);
	set_text(s, FACT_ID_SMTP_REPLY_TEXT, text);
	set_text(s, FACT_ID_SMTP_REPLY_PHASE, phase);
	if (code >= 400)
		set_text(s, FACT_ID_SMTP_REPLY_FAILURE, code < 500 ? "temporary" : "permanent");
}

const struct finding *
finding_of(const struct judge *j, const char *rule)
{
	size_t n;
	const struct finding *f = judge_findings(j, &n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(f[i].rule, rule) == 0)
			return &f[i];
	}
	return NULL;
}

size_t
count_findings(const struct judge *j)
{
	size_t n;

	judge_findings(j, &n);
	return n;
}

void
end_capture(struct judge *j)
{
	struct facts *f = facts_new();

	judge_capture(j, f);
	facts_free(f);
}

void
assert_bytes(struct bytes b, const char *expected)
{
	if (!bytes_eq_str(b, expected))
		fail_msg("'%.*s' instead of '%s'", (int)b.len, b.p ? (const char *)b.p : "", expected);
}

bool
has_evidence(const struct finding *f, uint64_t packet, const char *text)
{
	for (size_t i = 0; i < f->n_evidence; i++) {
		if (f->evidence[i].when.packet == packet && bytes_eq_str(f->evidence[i].text, text))
			return true;
	}
	return false;
}
