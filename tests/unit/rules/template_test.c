/* Texts with facts filled in. */
#include "fixture.h"

static const struct expr_scope scope = { 1U << SCOPE_SESSION, false, "a session" };

static const struct {
	const char *text, *filled;
} fills[] = {
	{ "", "" },
	{ "plain words", "plain words" },
	{ "TTL {tcp.reset.ttl}.", "TTL 61." },
	{ "{client.address} waits {connect.watched}", "192.0.2.10 waits 3.5 s" },
	{ "{connect.rtt}", "24 ms" },
	{ "{connect.unanswered}{tcp.closed_by}", "yesserver" },
	/* what is absent takes one of the blanks along */
	{ "a {smtp.ehlo.name} b", "a b" },
	{ "{smtp.ehlo.name} b", "b" },
	{ "a {smtp.ehlo.name}", "a " },
	{ "a({smtp.ehlo.name})", "a()" },
	/* the first that is known */
	{ "{smtp.ehlo.name|tcp.closed_by}", "server" },
	{ "{tcp.closed_by|smtp.ehlo.name}", "server" },
	{ "{smtp.ehlo.name|\"somebody\"} left", "somebody left" },
	{ "{smtp.ehlo.name|auth.user|\"\"} left", "left" },
	/* braces */
	{ "{{tcp.reset.ttl}", "{tcp.reset.ttl}" },
	{ "}{{}", "}{}" },
};

static void
facts_are_filled_in(void **state UNUSED)
{
	struct session *s = session_new(1, "192.0.2.10", "192.0.2.25");

	set_number(s, FACT_ID_TCP_RESET_TTL, 61);
	set_text(s, FACT_ID_TCP_CLOSED_BY, "server");
	set_truth(s, FACT_ID_CONNECT_UNANSWERED);
	facts_set_seconds(s->facts, FACT_ID_CONNECT_WATCHED, 3.5, at(3));
	facts_set_seconds(s->facts, FACT_ID_CONNECT_RTT, 0.024, at(3));
	for (size_t i = 0; i < ARRAY_LEN(fills); i++) {
		struct expr_error e;
		struct template *t = template_new(bytes_str(fills[i].text), &scope, &e);
		struct buf out;

		if (!t)
			fail_msg("%s: %s", fills[i].text, e.text);
		buf_init(&out, 1000);
		template_fill(t, s->facts, &out);
		assert_bytes(buf_bytes(&out), fills[i].filled);
		assert_bytes(template_source(t), fills[i].text);
		assert_int_equal(template_is_empty(t), fills[i].text[0] == '\0');
		buf_fini(&out);
		template_free(t);
	}
	session_free(s);
}

static const struct {
	const char *text;
	size_t offset;
	const char *message;
} mistakes[] = {
	{ "TTL {tcp.reset.tll}", 5, "unknown fact tcp.reset.tll; did you mean tcp.reset.ttl?" },
	{ "x {tcp.reset.ttl|tcp.reset.tll}", 17, "unknown fact tcp.reset.tll" },
	{ "TTL {tcp.reset.ttl", 4, "this { is never closed; write {{ for a brace" },
	{ "x {}", 3, "a fact is missing between { and }" },
	{ "{smtp.reply.code}", 1, "belongs to a reply, but a session is judged" },
	{ "{connect.syns|connect.syns|connect.syns|connect.syns|connect.syns}", 53, "too many alternatives" },
	{ "{a b}", 1, "unknown fact a b" },
};

static void
mistakes_are_named_with_their_place(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct expr_error e;

		assert_null(template_new(bytes_str(mistakes[i].text), &scope, &e));
		if (!strstr(e.text, mistakes[i].message) || e.offset != mistakes[i].offset)
			fail_msg("%s: %zu: %s", mistakes[i].text, e.offset, e.text);
	}
}

static void
a_long_value_is_cut_not_overrun(void **state UNUSED)
{
	struct session *s = session_new(1, "192.0.2.10", "192.0.2.25");
	struct expr_error e;
	struct template *t = template_new(bytes_str("<{smtp.ehlo.name}>"), &scope, &e);
	struct buf out;

	assert_non_null(t);
	set_text(s, FACT_ID_SMTP_EHLO_NAME, "0123456789");
	buf_init(&out, 6);
	template_fill(t, s->facts, &out);
	assert_bytes(buf_bytes(&out), "<01234");
	buf_fini(&out);
	template_free(t);
	session_free(s);
}

static void
count_fact(void *user, enum fact_id id)
{
	unsigned *n = user;

	*n += id == FACT_ID_CONNECT_SYNS ? 1 : 100;
}

static void
all_named_facts_are_seen(void **state UNUSED)
{
	struct expr_error e;
	struct template *t = template_new(bytes_str("{connect.syns} {{ {connect.rtt|connect.syns|\"x\"}"), &scope, &e);
	unsigned n = 0;

	assert_non_null(t);
	template_facts(t, count_fact, &n);
	assert_int_equal(n, 102);
	template_free(t);
	template_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_filled_in),
		cmocka_unit_test(mistakes_are_named_with_their_place),
		cmocka_unit_test(a_long_value_is_cut_not_overrun),
		cmocka_unit_test(all_named_facts_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
