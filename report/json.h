/* The two JSON formats share one writer; private to report/. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/format.h"

struct json_style {
	bool is_lines; /* one record per line, each with its "type" */
};

void *json_writer_new(const struct report_options *o, const struct json_style *style, struct err *e);
void json_writer_session(void *state, const struct session *s);
bool json_writer_finish(void *state, const struct report_end *end, struct err *e);
void json_writer_free(void *state);

#endif
