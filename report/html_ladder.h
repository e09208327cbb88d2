/* A ladder as SVG; private to report/. */
#ifndef REPORT_HTML_LADDER_H
#define REPORT_HTML_LADDER_H

#include <stdio.h>

#include "report/places.h"
#include "report/story.h"

/* Rungs that are evidence of a finding are marked, those of the finding that matters most for this session in bold. */
void html_ladder(FILE *out, const struct story *y, const struct places *p, uint64_t main_finding);

#endif
