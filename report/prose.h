/* The closing sections of the text report as lines of their own, for the formats that lay them out in another way;
 * private to report/. Text from the wire in them is escaped as wire.h says. Order: new, next*, free. */
#ifndef REPORT_PROSE_H
#define REPORT_PROSE_H

#include "report/format.h"
#include "report/questions.h"

struct prose;

struct prose_line {
	struct bytes question; /* empty: only an answer */
	struct bytes text;
};

struct prose *prose_new_limits(const struct report_end *end, const struct questions *q);
struct prose *prose_new_questions(const struct report_end *end, struct questions *q);
bool prose_next(struct prose *p, struct prose_line *line); /* borrowed until free */
void prose_free(struct prose *p);

#endif
