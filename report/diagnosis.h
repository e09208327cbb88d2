/* Findings as text: the main diagnosis at length, the others in short; private to report/. */
#ifndef REPORT_DIAGNOSIS_H
#define REPORT_DIAGNOSIS_H

#include "report/format.h"
#include "report/wrap.h"

/* The whole finding: evidence, meaning, what is not proven, remedy; and what else it explains. */
void diagnosis_print(struct wrap *w, const struct report_end *end, const struct finding *f, bool has_all_evidence);
/* Is it about the capture and not about mail? Those have a section of their own, unless one is the main diagnosis. */
bool diagnosis_is_about_capture(const struct finding *f);
/* All findings but the first: in short, or at length when the reader wants everything. */
void diagnosis_print_others(struct wrap *w, const struct report_end *end, bool is_verbose);

#endif
