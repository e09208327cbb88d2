/* The records of the JSON formats as jansson values; private to report/. Keys, order and null as DESIGN.md section 5
 * shows and docs/schema.json demands. All strings from the wire are escaped as wire.h says, so output is ASCII. */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include <jansson.h>

#include "report/format.h"

/* How jansson writes numbers: 16 digits keep microseconds of today's epoch seconds exact. */
#define RECORD_DUMP_FLAGS JSON_REAL_PRECISION(16)

void record_init(void); /* before any other call: memory comes from base/alloc.h */
/* Each returns a new reference. The session goes without its findings, which are known only at the end. */
json_t *record_capture(const struct report_capture *c, const struct report_options *o);
json_t *record_verdict(const struct verdict *v);
json_t *record_finding(const struct finding *f);
json_t *record_session(const struct session *s);

/* Pieces. */
json_t *record_text(struct bytes wire);         /* "" when empty */
json_t *record_text_or_null(struct bytes wire); /* null when empty */
json_t *record_prose(struct bytes text);
json_t *record_time(struct when when); /* null when never */
json_t *record_number(uint64_t n);
void record_put(json_t *object, const char *key, json_t *value_taken);

#endif
