/* The input is a condition. If it is accepted, it runs over facts that are all there, all absent, and half there; its
 * negation must say the opposite each time. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "rules/condition.h"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct expr_scope scopes[] = {
	{ 1U << SCOPE_SESSION, false, "a session" },
	{ ~0U, true, "a group of everything" },
};

static void
set_fact(struct facts *f, enum fact_id id)
{
	struct address a = { .family = 6, .octets = { 0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)id } };
	struct when when = { .packet = 1 + (uint64_t)id, .time_ns = (int64_t)id };

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

static struct expr *
negation(struct bytes text, const struct expr_scope *scope)
{
	struct expr_error e;
	struct buf not ;
	struct expr *x;

	buf_init(&not, RULE_FILE_MAX);
	buf_add_str(&not, "!(");
	buf_add(&not, text);
	buf_add_u8(&not, ')');
	x = expr_new(buf_bytes(&not ), scope, &e);
	assert(x || strcmp(e.text, "nested too deeply") == 0);
	buf_fini(&not );
	return x;
}

static void
run(const struct expr *x, const struct expr * not, const struct facts *f, bool has_counters)
{
	struct counted counted[COUNTERS_MAX] = { 0 };
	uint16_t touched[EXPRESSION_TESTS_MAX];
	bool holds;

	for (size_t i = 0; i < x->n_counters; i++)
		counted[i].is_present = has_counters && expr_holds(x->counters[i].of, f, NULL);
	holds = expr_holds(x, f, counted);
	assert(!holds || facts_cover(facts_present(f), x->need));
	assert((expr_touched(x, f, counted, touched, EXPRESSION_TESTS_MAX) > 0) == holds);
	if (not )
		assert(expr_holds(not, f, counted) != holds);
}

static void
run_all(const struct expr *x, const struct expr * not )
{
	struct facts *f = facts_new();

	run(x, not, f, false);
	for (size_t i = 0; i < FACT_COUNT / 2; i++)
		set_fact(f, (enum fact_id)i);
	run(x, not, f, true);
	for (size_t i = FACT_COUNT / 2; i < FACT_COUNT; i++)
		set_fact(f, (enum fact_id)i);
	run(x, not, f, true);
	facts_free(f);
}

/* As the command line gives it: with a NUL at the end. */
static void
run_alone(struct bytes text)
{
	struct err e = { "" };
	struct condition *c;
	char *copy = malloc(text.len + 1);

	assert(copy);
	if (text.len > 0)
		memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	c = condition_new(copy, &e);
	assert(c || e.text[0] != '\0');
	condition_free(c);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = bytes_of(data, size);

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		struct expr_error e;
		struct expr *x = expr_new(text, &scopes[i], &e), *not ;

		if (!x) {
			assert(e.text[0] != '\0' && e.offset <= size);
			continue;
		}
		not = negation(text, &scopes[i]);
		run_all(x, not );
		expr_free(not );
		expr_free(x);
	}
	run_alone(text);
	return 0;
}
