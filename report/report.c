/* In: sessions one by one, then what the rules concluded. Out: the report in the format that was asked for.
 * Does not know any format: formats.def is the list. */
#include "report/report.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "report/format.h"
#include "report/story.h"

struct report {
	struct report_options options;
	const struct report_format *format;
	void *state;
};

static const struct {
	const char *name;
	const struct report_format *format;
} formats[] = {
#define FORMAT(name) { #name, &report_format_##name },
#include "report/formats.def"
#undef FORMAT
};

static const struct report_format *
find_format(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			return formats[i].format;
	return NULL;
}

bool
report_format_is_known(const char *format)
{
	return find_format(format) != NULL;
}

const char *
report_format_names(void)
{
#define FORMAT(name) ", " #name
	static const char names[] =
#include "report/formats.def"
	    ;
#undef FORMAT
	return names + 2; /* without the first comma */
}

static const struct report_format *
format_of(const struct report_options *o)
{
	if (o->ladder > 0)
		return &report_part_ladder;
	return o->only_sessions ? &report_part_sessions : find_format(o->format);
}

struct report *
report_new(const struct report_options *o, struct err *e)
{
	const struct report_format *format = format_of(o);
	struct report *r;

	if (!format) {
		err_set(e, "unknown format '%s'; formats are: %s", o->format, report_format_names());
		return NULL;
	}
	r = mem_new(sizeof(*r));
	r->options = *o;
	r->format = format;
	r->state = format->open(&r->options, e);
	if (!r->state) {
		mem_free(r);
		return NULL;
	}
	return r;
}

bool
report_wants_details(const struct report *r)
{
	return r->format->wants_details;
}

bool
report_wants_moments(const struct report *r)
{
	return r->format->wants_stories;
}

void
report_wants_facts(const struct report *r, uint64_t *words)
{
	if (r->format->wants_stories)
		story_wants(words);
}

void
report_session(struct report *r, const struct session *s)
{
	r->format->session(r->state, s);
}

bool
report_finish(struct report *r, const struct report_capture *c, const struct finding *findings, size_t n_findings,
	      const struct verdict *v, struct err *e)
{
	struct report_end end = { .capture = c, .findings = findings, .n_findings = n_findings, .verdict = v };

	errno = 0;
	if (!r->format->finish(r->state, &end, e))
		return false;
	if (fflush(r->options.out) != 0 || ferror(r->options.out)) {
		err_set(e, "cannot write the report: %s", errno != 0 ? strerror(errno) : "output error");
		return false;
	}
	return true;
}

void
report_free(struct report *r)
{
	if (!r)
		return;
	r->format->free(r->state);
	mem_free(r);
}
