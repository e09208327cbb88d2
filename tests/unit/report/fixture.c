/* In: nothing. Out: records as the stages before report/ would make them. */
#include "fixture.h"

/* ESC, NUL, broken UTF-8, quotes, DEL, a right-to-left mark, markup, line breaks, a formula. */
#define HOSTILE "\033[31m\0\xff\xc3\"'\\\x7f\xe2\x80\xae<b>\r\n\t=1+1"

struct bytes
hostile(void)
{
	return bytes_of(HOSTILE, sizeof(HOSTILE) - 1);
}

struct when
at(uint64_t packet, int64_t after_ns)
{
	return (struct when){ .packet = packet, .time_ns = T0 + after_ns };
}

void
fixture_delivered(struct fixture *f, uint64_t id)
{
	struct endpoint client = { .port = 40000 }, server = { .port = 25 };

	memset(f, 0, sizeof(*f));
	assert_true(address_parse("192.0.2.10", &client.address));
	assert_true(address_parse("198.51.100.25", &server.address));
	f->tcp.end[SIDE_CLIENT] = client;
	f->tcp.end[SIDE_SERVER] = server;
	f->tcp.handshake = at(3, 48000000);
	f->tcp.side[SIDE_CLIENT].n_packets = 11;
	f->tcp.side[SIDE_SERVER].n_packets = 9;
	f->capabilities[0] = bytes_str("PIPELINING");
	f->capabilities[1] = bytes_str("SIZE 1000");
	f->recipients[0] = (struct recipient){
		.address = bytes_str("bob@Example.net"),
		.when = at(9, 90),
		.reply = { .when = at(10, 100), .code = 250, .enhanced = bytes_str("2.1.5"), .text = bytes_str("Ok") },
	};
	f->replies[0] = (struct reply){
		.when = at(4, 60000001), .code = 220, .text = bytes_str("mx ESMTP"), .to = bytes_str("greeting")
	};
	f->replies[1] = f->recipients[0].reply;
	f->replies[1].to = bytes_str("RCPT");
	f->replies[2] = (struct reply){ .when = at(14, 300000000),
					.code = 250,
					.enhanced = bytes_str("2.0.0"),
					.text = bytes_str("Ok: queued as 4ABC"),
					.to = bytes_str("message") };
	f->transaction = (struct transaction){ .mail_from = bytes_str("alice@example.com"),
					       .is_accepted = true,
					       .when = at(7, 70),
					       .recipients = f->recipients,
					       .n_recipients = 1,
					       .n_bytes = 512,
					       .reply = f->replies[2],
					       .queue_id = bytes_str("4ABC") };
	f->session = (struct session){ .id = id,
				       .tcp = &f->tcp,
				       .phase = PHASE_QUIT,
				       .outcome = OUTCOME_DELIVERED,
				       .started = at(1, 1000),
				       .ended = at(20, 400000000),
				       .closed_by = CLOSED_BY_SERVER,
				       .greeting = bytes_str("mx ESMTP"),
				       .ehlo = bytes_str("client.example.com"),
				       .capabilities = f->capabilities,
				       .n_capabilities = 2,
				       .starttls = STARTTLS_NONE,
				       .transactions = &f->transaction,
				       .n_transactions = 1,
				       .replies = f->replies,
				       .n_replies = 3 };
}

void
fixture_refused(struct fixture *f, uint64_t id, struct bytes text)
{
	fixture_delivered(f, id);
	f->recipients[0].reply = (struct reply){
		.when = at(10, 100), .code = 550, .enhanced = bytes_str("5.1.1"), .text = text
	};
	f->replies[1] = f->recipients[0].reply;
	f->replies[1].to = bytes_str("RCPT");
	f->transaction.is_accepted = false;
	f->transaction.n_bytes = 0;
	f->transaction.queue_id = bytes_of(NULL, 0);
	f->transaction.reply = (struct reply){ 0 };
	f->session.n_replies = 2;
	f->session.phase = PHASE_RCPT;
	f->session.outcome = OUTCOME_REFUSED;
}

void
fixture_unanswered(struct fixture *f, uint64_t id)
{
	fixture_delivered(f, id);
	f->tcp.handshake = (struct when){ 0 };
	f->session.n_replies = f->session.n_transactions = f->session.n_capabilities = 0;
	f->session.greeting = f->session.ehlo = bytes_of(NULL, 0);
	f->session.phase = PHASE_CONNECT;
	f->session.outcome = OUTCOME_FAILED;
	f->session.closed_by = CLOSED_BY_NONE;
	f->session.starttls = STARTTLS_UNKNOWN;
}

struct finding
fixture_finding(uint64_t id, const uint64_t *sessions, size_t n_sessions, const struct evidence *evidence, size_t n)
{
	return (struct finding){ .id = id,
				 .rule = "recipient-unknown",
				 .severity = SEVERITY_ERROR,
				 .certainty = CERTAINTY_PROVEN,
				 .fault = "sender",
				 .title = bytes_str("The server does not know the recipient"),
				 .means = bytes_str("The mailbox does not exist there.\nIt may have existed."),
				 .not_proven = bytes_str("That the domain is right."),
				 .remedy = bytes_str("Check the address for typing errors."),
				 .sessions = sessions,
				 .n_sessions = n_sessions,
				 .first = at(10, 100),
				 .last = at(10, 100),
				 .evidence = evidence,
				 .n_evidence = n,
				 .filter = bytes_str("tcp.stream eq 0") };
}

struct report_capture
fixture_capture(void)
{
	return (struct report_capture){ .summary = { .n_packets = 20, .first = at(1, 1000), .last = at(20, 400000000) },
					.link_type = "EN10MB",
					.n_bytes = 3000,
					.vantage = VANTAGE_CLIENT };
}

void
sink_open(struct sink *s)
{
	*s = (struct sink){ 0 };
	s->file = open_memstream(&s->text, &s->len);
	assert_non_null(s->file);
}

void
sink_close(struct sink *s)
{
	fclose(s->file);
	free(s->text);
}

void
fixture_report(struct sink *s, struct report_options o, struct fixture *sessions, size_t n_sessions,
	       const struct finding *findings, size_t n_findings, const struct verdict *v)
{
	struct report_capture c = fixture_capture();
	struct err e = { "" };
	struct report *r;
	struct census *census = census_new();

	sink_open(s);
	o.out = s->file;
	c.census = census;
	r = report_new(&o, &e);
	assert_non_null(r);
	for (size_t i = 0; i < n_sessions; i++) {
		census_add(census, &sessions[i].session);
		report_session(r, &sessions[i].session);
	}
	if (!report_finish(r, &c, findings, n_findings, v, &e))
		fail_msg("%s", e.text);
	report_free(r);
	census_free(census);
	fflush(s->file);
}
