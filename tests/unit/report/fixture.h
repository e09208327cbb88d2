/* Hand-made records for the tests of report/. */
#ifndef TESTS_REPORT_FIXTURE_H
#define TESTS_REPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "report/report.h"

#define T0 (1700000000LL * NS_PER_S)

/* Every way out of a terminal, a string and a text direction. */
struct bytes hostile(void);
struct when at(uint64_t packet, int64_t after_ns);

struct fixture {
	struct tcp_facts tcp;
	struct recipient recipients[2];
	struct transaction transaction;
	struct reply replies[4];
	struct bytes capabilities[2];
	struct session session;
};

/* A plain delivery from 192.0.2.10 to 198.51.100.25:25. */
void fixture_delivered(struct fixture *f, uint64_t id);

/* The same with the recipient refused. */
void fixture_refused(struct fixture *f, uint64_t id, struct bytes text);
void fixture_unanswered(struct fixture *f, uint64_t id);

/* A finding with everything in it, about the given sessions. */
struct finding fixture_finding(uint64_t id, const uint64_t *sessions, size_t n_sessions,
			       const struct evidence *evidence, size_t n);

struct report_capture fixture_capture(void);

struct sink {
	FILE *file;
	char *text;
	size_t len;
};

void sink_open(struct sink *s);
void sink_close(struct sink *s);

/* The whole report of some sessions and findings as text in *s. */
void fixture_report(struct sink *s, struct report_options o, struct fixture *sessions, size_t n_sessions,
		    const struct finding *findings, size_t n_findings, const struct verdict *v);

#endif
