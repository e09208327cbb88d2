/* The input is a settings file. If it is accepted, sessions are compared with it: one that shows everything, with
 * values taken from the file itself, one that shows nothing, and one whose first half is known. What is learnt from the
 * first is read again, and the first session must not differ from it. */
#include <assert.h>
#include <string.h>

#include "base/attr.h"
#include "rules/judge.h"
#include "rules/learn.h"
#include "rules/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A word of the file, so that values that fit come up. */
static struct bytes
word_of(const struct settings *s, size_t number)
{
	const struct setting *of = &s->profiles[number % s->n].of[number % SETTING_COUNT];

	return of->n > 0 ? of->values[number % of->n].text : bytes_str("mx.example.net");
}

static void
set_fact(struct facts *f, const struct settings *s, enum fact_id id)
{
	struct address a = { .family = 4, .octets = { 192, 0, 2, (uint8_t)id } };
	struct when when = { .packet = 1 + (uint64_t)id % 7, .time_ns = 1700000000 * NS_PER_S + (int64_t)id };

	switch (fact_infos[id].type) {
	case FACT_BOOL:
		facts_set_bool(f, id, id % 2 == 0, when);
		break;
	case FACT_INT:
		facts_set_int(f, id, id == FACT_ID_TLS_VERSION_NUMBER ? 0x303 : 25 + (int64_t)id % 3, when);
		break;
	case FACT_SECONDS:
		facts_set_seconds(f, id, (double)id, when);
		break;
	case FACT_TEXT:
		facts_set_text(f, id, word_of(s, id), when);
		break;
	case FACT_ADDRESS:
		facts_set_address(f, id, &a, when);
		break;
	}
}

struct made {
	struct session pub;
	struct transaction transaction;
	struct reply reply;
};

static void
make(struct made *m, const struct settings *s, uint64_t id, size_t n_facts)
{
	struct when start = { .packet = id, .time_ns = 1700000000 * NS_PER_S };

	*m = (struct made){ .transaction = { .when = { .packet = 3 } },
			    .reply = { .when = { .packet = 4 }, .code = 554, .to = bytes_str("RCPT") },
			    .pub = { .id = id, .started = start, .ended = start, .outcome = OUTCOME_DELIVERED } };
	m->pub.facts = facts_new();
	for (size_t i = 0; i < n_facts; i++)
		if (fact_infos[i].scope == SCOPE_SESSION && i != FACT_ID_CLIENT_NOT_ALLOWLISTED)
			set_fact(m->pub.facts, s, (enum fact_id)i);
	if (n_facts == 0)
		return;
	m->transaction.mail_from = word_of(s, SETTING_SENDER);
	m->reply.text = word_of(s, SETTING_USER);
	m->pub.transactions = &m->transaction;
	m->pub.replies = &m->reply;
	m->pub.n_transactions = m->pub.n_replies = 1;
}

/* How many differences there are; of three sessions when is_all, else of the first. */
static size_t
judge(const struct rules *r, const struct settings *values, const struct settings *s, bool is_all)
{
	static const size_t n_facts[] = { FACT_COUNT, 0, FACT_COUNT / 2 };
	struct judge *j = judge_new(r);
	struct facts *capture = facts_new();
	size_t n, n_differences = 0;
	const struct finding *f;

	judge_expect(j, s);
	for (size_t i = 0; i < (is_all ? ARRAY_LEN(n_facts) : 1); i++) {
		struct made m;

		make(&m, values, i + 1, n_facts[i]);
		judge_session(j, &m.pub);
		facts_free(m.pub.facts);
	}
	judge_capture(j, capture);
	f = judge_findings(j, &n);
	for (size_t i = 0; i < n; i++) {
		bool is_difference = f[i].n_detail > 0 &&
				     strcmp(f[i].detail[f[i].n_detail - 1].key, "expect.place") == 0;

		n_differences += is_difference;
		assert(!is_difference || (f[i].n_sessions > 0 && f[i].title.len > 0));
	}
	facts_free(capture);
	judge_free(j);
	return n_differences;
}

static void
learn_and_compare(const struct rules *r, const struct settings *s)
{
	struct learn *l = learn_new();
	struct settings *learnt = NULL;
	struct err e = { "" };
	struct buf yaml;
	struct made m;

	make(&m, s, 1, FACT_COUNT);
	learn_session(l, &m.pub);
	facts_free(m.pub.facts);
	buf_init(&yaml, 1 << 20);
	if (learn_write(l, &yaml, &e)) {
		learnt = settings_read_text("learnt.yaml", buf_bytes(&yaml), &e);
		assert(learnt && "what is learnt can be read");
		assert(judge(r, s, learnt, false) == 0 && "and does not differ from where it came from");
	}
	settings_free(learnt);
	buf_fini(&yaml);
	learn_free(l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules *rules; /* loading them costs more than everything else here */
	struct err e = { "" };
	struct settings *s = settings_read_text("fuzz.yaml", bytes_of(data, size), &e);

	if (!rules)
		rules = rules_new_builtin();
	if (s) {
		judge(rules, s, s, true);
		learn_and_compare(rules, s);
		assert(!settings_owns_domain(s, bytes_str("")));
	} else {
		assert(strncmp(e.text, "fuzz.yaml:", 10) == 0 && strlen(e.text) > 12);
	}
	settings_free(s);
	return 0;
}
