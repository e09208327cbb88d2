/* The sections of the HTML report; private to report/. Each writes one and knows nothing of the others but their ids:
 * f3 is a finding, s12 an attempt, s12p345 a packet of it. */
#ifndef REPORT_HTML_PARTS_H
#define REPORT_HTML_PARTS_H

#include "report/format.h"
#include "report/index.h"
#include "report/places.h"
#include "report/questions.h"
#include "report/timeline.h"

/* html_page.c: everything around the sections. */
void html_page_begin(FILE *out, const struct report_options *o, const struct report_end *end);
void html_page_end(FILE *out);

/* html_findings.c */
void html_findings(FILE *out, const struct report_end *end, const struct places *p);

/* html_overview.c */
void html_matrix(FILE *out, const struct matrix *m);
void html_timeline(FILE *out, const struct timeline *t);

/* html_prose.c: what the text report says at its end, as lists. */
void html_limits(FILE *out, const struct report_end *end, const struct questions *q);
void html_questions(FILE *out, struct questions *q, const struct report_end *end);

/* html_sessions.c. Order: begin, one*, end. */
struct html_sessions {
	FILE *out;
	const struct report_end *end;
	const struct finding_index *index;
	const struct places *places;
	uint64_t n_all, n, n_ladders_bad, n_ladders_other;
	bool has_days; /* they began on more than one day */
};

void html_sessions_begin(struct html_sessions *h);
void html_sessions_one(struct html_sessions *h, struct story *y); /* adds to its ladder what findings say */
void html_sessions_end(struct html_sessions *h);

#endif
