/* Rule files: what is accepted, and mistakes reported with file, line and column. */
#include "fixture.h"

#include <unistd.h>

#include "base/limits.h"

#define GOOD RULE("good", "session", "connect.unanswered", PROVEN_ERROR)
#define IN_GROUP(more) RULE("a", "[server.address]", "count(connect.unanswered) > 1", more)

static const struct {
	const char *yaml, *message;
} mistakes[] = {
	/* the file */
	{ "", "test.yaml:1:1: no rules in this file" },
	{ "# nothing\n", "test.yaml:1:1: no rules in this file" },
	{ "id: a\n", "test.yaml:1:1: a list of rules (- id: ...) is expected here" },
	{ "- a\n", "test.yaml:1:3: a rule: keys and values is expected here" },
	{ "- id: [\n", "test.yaml:2:1: not YAML: " },
	{ "- id: \x01\n", "test.yaml:1:7: not YAML: " },
	{ "- id: a\n- id: \xff\n", "test.yaml:2:7: not YAML: " },
	/* keys */
	{ RULE("a", "session", "connect.unanswered", PROVEN_ERROR "  titel: x\n"),
	  "test.yaml:11:3: unknown key titel; did you mean title?" },
	{ RULE("a", "session", "connect.unanswered", PROVEN_ERROR "  title: x\n"),
	  "test.yaml:11:3: the key title stands twice" },
	{ RULE("a", "session", "connect.unanswered", "  severity: error\n"),
	  "test.yaml:1:3: the key certainty is missing" },
	{ RULE("a", "session", "connect.unanswered", PROVEN_ERROR "  ? [x]\n  : y\n"),
	  "test.yaml:11:5: a key is expected here" },
	/* ids and words */
	{ RULE("A", "session", "connect.unanswered", PROVEN_ERROR), "test.yaml:1:7: an id has small letters" },
	{ RULE("''", "session", "connect.unanswered", PROVEN_ERROR), "test.yaml:1:7: an id has 1 to 64 letters" },
	{ GOOD GOOD, "test.yaml:11:7: the id good stands twice, first in line 1 of test.yaml" },
	{ RULE("a", "sessions", "connect.unanswered", PROVEN_ERROR),
	  "test.yaml:2:9: unknown word sessions; did you mean session?" },
	{ RULE("a", "session", "connect.unanswered", "  certainty: proven\n  severity: fatal\n"),
	  "test.yaml:10:13: unknown word fatal" },
	{ RULE("a", "session", "connect.unanswered", "  severity: error\n  certainty: maybe\n"),
	  "test.yaml:10:14: unknown word maybe" },
	{ RULE("a", "session", "connect.unanswered", PROVEN_ERROR "  last_resort: yes\n"),
	  "test.yaml:11:16: unknown word yes" },
	/* conditions, wherever YAML lets them stand */
	{ RULE("a", "session", "connect.unanswerd", PROVEN_ERROR),
	  "test.yaml:3:9: unknown fact connect.unanswerd; did you mean connect.unanswered?" },
	{ RULE("a", "session", "connect.unanswered && connect.sins > 1", PROVEN_ERROR),
	  "test.yaml:3:31: unknown fact connect.sins; did you mean connect.syns?" },
	{ RULE("a", "session", "\"connect.unanswered && connect.sins > 1\"", PROVEN_ERROR),
	  "test.yaml:3:32: unknown fact connect.sins" },
	{ RULE("a", "session", "'tcp.closed_by == \"o''clock\" && connect.sins > 1'", PROVEN_ERROR),
	  "test.yaml:3:41: unknown fact connect.sins" },
	{ RULE("a", "session", "\"tcp.closed_by == \\\"a\\\" && connect.sins > 1\"", PROVEN_ERROR),
	  "test.yaml:3:36: unknown fact connect.sins" },
	{ RULE("a", "session", "\"tcp.closed_by == \\\"\xc3\xa9\\\" && connect.sins > 1\"", PROVEN_ERROR),
	  "test.yaml:3:36: unknown fact connect.sins" },
	{ RULE("a", "session", "connect.unanswered &&\n    connect.sins > 1", PROVEN_ERROR),
	  "test.yaml:4:5: unknown fact connect.sins" },
	{ RULE("a", "session", ">\n    connect.unanswered &&\n    connect.sins > 1", PROVEN_ERROR),
	  "test.yaml:5:5: unknown fact connect.sins" },
	{ RULE("a", "session", "|\n    connect.unanswered &&\n\n    connect.sins > 1", PROVEN_ERROR),
	  "test.yaml:6:5: unknown fact connect.sins" },
	{ RULE("a", "session", "[connect.unanswered]", PROVEN_ERROR), "test.yaml:3:9: a condition is expected here" },
	{ RULE("a", "session", "smtp.reply.code == 550", PROVEN_ERROR),
	  "test.yaml:3:9: the fact smtp.reply.code belongs to a reply" },
	{ RULE("a", "capture", "connect.unanswered", PROVEN_ERROR),
	  "test.yaml:3:9: the fact connect.unanswered belongs to a session, but the capture is judged" },
	{ RULE("a", "message", "recipient.accepted", PROVEN_ERROR),
	  "test.yaml:3:9: the fact recipient.accepted belongs to a recipient, but a message is judged" },
	/* a ! that YAML takes for its own */
	{ RULE("a", "session", "!connect.unanswered", PROVEN_ERROR),
	  "test.yaml:3:9: YAML takes the ! for a tag: put this in quotes" },
	{ RULE("a", "session", "!connect.unanswered connect.syns", PROVEN_ERROR),
	  "test.yaml:3:9: YAML takes the ! for a tag: put this in quotes" },
	{ RULE("a", "session", "!connect.unanswered && connect.syns", PROVEN_ERROR),
	  "; a condition that begins with ! needs quotes" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  detail: !x [connect.syns]\n"),
	  "test.yaml:11:11: YAML takes the ! for a tag" },
	/* texts */
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  evidence: {connect.syns: \"{connect.sins} times\"}\n"),
	  "test.yaml:11:30: unknown fact connect.sins" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  evidence: {connect.sins: x}\n"),
	  "test.yaml:11:14: unknown fact connect.sins; did you mean connect.syns?" },
	/* signs and certainty */
	{ RULE("a", "session", "connect.syns", "  severity: error\n  certainty: {proven: 3}\n"),
	  "test.yaml:10:14: thresholds need signs" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  signs:\n    - {weight: 1.5, if: connect.syns}\n"),
	  "test.yaml:12:16: a whole number from -1000 to 1000" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  signs:\n    - {weight: 1}\n"),
	  "test.yaml:12:7: the key if is missing" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  signs:\n    - {wait: 1, if: connect.syns}\n"),
	  "test.yaml:12:8: unknown key wait" },
	{ RULE("a", "session", "connect.syns",
	       "  certainty: proven\n  severity:\n    - {if: connect.syns > 3, then: error}\n"),
	  "test.yaml:11:5: the last of the list must be {then: word} without if" },
	{ RULE("a", "session", "connect.syns", "  certainty: proven\n  severity: []\n"), "test.yaml:10:13: the last" },
	/* relations */
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  explains: [goood]\n") GOOD,
	  "test.yaml:11:14: explains names the unknown rule goood; did you mean good?" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  explains: [a]\n"),
	  "test.yaml:11:14: explains goes in a circle through a" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  explains: [b]\n")
	      RULE("b", "session", "connect.syns", PROVEN_ERROR "  explains: [c]\n")
		  RULE("c", "session", "connect.syns", PROVEN_ERROR "  explains: [a]\n"),
	  ": explains goes in a circle through " },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  merge_by: [server.adress]\n"),
	  "test.yaml:11:14: unknown fact server.adress; did you mean server.address?" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  merge_by: []\n"), "test.yaml:11:13: the list is empty" },
	{ RULE("a", "session", "connect.syns", PROVEN_ERROR "  detail: [smtp.reply.code]\n"),
	  "test.yaml:11:12: the fact smtp.reply.code is not known when a session is judged" },
	/* groups */
	{ RULE("a", "[server.address]", "connect.unanswered", PROVEN_ERROR),
	  "test.yaml:3:9: over a group of sessions, write count(...)" },
	{ RULE("a", "[server.address]", "count(connect.syns) > connect.syns", PROVEN_ERROR),
	  "test.yaml:3:9: over a group of sessions, write count(...)" },
	{ RULE("a", "[]", "count(connect.syns) > 1", PROVEN_ERROR), "test.yaml:2:9: the list is empty" },
	{ RULE("a", "session", "count(connect.syns) > 1", PROVEN_ERROR),
	  "test.yaml:3:9: counting needs a rule over a group of sessions" },
	{ IN_GROUP(PROVEN_ERROR "  signs: [{weight: 1, if: connect.syns}]\n"),
	  "test.yaml:11:10: a rule over a group of sessions has no signs" },
	{ IN_GROUP(PROVEN_ERROR "  merge_by: [server.address]\n"), "test.yaml:11:13: a rule over a group" },
	{ IN_GROUP(PROVEN_ERROR "  detail: [server.address, client.address]\n"),
	  "test.yaml:11:11: over a group of sessions, detail may name only the facts in over" },
	{ IN_GROUP(PROVEN_ERROR "  last_resort: true\n"),
	  "test.yaml:11:16: a rule over a group of sessions cannot be one of last resort" },
	{ IN_GROUP("  certainty: proven\n  severity:\n    - {if: connect.syns > 1, then: info}\n    - then: error\n"),
	  "test.yaml:11:5: over a group of sessions, this may depend only on the facts in over" },
	{ IN_GROUP("  certainty: proven\n  severity:\n    - {if: count(connect.syns) > 1, then: info}\n"
		   "    - then: error\n"),
	  "test.yaml:11:12: counting needs a rule over a group" },
	{ "- id: a\n  over: [server.address]\n  when: count(connect.syns) > 1\n  certainty: proven\n"
	  "  severity: error\n  fault: server\n  title: \"{client.address}\"\n  means: m\n  not_proven: n\n"
	  "  remedy: r\n",
	  "test.yaml:7:10: over a group of sessions, texts may name only the facts in over" },
};

static void
mistakes_are_named_with_their_place(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct rules *r = no_rules();
		struct err e = { "" };

		if (rules_load_text(r, "test.yaml", bytes_str(mistakes[i].yaml), &e))
			fail_msg("accepted:\n%s", mistakes[i].yaml);
		if (!strstr(e.text, mistakes[i].message))
			fail_msg("%s\n%s\ninstead of %s", mistakes[i].yaml, e.text, mistakes[i].message);
		assert_int_equal(r->n, 0);
		rules_free(r);
	}
}

static const char *const accepted[] = {
	GOOD,
	"--- \n" GOOD "---\n" RULE("other", "reply", "smtp.reply.failure", PROVEN_ERROR),
	RULE("a", "session", ">\n    connect.unanswered &&\n    connect.syns > 1\n", PROVEN_ERROR),
	RULE("a", "recipient", "recipient.accepted && smtp.reply.code == 250 && connect.syns && message.sender",
	     PROVEN_ERROR),
	RULE("a", "capture", "capture.packets == 0", PROVEN_ERROR),
	RULE("a", "session", "connect.syns",
	     "  signs: [{weight: -4, if: connect.unanswered}]\n  certainty: {proven: 6, likely: 3, possible: -9}\n"
	     "  severity:\n    - {if: connect.syns > 1, then: warning}\n    - then: error\n"
	     "  evidence: {connect.syns: \"{connect.syns} SYNs\", connect.unanswered: \"\"}\n"
	     "  detail: [connect.syns]\n  merge_by: [server.address]\n  last_resort: true\n  source: RFC 9293\n"),
	IN_GROUP(
	    "  certainty: likely\n  detail: [server.address]\n  evidence: {connect.syns: \"{connect.syns} SYNs\"}\n"
	    "  severity:\n    - {if: server.address == 192.0.2.1, then: info}\n    - then: error\n"),
	RULE("a", "session", "connect.syns", PROVEN_ERROR "  explains: [b, c]\n")
	    RULE("b", "session", "connect.syns", PROVEN_ERROR "  explains: [c]\n")
		RULE("c", "session", "connect.syns", PROVEN_ERROR),
};

static void
good_files_are_accepted(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		struct rules *r = rules_of(accepted[i]);

		assert_true(r->n > 0);
		rules_free(r);
	}
}

static void
a_later_rule_takes_the_place_of_its_namesake(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("first", "session", "connect.syns", PROVEN_ERROR "  explains: [good]\n") GOOD);
	struct err e = { "" };

	assert_true(rules_load_text(r, "more.yaml",
				    bytes_str(RULE("first", "reply", "smtp.reply.code", PROVEN_ERROR)
						  RULE("new", "session", "connect.syns", PROVEN_ERROR)),
				    &e));
	assert_int_equal(r->n, 3);
	assert_string_equal(r->rule[0]->id, "first");
	assert_int_equal(r->rule[0]->over, OVER_REPLY);
	assert_string_equal(r->rule[2]->id, "new");
	rules_free(r);
}

static void
a_bad_file_changes_nothing(void **state UNUSED)
{
	struct rules *r = rules_of(RULE("first", "session", "connect.syns", PROVEN_ERROR "  explains: [good]\n") GOOD);
	const struct rule *good = rules_find(r, "good");
	struct err e = { "" };

	assert_false(rules_load_text(r, "bad.yaml", bytes_str(GOOD "- id: x\n"), &e));
	assert_string_equal(e.text, "bad.yaml:11:3: the key over is missing");
	assert_ptr_equal(rules_find(r, "good"), good);
	/* together with the old rules this one would go in a circle */
	assert_false(rules_load_text(
	    r, "bad.yaml", bytes_str(RULE("good", "session", "connect.syns", PROVEN_ERROR "  explains: [first]\n")),
	    &e));
	assert_ptr_equal(rules_find(r, "good"), good);
	assert_int_equal(r->n, 2);
	assert_null(rules_find(r, "x"));
	rules_free(r);
}

static void
a_huge_file_is_refused(void **state UNUSED)
{
	struct rules *r = no_rules();
	struct err e = { "" };
	size_t n = RULE_FILE_MAX + 1;
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, '#', n);
	assert_false(rules_load_text(r, "test.yaml", bytes_of(text, n), &e));
	assert_non_null(strstr(e.text, "test.yaml: larger than"));
	memset(text, ' ', n);
	memcpy(text, "- id: a\n  title: ", 17);
	memset(text + 17, 'x', RULE_TEXT_MAX + 1);
	memcpy(text + 17 + RULE_TEXT_MAX + 1,
	       "\n  over: session\n  when: connect.syns\n" PROVEN_ERROR "  fault: path\n",
	       sizeof("\n  over: session\n  when: connect.syns\n" PROVEN_ERROR "  fault: path\n") - 1);
	assert_false(rules_load_text(r, "test.yaml", bytes_of(text, RULE_TEXT_MAX + 200), &e));
	assert_string_equal(e.text, "test.yaml:2:10: longer than 4096 bytes");
	free(text);
	rules_free(r);
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
remove_file(const char *dir, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

static void
a_directory_is_read_in_the_order_of_its_names(void **state UNUSED)
{
	char dir[] = "/tmp/rules-test-XXXXXX", expected[100];
	struct rules *r = no_rules();
	struct err e = { "" };

	assert_non_null(mkdtemp(dir));
	assert_false(rules_load(r, dir, &e));
	assert_non_null(strstr(e.text, "no *.yaml and no *.tsv here"));
	write_file(dir, "20-b.yaml", GOOD);
	write_file(dir, "10-a.yaml", RULE("first", "session", "connect.syns", PROVEN_ERROR "  explains: [good]\n"));
	write_file(dir, ".hidden.yaml", "not rules");
	write_file(dir, "notes.txt", "not rules");
	write_file(dir, "causes.tsv", "cause\twho_acts\tretry\nsize\tuser\tpermanent\n");
	assert_true(rules_load(r, dir, &e));
	assert_int_equal(r->n, 2);
	assert_string_equal(r->rule[0]->id, "first");
	assert_int_equal(r->knowledge->n_causes, 1);
	write_file(dir, "causes.tsv", "cause\twho_acts\tretry\nsize\tuser\n");
	assert_false(rules_load(r, dir, &e));
	snprintf(expected, sizeof(expected), "%s/causes.tsv:2: 2 columns, the header has 3", dir);
	assert_string_equal(e.text, expected);
	remove_file(dir, "20-b.yaml");
	remove_file(dir, "10-a.yaml");
	remove_file(dir, ".hidden.yaml");
	remove_file(dir, "notes.txt");
	remove_file(dir, "causes.tsv");
	assert_false(rules_load(r, "/nowhere/at/all", &e));
	assert_string_equal(e.text, "/nowhere/at/all: No such file or directory");
	assert_int_equal(rmdir(dir), 0);
	rules_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_named_with_their_place),
		cmocka_unit_test(good_files_are_accepted),
		cmocka_unit_test(a_later_rule_takes_the_place_of_its_namesake),
		cmocka_unit_test(a_bad_file_changes_nothing),
		cmocka_unit_test(a_huge_file_is_refused),
		cmocka_unit_test(a_directory_is_read_in_the_order_of_its_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
