#include "fixture.h"

#include <jansson.h>

#include "report/json.h"

static const struct report_options json = { .format = "json" };

static json_t *
parse(const char *text, size_t len)
{
	json_error_t e;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);

	if (!root)
		fail_msg("line %d: %s", e.line, e.text);
	for (size_t i = 0; i < len; i++)
		assert_true((text[i] >= ' ' && text[i] <= '~') || text[i] == '\n');
	return root;
}

static const char *
string_at(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void
keys_come_in_the_order_of_the_design(void **state)
{
	static const char *const keys[] = {
		"id",  "client", "server", "started", "ended",        "phase",   "outcome",
		"tcp", "smtp",   "tls",    "auth",    "transactions", "replies", "findings"
	};
	struct verdict v = { .text = bytes_str("Fine."), .n_attempts = 1, .n_delivered = 1 };
	struct fixture f;
	struct sink s;
	json_t *root, *session, *value;
	const char *key;
	size_t i = 0;

	(void)state;
	fixture_delivered(&f, 1);
	fixture_report(&s, json, &f, 1, NULL, 0, &v);
	root = parse(s.text, s.len);
	session = json_array_get(json_object_get(root, "sessions"), 0);
	json_object_foreach(session, key, value) assert_string_equal(key, keys[i++]);
	assert_int_equal(i, ARRAY_LEN(keys));
	assert_string_equal(string_at(root, "schema"), "smtptrace/1");
	assert_string_equal(string_at(json_object_get(root, "verdict"), "result"), "ok");
	assert_true(json_is_null(json_object_get(session, "tls")));
	assert_true(json_is_null(json_object_get(session, "auth")));
	assert_string_equal(string_at(json_object_get(session, "tcp"), "handshake"), "complete");
	assert_true(json_is_null(json_object_get(json_object_get(session, "tcp"), "reset_by")));
	json_decref(root);
	sink_close(&s);
}

static void
times_are_exact_to_the_microsecond(void **state)
{
	struct verdict v = { .text = bytes_str("Fine.") };
	struct fixture f;
	struct sink s;

	(void)state;
	fixture_delivered(&f, 1);
	f.session.started = (struct when){ .packet = 1, .time_ns = 1700000000000001000LL };
	f.session.ended = (struct when){ .packet = 1, .time_ns = 2147483647999999999LL };
	fixture_report(&s, json, &f, 1, NULL, 0, &v);
	assert_non_null(strstr(s.text, "\"started\": 1700000000.000001,"));
	assert_non_null(strstr(s.text, "\"ended\": 2147483647.999999,"));
	sink_close(&s);
}

static void
absent_knowledge_is_null(void **state)
{
	struct verdict v = { .text = bytes_str("Failed."), .result = SEVERITY_ERROR };
	struct fixture f;
	struct sink s;
	json_t *root, *session, *smtp;

	(void)state;
	fixture_unanswered(&f, 1);
	f.session.ended = (struct when){ 0 };
	fixture_report(&s, json, &f, 1, NULL, 0, &v);
	root = parse(s.text, s.len);
	session = json_array_get(json_object_get(root, "sessions"), 0);
	smtp = json_object_get(session, "smtp");
	assert_true(json_is_null(json_object_get(session, "ended")));
	assert_true(json_is_null(json_object_get(smtp, "greeting")));
	assert_true(json_is_null(json_object_get(smtp, "starttls")));
	assert_string_equal(string_at(json_object_get(session, "tcp"), "handshake"), "unanswered");
	assert_string_equal(string_at(json_object_get(session, "tcp"), "closed_by"), "none");
	assert_string_equal(string_at(json_object_get(root, "verdict"), "result"), "error");
	json_decref(root);
	sink_close(&s);
}

/* An attempt that died at DNS never had a connection. */
static void
a_session_without_tcp_is_possible(void **state)
{
	static const char *const formats[] = { "json", "ndjson", "text", "html", "markdown", "csv" };
	struct verdict v = { .text = bytes_str("Failed.") };
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct report_options o = { .format = formats[i], .is_verbose = i % 2 == 0 };
		struct sink s;

		fixture_unanswered(&f, 1);
		f.session.tcp = NULL;
		fixture_report(&s, o, &f, 1, NULL, 0, &v);
		assert_true(s.len > 0);
		sink_close(&s);
	}
}

static void
findings_are_linked_both_ways(void **state)
{
	const uint64_t ids[] = { 2 };
	struct evidence evidence[] = { { at(10, 100), bytes_str("550 5.1.1 No such user") } };
	struct detail detail[] = { { "smtp.reply.code", bytes_str("550"), true },
				   { "smtp.reply.delay", bytes_str("0.5"), true },
				   { "odd", bytes_str("nan"), true },
				   { "smtp.reply.text", bytes_str("550"), false } };
	struct finding finding = fixture_finding(3, ids, 1, evidence, 1);
	struct verdict v = { .text = bytes_str("Failed."), .result = SEVERITY_ERROR };
	struct fixture f[2];
	struct sink s;
	json_t *root, *sessions, *first, *values;

	(void)state;
	finding.detail = detail;
	finding.n_detail = 4;
	fixture_refused(&f[0], 2, bytes_str("No such user"));
	fixture_delivered(&f[1], 1);
	fixture_report(&s, json, f, 2, &finding, 1, &v);
	root = parse(s.text, s.len);
	sessions = json_object_get(root, "sessions");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(sessions, 0), "id")), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(sessions, 0), "findings")), 0);
	first = json_array_get(json_object_get(json_array_get(sessions, 1), "findings"), 0);
	assert_int_equal(json_integer_value(first), 3);
	first = json_array_get(json_object_get(root, "findings"), 0);
	assert_string_equal(string_at(first, "means"), "The mailbox does not exist there. It may have existed.");
	assert_true(json_is_null(json_object_get(first, "caused_by")));
	values = json_object_get(first, "detail");
	assert_true(json_is_integer(json_object_get(values, "smtp.reply.code")));
	assert_true(json_is_real(json_object_get(values, "smtp.reply.delay")));
	assert_true(json_is_string(json_object_get(values, "odd")));
	assert_true(json_is_string(json_object_get(values, "smtp.reply.text")));
	json_decref(root);
	sink_close(&s);
}

/* Wire bytes wherever wire bytes can be. */
static void
fill_with_hostile_bytes(struct fixture *f)
{
	fixture_refused(f, 1, hostile());
	f->session.greeting = f->session.ehlo = f->session.server_name = hostile();
	f->session.auth_mechanism = f->session.auth_user = hostile();
	f->capabilities[0] = f->capabilities[1] = hostile();
	f->recipients[0].address = f->transaction.mail_from = f->transaction.queue_id = hostile();
	f->replies[0].text = f->replies[0].enhanced = f->replies[0].to = hostile();
}

static void
hostile_bytes_stay_valid_json(void **state)
{
	const uint64_t ids[] = { 1 };
	struct evidence evidence[] = { { at(10, 100), hostile() } };
	struct detail detail[] = { { "smtp.reply.text", hostile(), false }, { "n", hostile(), true } };
	struct finding finding = fixture_finding(1, ids, 1, evidence, 1);
	struct verdict v = { .text = hostile() };
	const char *name = "\033]0;\xff.pcap";
	struct report_options o = { .format = "json", .files = &name, .n_files = 1 };
	struct fixture f;
	struct sink s;
	json_t *root, *session;

	(void)state;
	finding.title = finding.means = finding.not_proven = finding.remedy = finding.filter = hostile();
	finding.detail = detail;
	finding.n_detail = 2;
	fill_with_hostile_bytes(&f);
	fixture_report(&s, o, &f, 1, &finding, 1, &v);
	root = parse(s.text, s.len);
	session = json_array_get(json_object_get(root, "sessions"), 0);
	assert_string_equal(string_at(json_object_get(session, "smtp"), "ehlo"),
			    "\\x1b[31m\\x00\\xff\\xc3\"'\\\\\\x7f\\xe2\\x80\\xae<b>\\x0d\\x0a\\x09=1+1");
	json_decref(root);
	sink_close(&s);
}

static void
ndjson_has_one_record_per_line(void **state)
{
	static const char *const types[] = { "schema", "capture", "verdict", "finding", "session" };
	const uint64_t ids[] = { 1 };
	struct finding finding = fixture_finding(1, ids, 1, NULL, 0);
	struct verdict v = { .text = hostile() };
	struct report_options o = { .format = "ndjson" };
	struct fixture f;
	struct sink s;
	struct bytes rest, line;
	size_t i = 0;

	(void)state;
	fill_with_hostile_bytes(&f);
	fixture_report(&s, o, &f, 1, &finding, 1, &v);
	rest = bytes_of(s.text, s.len);
	while (rest.len > 0) {
		json_t *record;

		line = bytes_split(&rest, '\n');
		record = parse((const char *)line.p, line.len);
		assert_true(i < ARRAY_LEN(types));
		assert_string_equal(string_at(record, "type"), types[i++]);
		json_decref(record);
	}
	assert_int_equal(i, ARRAY_LEN(types));
	sink_close(&s);
}

static void
an_unknown_format_is_refused(void **state)
{
	struct report_options o = { .format = "yaml" };
	struct err e = { "" };

	(void)state;
	assert_null(report_new(&o, &e));
	assert_non_null(strstr(e.text, "text, json"));
	assert_true(report_format_is_known("json"));
	assert_false(report_format_is_known(""));
}

static void
a_full_disk_is_an_error(void **state)
{
	struct report_capture c = fixture_capture();
	struct verdict v = { .text = bytes_str("Fine.") };
	struct report_options o = json;
	struct err e = { "" };
	struct report *r;

	(void)state;
	o.out = fopen("/dev/full", "w");
	r = report_new(&o, &e);
	assert_non_null(r);
	assert_false(report_finish(r, &c, NULL, 0, &v, &e));
	assert_non_null(strstr(e.text, "No space left"));
	report_free(r);
	fclose(o.out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_come_in_the_order_of_the_design),
		cmocka_unit_test(times_are_exact_to_the_microsecond),
		cmocka_unit_test(absent_knowledge_is_null),
		cmocka_unit_test(a_session_without_tcp_is_possible),
		cmocka_unit_test(findings_are_linked_both_ways),
		cmocka_unit_test(hostile_bytes_stay_valid_json),
		cmocka_unit_test(ndjson_has_one_record_per_line),
		cmocka_unit_test(an_unknown_format_is_refused),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
