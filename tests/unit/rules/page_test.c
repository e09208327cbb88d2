/* The list of rules, and a rule as a page. */
#include "fixture.h"

#include "rules/builtin.h"
#include "rules/paragraph.h"

static const char two[] =
    "- id: blocked\n  over: [client.address, server.port, server.address]\n"
    "  when: count(connect.unanswered && server.port == 25) >= 2 && count(connect.established && server.port != 25) >= "
    "1\n"
    "  certainty: proven\n  severity: error\n  fault: path\n  title: \"Port {server.port} is blocked\"\n"
    "  means: m\n  not_proven: n\n  remedy: \"\"\n  explains: [no-answer]\n"
    "- id: no-answer\n  over: session\n  when: connect.unanswered && tcp.closed_by matches \"^[a-z]+\\\\.$\"\n"
    "  signs:\n    - {weight: 3, if: connect.syns >= 3, say: \"{connect.syns} SYNs\"}\n"
    "    - {weight: -12, if: tcp.one_sided}\n"
    "  certainty: {likely: 3, possible: 0}\n"
    "  severity:\n    - {if: connect.syns == 1, then: warning}\n    - then: info\n"
    "  fault:\n    - {if: connect.refused, then: server}\n    - then: unknown\n"
    "  title: \"{server.address}\\nis \\e[31m silent\"\n"
    "  means: Nothing came back, although the capture went on for a while after the last SYN that the client sent.\n"
    "  not_proven: n\n  remedy: r\n  last_resort: true\n  source: RFC 9293\n";

static const char page[] = "no-answer\n"
			   "  {server.address} is \\x1b[31m silent\n"
			   "\n"
			   "  looks at each attempt (TCP connection) when it has ended (only where no other\n"
			   "    rule finds something wrong)\n"
			   "\n"
			   "  Certainty: likely from 3 points or possible from 0 points\n"
			   "  Severity: warning if connect.syns == 1; else info\n"
			   "  Has to act: server if connect.refused; else unknown\n"
			   "\n"
			   "  Holds when\n"
			   "    connect.unanswered && tcp.closed_by matches \"^[a-z]+\\\\.$\"\n"
			   "\n"
			   "  Signs, each with its weight\n"
			   "    +3 connect.syns >= 3\n"
			   "         says: \"{connect.syns} SYNs\"\n"
			   "    -12 tcp.one_sided\n"
			   "\n"
			   "  What it means\n"
			   "    Nothing came back, although the capture went on for a while after the last\n"
			   "    SYN that the client sent.\n"
			   "\n"
			   "  What it does not prove\n"
			   "    n\n"
			   "\n"
			   "  What to do\n"
			   "    r\n"
			   "\n"
			   "  May be explained by\n"
			   "    blocked\n"
			   "\n"
			   "  Source\n"
			   "    RFC 9293\n";

static char *
print(const struct rules *r, const char *id)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	if (id)
		assert_true(rules_print(r, id, out));
	else
		rules_list(r, out);
	fclose(out);
	return text;
}

static void
a_page_has_all_that_the_rule_says(void **state UNUSED)
{
	struct rules *r = rules_of(two);
	char *text = print(r, "no-answer");

	assert_string_equal(text, page);
	free(text);
	text = print(r, "blocked");
	assert_non_null(strstr(text, "looks at all attempts that have the same client.address, server.port and\n"
				     "    server.address\n"));
	assert_non_null(strstr(text, "  Explains\n    no-answer\n"));
	assert_non_null(strstr(text, "  Holds when\n    count(connect.unanswered && server.port == 25) >= 2 &&\n"
				     "    count(connect.established && server.port != 25) >= 1\n"));
	assert_null(strstr(text, "What to do")); /* there is nothing in it */
	free(text);
	assert_false(rules_print(r, "no", stdout));
	rules_free(r);
}

static void
the_list_has_a_line_per_rule(void **state UNUSED)
{
	struct rules *r = rules_of(two);
	char *text = print(r, NULL);

	assert_string_equal(text, "blocked    error    path       Port {server.port} is blocked\n"
				  "no-answer  warning  depends    {server.address} is \\x1b[31m silent\n");
	free(text);
	rules_free(r);
}

static bool
is_wide(const char *line, size_t len)
{
	const char *blank = memchr(line + strspn(line, " "), ' ', len - strspn(line, " "));

	return len > 80 && blank; /* one long word may stand alone */
}

/* Whatever the catalogue holds: its patterns compile, and its pages fit. */
static void
all_that_is_built_in_is_good(void **state UNUSED)
{
	struct rules *r = rules_new_builtin();
	struct err e = { "" };

	for (size_t i = 0; i < builtin_count(); i++) {
		struct knowledge *k = knowledge_new();

		if (strstr(builtin_name(i), ".tsv") && !knowledge_add(k, builtin_name(i), builtin_text(i), true, &e))
			fail_msg("%s", e.text);
		knowledge_free(k);
	}
	assert_true(r->knowledge->n_replies > 0 && r->knowledge->n_codes > 0 && r->knowledge->n_signs > 0 &&
		    r->knowledge->n_causes > 0);
	for (size_t i = 0; i < r->n; i++) {
		char *text = print(r, r->rule[i]->id);

		for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
			if (is_wide(line, (size_t)(end - line)))
				fail_msg("%s: %.*s", r->rule[i]->id, (int)(end - line), line);
		}
		free(text);
	}
	rules_free(r);
}

static void
words_are_never_lost(void **state UNUSED)
{
	char *text = NULL, word[200];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct paragraph p;

	assert_non_null(out);
	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	paragraph_begin(&p, out, 2, 4);
	paragraph_str(&p, "a");
	paragraph_str(&p, word);
	paragraph_str(&p, "b \n\t c");
	paragraph_glue(&p, ",");
	paragraph_add(&p, bytes_of("\0\xff", 2));
	paragraph_end(&p);
	fclose(out);
	assert_int_equal(len, 2 + 1 + 1 + 4 + 199 + 1 + 4 + 1 + 1 + 2 + 1 + 8 + 1);
	assert_string_equal(text + len - 19, "\n    b c, \\x00\\xff\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_has_all_that_the_rule_says),
		cmocka_unit_test(the_list_has_a_line_per_rule),
		cmocka_unit_test(all_that_is_built_in_is_good),
		cmocka_unit_test(words_are_never_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
