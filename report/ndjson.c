/* In: the records of json.c. Out: the same, one per line, each with its "type". */
#include "report/json.h"

static void *
open_lines(const struct report_options *o, struct err *e)
{
	static const struct json_style lines = { .is_lines = true };

	return json_writer_new(o, &lines, e);
}

const struct report_format report_format_ndjson = {
	.wants_details = true,
	.open = open_lines,
	.session = json_writer_session,
	.finish = json_writer_finish,
	.free = json_writer_free,
};
