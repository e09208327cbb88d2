/* What report.c asks of each output format; private to report/. One row in formats.def is one such table,
 * report_format_<name>, in report/<name>.c. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "report/report.h"

/* Everything that is known at the end. Borrowed for the call of finish. */
struct report_end {
	const struct report_capture *capture;
	const struct finding *findings; /* by importance */
	size_t n_findings;
	const struct verdict *verdict;
};

struct report_format {
	bool wants_details; /* lists of replies and capabilities in its sessions */
	bool wants_stories; /* and what else story.h asks for: moments, times of phases */
	/* NULL: e says why. The options stay valid until free. */
	void *(*open)(const struct report_options *o, struct err *e);
	void (*session)(void *state, const struct session *s);
	/* false: e says why. Errors of options.out itself are looked after by report.c. */
	bool (*finish)(void *state, const struct report_end *end, struct err *e);
	void (*free)(void *state);
};

/* Parts of the text report, asked for by options of their own. */
extern const struct report_format report_part_ladder, report_part_sessions;

#define FORMAT(name) extern const struct report_format report_format_##name;
#include "report/formats.def"
#undef FORMAT

#endif
