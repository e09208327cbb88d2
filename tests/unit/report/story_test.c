#include "fixture.h"

#include "base/alloc.h"
#include "decode/moment.h"
#include "report/places.h"
#include "report/story.h"

#define N_MANY 300

static const char *
text_at(const struct story *y, size_t i)
{
	static char text[LADDER_TEXT_MAX + 1];
	struct bytes b = ladder_text(&y->ladder, &y->ladder.rungs[i]);

	assert_true(i < y->ladder.n);
	memcpy(text, b.p, b.len);
	text[b.len] = '\0';
	return text;
}

static void
rungs_are_in_the_order_of_packets(void **state)
{
	struct moment moments[] = {
		{ .when = at(5, 70000000), .type = EVENT_COMMAND, .verb = bytes_str("EHLO"), .text = bytes_str("me") },
		{ .when = at(12, 200000000), .type = EVENT_MESSAGE_END, .number = 512 },
		{ .when = at(7, 90000000),
		  .type = EVENT_AUTH_RESPONSE,
		  .verb = bytes_str("PLAIN"),
		  .text = bytes_str("al") },
	};
	struct story *y = mem_new(sizeof(*y));
	struct fixture f;

	(void)state;
	fixture_delivered(&f, 1);
	f.tcp.syn = at(1, 1000);
	f.tcp.is_interrupted = true;
	f.tcp.syn_ack = at(2, 2000);
	f.session.moments = moments;
	f.session.n_moments = 3;
	story_init(y);
	story_of(y, &f.session);
	assert_int_equal(y->ladder.n, 10);
	assert_string_equal(text_at(y, 0), "SYN");
	assert_string_equal(text_at(y, 1), "SYN, ACK");
	assert_string_equal(text_at(y, 2), "ACK: connected");
	assert_string_equal(text_at(y, 3), "220 mx ESMTP");
	assert_string_equal(text_at(y, 4), "EHLO me");
	assert_string_equal(text_at(y, 5), "credentials, not shown; user al");
	assert_string_equal(text_at(y, 6), "250 2.1.5 Ok");
	assert_string_equal(text_at(y, 7), "message, 512 bytes");
	assert_string_equal(text_at(y, 8), "250 2.0.0 Ok: queued as 4ABC");
	assert_string_equal(text_at(y, 9), "the capture ends, the connection was still open");
	story_fini(y);
	mem_free(y);
}

/* Beginning and end stay, and what is loaded is what was saved. */
static void
the_middle_of_a_long_ladder_is_left_out(void **state)
{
	struct moment moments[N_MANY];
	struct story *y = mem_new(sizeof(*y)), *z = mem_new(sizeof(*z));
	struct fixture f;
	struct buf saved;

	(void)state;
	fixture_delivered(&f, 9);
	f.session.n_replies = 0;
	f.tcp.handshake = (struct when){ 0 };
	for (size_t i = 0; i < N_MANY; i++)
		moments[i] = (struct moment){ .when = at(i + 1, (int64_t)i), .type = EVENT_MESSAGE_END, .number = i };
	f.session.moments = moments;
	f.session.n_moments = N_MANY;
	story_init(y);
	story_init(z);
	buf_init(&saved, 1 << 20);
	story_of(y, &f.session);
	story_save(y, &saved);
	story_load(z, buf_bytes(&saved));
	assert_int_equal(z->head.attempt.id, 9);
	assert_int_equal(z->ladder.n, LADDER_RUNGS_MAX);
	assert_int_equal(z->ladder.n_all, N_MANY);
	assert_string_equal(text_at(z, 0), "message, 0 bytes");
	assert_string_equal(text_at(z, z->ladder.n_head - 1), "message, 59 bytes");
	assert_string_equal(text_at(z, z->ladder.n_head), "message, 240 bytes");
	assert_string_equal(text_at(z, LADDER_RUNGS_MAX - 1), "message, 299 bytes");
	assert_int_equal(z->head.n_details, y->head.n_details);
	for (size_t i = 0; i < z->head.n_details; i++)
		assert_true(bytes_eq(story_detail_text(z, &z->details[i]), story_detail_text(y, &y->details[i])));
	buf_fini(&saved);
	story_fini(y);
	story_fini(z);
	mem_free(y);
	mem_free(z);
}

static void
evidence_stands_in_the_session_that_has_its_packet(void **state)
{
	struct evidence evidence[] = { { at(10, 100), bytes_str("550") }, { at(99, 100), bytes_str("elsewhere") } };
	const uint64_t ids[] = { 2 };
	struct finding finding = fixture_finding(3, ids, 1, evidence, 2);
	struct places *p = places_new(&finding, 1);
	struct story *y = mem_new(sizeof(*y));
	struct fixture f;
	bool is_main;

	(void)state;
	fixture_refused(&f, 2, bytes_str("no"));
	story_init(y);
	story_of(y, &f.session);
	places_add(p, y);
	assert_int_equal(places_session(p, 10), 2);
	assert_int_equal(places_session(p, 99), 0);
	assert_int_equal(places_session(p, 4), 0);
	assert_true(places_has_session(p, 2));
	assert_false(places_has_session(p, 1));
	assert_true(places_is_evidence(p, 10, 3, &is_main));
	assert_true(is_main);
	assert_true(places_is_evidence(p, 10, 4, &is_main));
	assert_false(is_main);
	assert_false(places_is_evidence(p, 0, 3, &is_main));
	places_free(p);
	story_fini(y);
	mem_free(y);
}

/* QUIT after a refusal is not where it failed. */
static void
a_failure_is_where_the_refusal_came(void **state)
{
	struct fixture f;

	(void)state;
	fixture_refused(&f, 1, bytes_str("no"));
	f.session.phase = PHASE_QUIT;
	assert_int_equal(story_failed_in(&f.session), PHASE_RCPT);
	fixture_unanswered(&f, 1);
	assert_int_equal(story_failed_in(&f.session), PHASE_CONNECT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rungs_are_in_the_order_of_packets),
		cmocka_unit_test(the_middle_of_a_long_ladder_is_left_out),
		cmocka_unit_test(evidence_stands_in_the_session_that_has_its_packet),
		cmocka_unit_test(a_failure_is_where_the_refusal_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
