/* In: sessions. Out: the table of attempts of the text report, with all of them and nothing else. */
#include "base/alloc.h"
#include "report/attempts.h"
#include "report/format.h"

struct part_sessions {
	const struct report_options *options;
	struct attempts *attempts;
	bool is_any;
};

static void *
open_sessions(const struct report_options *o, struct err *e)
{
	struct attempts *attempts = attempts_new(true, e);
	struct part_sessions *p;

	if (!attempts)
		return NULL;
	p = mem_new(sizeof(*p));
	p->options = o;
	p->attempts = attempts;
	return p;
}

static void
add_session(void *state, const struct session *s)
{
	struct part_sessions *p = state;

	p->is_any = true;
	attempts_add(p->attempts, s);
}

static bool
finish_sessions(void *state, const struct report_end *end, struct err *e)
{
	struct part_sessions *p = state;
	struct wrap w;

	(void)end;
	wrap_init(&w, p->options->out, p->options->width > 0 ? p->options->width : 80, p->options->use_colour);
	if (!p->is_any) {
		wrap_begin(&w, 0, 2);
		wrap_str(&w, "No attempt was seen.");
		wrap_end(&w);
	}
	return attempts_print(p->attempts, &w, e);
}

static void
free_sessions(void *state)
{
	struct part_sessions *p = state;

	attempts_free(p->attempts);
	mem_free(p);
}

const struct report_format report_part_sessions = {
	.open = open_sessions,
	.session = add_session,
	.finish = finish_sessions,
	.free = free_sessions,
};
