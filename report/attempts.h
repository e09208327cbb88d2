/* The attempts that the text report lists: all of them from a spool, or a bounded choice in which failures come
 * first; private to report/. Order: new, add*, print, free. */
#ifndef REPORT_ATTEMPTS_H
#define REPORT_ATTEMPTS_H

#include "base/err.h"
#include "report/attempt.h"
#include "report/wrap.h"

struct attempts;

struct attempts *attempts_new(bool keep_all, struct err *e); /* NULL: e says why */
void attempts_add(struct attempts *a, const struct session *s);
/* The section with its heading; nothing when there were none. false: e says why. */
bool attempts_print(struct attempts *a, struct wrap *w, struct err *e) MUST_USE;
void attempts_free(struct attempts *a); /* NULL is fine */

#endif
