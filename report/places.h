/* Which session holds the packet that a piece of evidence names; private to report/. Order: new, add* (every session),
 * then the questions. */
#ifndef REPORT_PLACES_H
#define REPORT_PLACES_H

#include "report/story.h"
#include "rules/finding.h"

struct places;

/* The evidence of the most important findings, at most REPORT_PLACES_MAX pieces. Keeps no pointer to them. */
struct places *places_new(const struct finding *findings, size_t n_findings);
void places_add(struct places *p, const struct story *y);
void places_free(struct places *p); /* NULL is fine */

/* The session whose ladder shows this packet; 0: none does. */
uint64_t places_session(const struct places *p, uint64_t packet);
bool places_has_session(const struct places *p, uint64_t session); /* does any evidence stand in it? */
/* Is the packet evidence? *is_main: of this finding. */
bool places_is_evidence(const struct places *p, uint64_t packet, uint64_t finding, bool *is_main);

#endif
