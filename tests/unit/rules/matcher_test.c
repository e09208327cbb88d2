/* Tables of replies: bad rows are refused, and the row that tells most is found. */
#include "fixture.h"

#include "base/limits.h"
#include "rules/fold.h"
#include "rules/matcher.h"

#define REPLIES "provider\tcode\tenhanced\tregex\tcause_id\tcause\tremedy\tsource\tverified\n"
#define CODES "code\tenhanced\tphase\tclass\tmeaning\twho_acts\tretry\tseverity\tsource\tverified\tcause_id\n"
#define SIGNS "provider\tmatch_on\tpattern\tsource\tverified\n"
#define CAUSES "cause\twho_acts\tretry\n"

static const struct {
	const char *table, *message;
} bad_tables[] = {
	{ "", "test.tsv:1: column 1 is empty" },
	{ "provider\tcode\n", "test.tsv:1: the columns are those of no table" },
	{ SIGNS "google\tname\tx\n", "test.tsv:2: 3 columns, the header has 5" },
	{ SIGNS "google\tname\tx\ts\tv\nyahoo\tname\tx\ts\tv\tmore\n", "test.tsv:3: 6 columns, the header has 5" },
	{ SIGNS "google\t\tx\ts\tv\n", "test.tsv:2: column 2 is empty; write - for none" },
	{ SIGNS "google\tname\tx\ts\t\n", "test.tsv:2: column 5 is empty; write - for none" },
	{ SIGNS "google\tname\tx\ts\tv\n\nyahoo\tname\tx\ts\tv\n", "test.tsv:3: column 1 is empty" },
	{ SIGNS "google\tname\tx\xc3\xa9\ts\tv\n", "test.tsv:2: byte 14 is not printable ASCII" },
	{ SIGNS "google\tname\t(\ts\tv\n", "test.tsv:2: bad regular expression: " },
	{ REPLIES "google\t550\t*\ta{2,1}\tc\tm\tr\ts\tv\n", "test.tsv:2: bad regular expression: " },
	{ "a\tb\tc\td\te\tf\tg\th\ti\tj\tk\tl\tm\n", "test.tsv:1: more than 12 columns" },
};

static void
bad_tables_are_refused_as_a_whole(void **state UNUSED)
{
	struct knowledge *k = knowledge_new();
	struct err e = { "" };

	assert_true(knowledge_add(k, "good.tsv", bytes_str(SIGNS "google\tname\tx\ts\tv\r\n"), true, &e));
	for (size_t i = 0; i < ARRAY_LEN(bad_tables); i++) {
		if (knowledge_add(k, "test.tsv", bytes_str(bad_tables[i].table), true, &e))
			fail_msg("accepted:\n%s", bad_tables[i].table);
		if (!strstr(e.text, bad_tables[i].message))
			fail_msg("%s\n%s\ninstead of %s", bad_tables[i].table, e.text, bad_tables[i].message);
		assert_int_equal(k->n_signs, 1);
		assert_int_equal(k->n_replies, 0);
	}
	assert_bytes(k->signs[0].provider, "google");
	knowledge_free(k);
	knowledge_free(NULL);
}

static void
a_cause_has_the_advice_of_its_nearest_relative(void **state UNUSED)
{
	struct rules *r = no_rules();

	add_table(r, CAUSES "auth\tuser\tfix-first\nauth.temporary\trecipient-admin\tretry\n");
	assert_bytes(knowledge_cause(r->knowledge, bytes_str("auth"))->who_acts, "user");
	assert_bytes(knowledge_cause(r->knowledge, bytes_str("auth.temporary"))->who_acts, "recipient-admin");
	assert_bytes(knowledge_cause(r->knowledge, bytes_str("auth.temporary.ldap"))->retry, "retry");
	assert_bytes(knowledge_cause(r->knowledge, bytes_str("auth.other"))->who_acts, "user");
	assert_null(knowledge_cause(r->knowledge, bytes_str("authority")));
	assert_null(knowledge_cause(r->knowledge, bytes_str("")));
	rules_free(r);
}

/* Each tier has a row for the same text, the code tables have less to say. */
static struct rules *
tables(void)
{
	struct rules *r = no_rules();

	add_table(r, SIGNS "google\tgreeting\tgsmtp\ts\tv\n"
			   "google\tname\t\\.google\\.com$\ts\tv\n"
			   "google\treply\t- gsmtp$\ts\tv\n");
	add_table(r, REPLIES "generic\t550\t*\tunknown user\tof.generic\tm\tr\ts\tv\n"
			     "generic-postfix\t550\t*\tunknown user\tof.software\tm\tr\ts\tv\n"
			     "spamhaus\t550\t*\tunknown user on (?<list>[a-z.]+)\tof.vendor\tm\tr\ts\tv\n"
			     "google\t550\t5.1.1\tunknown user\tof.provider\tm\tr\ts\tv\n"
			     "google\t552\t*\tquota of\trate.quota\tm\tr\ts\tv\n"
			     "generic\t5xx\t*\tfirst\tby.order\tm\tr\ts\tv\n"
			     "generic\t5xx\t*\tfirst or second\tnever\tm\tr\ts\tv\n"
			     "generic\t5xx\t*\tnot allowed\tauth.missing\tm\tr\ts\tv\n"
			     "generic\t5xx\t*\tspam\tcontent.spam\tm\tr\ts\tv\n");
	add_table(r, CODES "550\t-\tany\tc\tno mailbox\tuser\tpermanent\terror\ts\tv\tby.code\n"
			   "550\t5.1.1\tany\tc\tno such mailbox\tuser\tby-digit\terror\ts\tv\tby.enhanced\n"
			   "550\t-\tmail\tc\tno sender\tuser\tfix-first\terror\ts\tv\tby.phase\n"
			   "4xx\t-\tany\tc\tlater\tnone\tpermanent\terror\ts\tv\tby.class\n");
	add_table(r, CAUSES "rate\tsender-admin\tretry\n");
	return r;
}

static const struct {
	unsigned code;
	const char *enhanced, *text, *phase, *greeting, *server_name;
	const char *cause, *basis, *provider, *retry;
} questions[] = {
	/* text beats the enhanced code, which beats the code */
	{ 550, "5.1.1", "unknown user", "rcpt", "", "", "of.software", "text", "", "permanent" },
	{ 550, "5.1.1", "no", "rcpt", "", "", "by.enhanced", "enhanced", "", "permanent" },
	{ 550, "5.7.1", "no", "rcpt", "", "", "by.code", "code", "", "permanent" },
	{ 550, "", "no", "rcpt", "", "", "by.code", "code", "", "permanent" },
	{ 550, "", "no", "mail", "", "", "by.phase", "code", "", "fix-first" },
	{ 451, "", "no", "mail", "", "", "by.class", "code", "", "retry" },
	{ 599, "", "no", "mail", "", "", "", "", "", "permanent" },
	/* an enhanced code means the same under another code */
	{ 554, "5.1.1", "no", "rcpt", "", "", "by.enhanced", "enhanced", "", "permanent" },
	/* rows of a provider are for that provider alone, however it is recognised */
	{ 550, "5.1.1", "unknown user", "rcpt", "mx.google.com gsmtp", "", "of.provider", "provider", "google",
	  "permanent" },
	{ 550, "5.1.1", "unknown user", "rcpt", "", "mx.google.com", "of.provider", "provider", "google", "permanent" },
	{ 550, "5.1.1", "unknown user x - gsmtp", "rcpt", "", "", "of.provider", "provider", "google", "permanent" },
	{ 550, "", "unknown user", "rcpt", "mx.google.com gsmtp", "", "of.provider", "provider", "google",
	  "permanent" },
	{ 552, "", "quota of", "rcpt", "mail.example", "", "", "", "", "permanent" },
	{ 552, "", "QUOTA OF 1", "rcpt", "gsmtp", "", "rate.quota", "provider", "google", "retry" },
	/* a vendor is named by its own text */
	{ 550, "", "unknown user on zen.example", "rcpt", "", "", "of.vendor", "provider", "spamhaus", "permanent" },
	/* the first row among equals */
	{ 554, "", "first or second", "data-end", "", "", "by.order", "text", "", "permanent" },
	/* words about logins mean something else outside of one */
	{ 550, "", "not allowed", "mail", "", "", "by.phase", "code", "", "fix-first" },
	{ 550, "", "not allowed", "auth", "", "", "auth.missing", "text", "", "permanent" },
	{ 530, "", "not allowed", "mail", "", "", "auth.missing", "text", "", "permanent" },
};

static void
ask_all(struct matcher *m)
{
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		struct reply_asked asked = { .code = questions[i].code,
					     .enhanced = bytes_str(questions[i].enhanced),
					     .text = bytes_str(questions[i].text),
					     .phase = bytes_str(questions[i].phase),
					     .greeting = bytes_str(questions[i].greeting),
					     .server_name = bytes_str(questions[i].server_name) };
		const struct reply_meaning *meaning = matcher_find(m, &asked);

		if (!bytes_eq_str(meaning->cause, questions[i].cause))
			fail_msg("row %zu, %u %s %s: %.*s instead of %s", i, questions[i].code, questions[i].enhanced,
				 questions[i].text, (int)meaning->cause.len, (const char *)meaning->cause.p,
				 questions[i].cause);
		assert_bytes(meaning->basis, questions[i].basis);
		assert_bytes(meaning->provider, questions[i].provider);
		assert_bytes(meaning->retry, questions[i].retry);
		assert_bytes(meaning->list, strstr(questions[i].text, "zen.example") ? "zen.example" : "");
	}
}

static void
the_row_that_tells_most_is_found(void **state UNUSED)
{
	struct rules *r = tables();
	struct matcher *m = matcher_new(r->knowledge);

	ask_all(m);
	ask_all(m); /* from memory */
	matcher_free(m);
	matcher_free(NULL);
	rules_free(r);
}

static void
rows_of_the_site_come_before_those_built_in(void **state UNUSED)
{
	struct rules *r = tables();
	struct reply_asked asked = { .code = 550, .text = bytes_str("unknown user"), .phase = bytes_str("rcpt") };
	struct matcher *m;

	add_table(r, REPLIES "generic-postfix\t550\t*\tunknown user\tof.the-site\tm\tr\ts\tv\n");
	m = matcher_new(r->knowledge);
	assert_bytes(matcher_find(m, &asked)->cause, "of.the-site");
	matcher_free(m);
	rules_free(r);
}

static void
memory_has_an_end_and_stays_right(void **state UNUSED)
{
	struct rules *r = tables();
	struct matcher *m = matcher_new(r->knowledge);

	for (unsigned i = 0; i < 5 * REPLY_CACHE_MAX; i++) {
		char text[100];
		struct reply_asked asked = { .code = 550, .phase = bytes_str("rcpt") };

		snprintf(text, sizeof(text), "%s user a%ub", i % 3 == 0 ? "unknown" : "known", i % 9999);
		asked.text = bytes_str(text);
		assert_bytes(matcher_find(m, &asked)->cause, i % 3 == 0 ? "of.software" : "by.code");
	}
	ask_all(m);
	matcher_free(m);
	rules_free(r);
}

static void
a_name_of_a_user_is_no_cause(void **state UNUSED)
{
	struct rules *r = tables();
	struct matcher *m = matcher_new(r->knowledge);
	struct reply_asked asked = { .code = 550,
				     .phase = bytes_str("rcpt"),
				     .text = bytes_str("<unknown user@example.com> unknown.user@example.com rejected"),
				     .recipient = bytes_str("unknown.user@example.com") };

	assert_bytes(matcher_find(m, &asked)->cause, "of.software");
	asked.text = bytes_str("<unknown.user@example.com>: Unknown.User@example.com rejected");
	assert_bytes(matcher_find(m, &asked)->cause, "by.code");
	asked.text = bytes_str("<spam@example.com>: no spam@example.net");
	asked.recipient = bytes_str("spam@example.net");
	assert_bytes(matcher_find(m, &asked)->cause, "by.code");
	asked.text = bytes_str("<spam@example.com>: no spam");
	assert_bytes(matcher_find(m, &asked)->cause, "content.spam");
	matcher_free(m);
	rules_free(r);
}

static const struct {
	const char *text, *recipient, *folded;
} folds[] = {
	{ "", "", "" },
	{ "<bob@example.com>: no", "", "<*@*>: no" },
	{ "<bob smith@example.com>", "", "<bob smith@example.com>" },
	{ "<bob> <", "", "<bob> <" },
	{ "Bob@Example.com is bob@example.com", "bob@example.com", "*@* is *@*" },
	{ "bob is unknown", "bob", "bob is unknown" },
	{ "queue 123456 of 1234", "", "queue 000000 of 1234" },
	{ "12345", "", "00000" },
	{ "1234x12345x123456", "", "1234x00000x000000" },
	{ "123@example.com is 123@EXAMPLE.com, not 4123@example.com", "123@example.com",
	  "*@* is *@*, not 4123@example.com" },
	{ "bo", "bob@example.com", "bo" },
};

static void
what_differs_from_reply_to_reply_is_blotted_out(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(folds); i++) {
		struct buf out;

		buf_init(&out, 100);
		reply_fold(bytes_str(folds[i].text), bytes_str(folds[i].recipient), &out);
		assert_bytes(buf_bytes(&out), folds[i].folded);
		buf_fini(&out);
	}
}

static const struct fact *
fact_of(const struct session *s, enum fact_id id)
{
	return facts_get(s->facts, id);
}

static void
facts_come_with_a_failure_and_go_with_the_next_reply(void **state UNUSED)
{
	struct rules *r = tables();
	struct matcher *m = matcher_new(r->knowledge);
	struct session *s = session_new(1, "192.0.2.10", "192.0.2.25");

	set_reply(s, 550, "5.1.1", "no", "rcpt");
	matcher_set_facts(m, s);
	assert_bytes(fact_of(s, FACT_ID_SMTP_REPLY_CAUSE)->text, "by.enhanced");
	assert_bytes(fact_of(s, FACT_ID_SMTP_REPLY_MEANING)->text, "no such mailbox.");
	assert_int_equal(fact_of(s, FACT_ID_SMTP_REPLY_CAUSE)->when.packet, 0); /* our reading is no evidence */
	assert_null(fact_of(s, FACT_ID_SMTP_REPLY_REMEDY));
	assert_null(fact_of(s, FACT_ID_SMTP_REPLY_PROVIDER));
	facts_unset(s->facts, FACT_ID_SMTP_REPLY_FAILURE);
	set_number(s, FACT_ID_SMTP_REPLY_CODE, 250);
	matcher_set_facts(m, s);
	assert_null(fact_of(s, FACT_ID_SMTP_REPLY_CAUSE));
	assert_null(fact_of(s, FACT_ID_SMTP_REPLY_MEANING));
	session_free(s);
	matcher_free(m);
	rules_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_tables_are_refused_as_a_whole),
		cmocka_unit_test(a_cause_has_the_advice_of_its_nearest_relative),
		cmocka_unit_test(the_row_that_tells_most_is_found),
		cmocka_unit_test(rows_of_the_site_come_before_those_built_in),
		cmocka_unit_test(memory_has_an_end_and_stays_right),
		cmocka_unit_test(a_name_of_a_user_is_no_cause),
		cmocka_unit_test(what_differs_from_reply_to_reply_is_blotted_out),
		cmocka_unit_test(facts_come_with_a_failure_and_go_with_the_next_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
