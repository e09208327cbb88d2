/* Words that any server may use: what they are looked for in, and where they count. */
#include "fixture.h"

#include "rules/mask.h"
#include "rules/matcher.h"

#define PHRASES "phase\tcode\tenhanced\tpattern\tcause_id\tcause\n"

static const struct {
	const char *text, *masked;
} masks[] = {
	{ "", "" },
	{ "No such user here.", "No such user here." },
	{ "mx.spam-filter.example.com: no", "**.***********.*******.***: no" },
	{ "MX1.EXAMPLE.COM refused.", "***.*******.*** refused." },
	{ "[mx.example.com[192.0.2.1]]", "[**.*******.***[192.0.2.1]]" },
	{ "see https://example.com/a?b=relay, or www.example.net/spam)",
	  "see *****://*******.***/*?*=*****, or ***.*******.***/****)" },
	{ "<*@*> spam@example.com: spam", "<*@*> ****@*******.***: spam" },
	{ "(bob@example.com:blocked)", "(***@*******.***:blocked)" },
	{ "@", "@" },
	{ "a@", "*@" },
	{ "://x www.", "://x ***." },
	{ "BAD_RECIPIENT_", "BAD RECIPIENT " },
	/* not hosts */
	{ "192.0.2.10 #5.7.1 e.g. v1.2", "192.0.2.10 #5.7.1 e.g. v1.2" },
	{ "denied.Please see Virus.Name.EICAR_1", "denied.Please see Virus.Name.EICAR 1" },
	{ "..a .com com. -", "..a .com com. -" },
	{ "caf\xc3\xa9.example.com \xff", "caf\xc3\xa9.*******.*** \xff" },
};

static void
names_are_stars_and_places_stay(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		struct buf out;

		buf_init(&out, 200);
		reply_mask(bytes_str(masks[i].text), &out);
		assert_bytes(buf_bytes(&out), masks[i].masked);
		assert_int_equal(buf_bytes(&out).len, strlen(masks[i].text));
		buf_fini(&out);
	}
}

static struct rules *
tables(void)
{
	struct rules *r = no_rules();

	add_table(r, PHRASES "mail|data\t*\t*\tunknown\tof.sender\tm\n"
			     "auth\t5xx\t*\tunknown\tof.login\tm\n"
			     "*\t4xx|5xx\t*\tunknown and more\tnever.in-mail\tm\n"
			     "rcpt\t550\t*\tunknown\tof.recipient\tm\n"
			     "data-end\t*\t5.7.1|5.0.0\tunknown\tof.content\tm\n"
			     "*\t*\t*\ton (?<list>\\*[*.]*\\*)\tof.list\tm\n");
	return r;
}

static const struct {
	unsigned code;
	const char *enhanced, *phase, *text, *cause, *list;
} questions[] = {
	/* the same words mean another thing in another phase */
	{ 550, "", "mail", "unknown", "of.sender", "" },
	{ 550, "", "auth", "unknown", "of.login", "" },
	{ 550, "", "rcpt", "unknown", "of.recipient", "" },
	{ 550, "", "quit", "unknown", "", "" },
	/* under the codes of the row */
	{ 454, "", "auth", "unknown", "", "" },
	{ 551, "", "rcpt", "unknown", "", "" },
	{ 451, "", "mail", "unknown", "of.sender", "" },
	/* under its enhanced codes, or without one */
	{ 550, "", "data-end", "unknown", "of.content", "" },
	{ 550, "5.7.1", "data-end", "unknown", "of.content", "" },
	{ 550, "5.2.2", "data-end", "unknown", "", "" },
	/* the first row wins, whatever else fits */
	{ 550, "", "mail", "unknown and more", "of.sender", "" },
	{ 550, "", "rcpt", "unknown and more", "never.in-mail", "" },
	/* no cause in names, but the name itself is told */
	{ 550, "", "rcpt", "unknown.example.com", "", "" },
	{ 550, "", "helo", "192.0.2.1 on Zen.Example", "", "" },
	{ 550, "", "helo", "192.0.2.1 on zen.example.net.", "of.list", "zen.example.net" },
};

static void
phrases_belong_to_phases(void **state UNUSED)
{
	struct rules *r = tables();
	struct matcher *m = matcher_new(r->knowledge);

	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		struct reply_asked asked = { .code = questions[i].code,
					     .enhanced = bytes_str(questions[i].enhanced),
					     .text = bytes_str(questions[i].text),
					     .phase = bytes_str(questions[i].phase) };
		const struct reply_meaning *meaning = matcher_find(m, &asked);

		if (!bytes_eq_str(meaning->cause, questions[i].cause))
			fail_msg("question %zu: %.*s", i, (int)meaning->cause.len, (const char *)meaning->cause.p);
		assert_bytes(meaning->list, questions[i].list);
		assert_bytes(meaning->basis, questions[i].cause[0] ? "text" : "");
	}
	matcher_free(m);
	rules_free(r);
}

static void
texts_of_software_come_first(void **state UNUSED)
{
	struct rules *r = tables();
	struct reply_asked asked = { .code = 550, .text = bytes_str("unknown"), .phase = bytes_str("mail") };
	struct matcher *m;

	add_table(r, "provider\tcode\tenhanced\tregex\tcause_id\tcause\tremedy\tsource\tverified\n"
		     "generic\t550\t*\tunknown\tof.generic\tm\tr\ts\tv\n"
		     "generic-exim\t550\t*\tunknown\tof.software\tm\tr\ts\tv\n");
	m = matcher_new(r->knowledge);
	assert_bytes(matcher_find(m, &asked)->cause, "of.software");
	asked.code = 551;
	assert_bytes(matcher_find(m, &asked)->cause, "of.software");
	asked.code = 450;
	assert_bytes(matcher_find(m, &asked)->cause, "of.sender");
	matcher_free(m);
	rules_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_stars_and_places_stay),
		cmocka_unit_test(phrases_belong_to_phases),
		cmocka_unit_test(texts_of_software_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
