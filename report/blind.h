/* The section that says what the capture cannot show; private to report/. */
#ifndef REPORT_BLIND_H
#define REPORT_BLIND_H

#include "report/format.h"
#include "report/questions.h"
#include "report/wrap.h"

void blind_print(struct wrap *w, const struct report_end *end, const struct questions *q);

#endif
