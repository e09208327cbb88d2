/* Hand-made rules, facts and sessions for the tests of rules/. */
#ifndef TESTS_RULES_FIXTURE_H
#define TESTS_RULES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "rules/catalogue.h"
#include "rules/judge.h"

#define T0 (1700000000LL * NS_PER_S)

/* All that a rule needs, but for over, when and what a test adds. */
#define TEXTS "  title: t\n  means: m\n  not_proven: n\n  remedy: r\n"
#define RULE(id, over, when, more) "- id: " id "\n  over: " over "\n  when: " when "\n  fault: server\n" TEXTS more
#define PROVEN_ERROR "  certainty: proven\n  severity: error\n"

struct when at(uint64_t packet);

/* An empty catalogue: what is built into the program is not in the way. Freed by rules_free. */
struct rules *no_rules(void);
/* With the rules of a text; fails the test when they are refused. */
struct rules *rules_of(const char *yaml);
/* With the rows of a table, its header row first. */
void add_table(struct rules *r, const char *text);

/* A session of its own facts, with client.address, server.address and tcp.stream set. */
struct session *session_new(uint64_t id, const char *client, const char *server);
void session_free(struct session *s);
void set_truth(struct session *s, enum fact_id id);
void set_number(struct session *s, enum fact_id id, int64_t number);
void set_text(struct session *s, enum fact_id id, const char *text);
/* The facts of a reply to a verb; of a failure from code 400 on. */
void set_reply(struct session *s, unsigned code, const char *enhanced, const char *text, const char *phase);

/* Ends the judge's work. NULL: no finding of that rule. */
const struct finding *finding_of(const struct judge *j, const char *rule);
size_t count_findings(const struct judge *j);
void end_capture(struct judge *j);
void assert_bytes(struct bytes b, const char *expected);
bool has_evidence(const struct finding *f, uint64_t packet, const char *text);

#endif
