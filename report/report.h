/* Writes what was found, in one of the formats of formats.def. Phrases, never adds a fact.
 * Order: new, session*, finish, free. Memory does not grow with the number of sessions. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "base/err.h"
#include "decode/decode.h"
#include "rules/judge.h"

struct report;

struct report_options {
	const char *format; /* "text", "json", ... see report_format_is_known */
	FILE *out;          /* borrowed */
	bool use_colour;
	bool is_quiet, is_verbose;
	uint64_t ladder;          /* only the ladder of this attempt, as text; 0: all */
	bool only_sessions;       /* only the table of attempts, as text */
	unsigned width;           /* columns; 0 = 80 */
	const char *const *files; /* names for the report; borrowed */
	size_t n_files;
};

/* The capture as a whole; link_type is a DLT name such as "EN10MB". */
struct report_capture {
	struct capture_summary summary;
	const char *link_type;
	uint64_t n_bytes;
	enum vantage vantage;
	const struct census *census; /* of the judge; NULL: the closing questions say less */
};

bool report_format_is_known(const char *format);
const char *report_format_names(void); /* "text, json" for messages */
struct report *report_new(const struct report_options *o, struct err *e);
bool report_wants_details(const struct report *r); /* the lists of replies and capabilities of each session */
/* What else decoders have to keep for this format: the session's moments, and facts as facts_want. */
bool report_wants_moments(const struct report *r);
void report_wants_facts(const struct report *r, uint64_t *words);
void report_session(struct report *r, const struct session *s); /* when its facts are final */
bool report_finish(struct report *r, const struct report_capture *c, const struct finding *findings, size_t n_findings,
		   const struct verdict *v, struct err *e) MUST_USE;
void report_free(struct report *r); /* NULL is fine */

#endif
