/* The input is a rule file. If it is accepted, its pages are printed and sessions are judged by it: one that knows
 * every fact, one that knows none, and one whose first half is known. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "rules/catalogue.h"
#include "rules/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
set_fact(struct facts *f, enum fact_id id)
{
	struct address a = { .family = 4, .octets = { 192, 0, 2, (uint8_t)id } };
	struct when when = { .packet = 1 + (uint64_t)id % 7, .time_ns = 1700000000 * NS_PER_S + (int64_t)id };

	switch (fact_infos[id].type) {
	case FACT_BOOL:
		facts_set_bool(f, id, id % 2 == 0, when);
		break;
	case FACT_INT:
		facts_set_int(f, id, (int64_t)id - 3, when);
		break;
	case FACT_SECONDS:
		facts_set_seconds(f, id, (double)id / 3, when);
		break;
	case FACT_TEXT:
		facts_set_text(f, id, bytes_str(fact_infos[id].name), when);
		break;
	case FACT_ADDRESS:
		facts_set_address(f, id, &a, when);
		break;
	}
}

static void
judge_one(struct judge *j, uint64_t id, size_t n_facts)
{
	struct when start = { .packet = id, .time_ns = 1700000000 * NS_PER_S }, end = { .packet = id + 5 };
	struct session s = { .id = id, .facts = facts_new(), .started = start, .ended = end };

	for (size_t i = 0; i < n_facts; i++)
		set_fact(s.facts, (enum fact_id)i);
	judge_scope(j, &s, SCOPE_REPLY);
	judge_scope(j, &s, SCOPE_RECIPIENT);
	judge_scope(j, &s, SCOPE_MESSAGE);
	judge_session(j, &s);
	facts_free(s.facts);
}

static void
check_findings(const struct judge *j)
{
	size_t n;
	const struct finding *f = judge_findings(j, &n);

	for (size_t i = 0; i < n; i++) {
		assert(f[i].id >= 1 && f[i].id <= n && f[i].caused_by <= n && f[i].caused_by != f[i].id);
		for (size_t k = 1; k < f[i].n_sessions; k++)
			assert(f[i].sessions[k - 1] < f[i].sessions[k]);
		for (size_t k = 0; k < f[i].n_evidence; k++)
			assert(f[i].evidence[k].when.packet > 0 && f[i].evidence[k].text.len > 0);
	}
	assert(judge_verdict(j)->text.len > 0);
	assert(judge_verdict(j)->n_attempts == 4);
}

static void
judge_all(const struct rules *r)
{
	struct judge *j = judge_new(r);
	struct facts *f = facts_new();

	judge_one(j, 1, FACT_COUNT);
	judge_one(j, 3, 0);
	judge_one(j, 2, FACT_COUNT / 2);
	judge_one(j, 4, FACT_COUNT);
	for (size_t i = 0; i < FACT_COUNT; i++)
		set_fact(f, (enum fact_id)i);
	judge_capture(j, f);
	check_findings(j);
	facts_free(f);
	judge_free(j);
}

static void
print_all(const struct rules *r)
{
	FILE *out = fopen("/dev/null", "w");
	bool is_there = out != NULL;

	assert(is_there);
	rules_list(r, out);
	for (size_t i = 0; i < r->n; i++)
		is_there = is_there && rules_print(r, r->rule[i]->id, out);
	assert(is_there);
	fclose(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rules *r = mem_new(sizeof(*r));
	struct err e = { "" };

	r->knowledge = knowledge_new();
	if (rules_load_text(r, "fuzz.yaml", bytes_of(data, size), &e)) {
		assert(r->n > 0);
		print_all(r);
		judge_all(r);
	} else {
		assert(r->n == 0);
		assert(strncmp(e.text, "fuzz.yaml:", 10) == 0 && strlen(e.text) > 12);
	}
	rules_free(r);
	return 0;
}
