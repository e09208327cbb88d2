/* In: sessions, then what the rules concluded. Out: the report for people: verdict, main diagnosis, other findings,
 * attempts, what cannot be known, and the questions of a support desk. The first screen must be enough to act. */
#include "base/alloc.h"
#include "report/attempts.h"
#include "report/blind.h"
#include "report/clock.h"
#include "report/diagnosis.h"
#include "report/format.h"
#include "report/questions.h"
#include "report/wrap.h"

#define WIDTH_DEFAULT 80

struct text {
	const struct report_options *options;
	struct attempts *attempts;
	struct questions questions;
};

static void *
open_text(const struct report_options *o, struct err *e)
{
	struct attempts *attempts = attempts_new(o->is_verbose, e);
	struct text *t;

	if (!attempts)
		return NULL;
	t = mem_new(sizeof(*t));
	t->options = o;
	t->attempts = attempts;
	return t;
}

static void
add_session(void *state, const struct session *s)
{
	struct text *t = state;

	if (t->options->is_quiet)
		return;
	attempts_add(t->attempts, s);
	questions_add(&t->questions, s);
}

static void
print_counts(struct wrap *w, const struct verdict *v)
{
	wrap_strf(w, "%llu %s:", (unsigned long long)v->n_attempts, v->n_attempts == 1 ? "attempt" : "attempts");
	wrap_strf(w, "%llu delivered, %llu failed", (unsigned long long)v->n_delivered,
		  (unsigned long long)v->n_failed);
	if (v->n_unknown > 0) {
		wrap_glue(w, ",");
		wrap_strf(w, "%llu unknown", (unsigned long long)v->n_unknown);
	}
	wrap_glue(w, ".");
}

static void
print_source(struct wrap *w, const struct text *t, const struct report_capture *c)
{
	const struct report_options *o = t->options;
	char clock[CLOCK_TEXT_MAX];

	wrap_begin(w, 0, 2);
	for (size_t i = 0; i < o->n_files; i++) {
		wrap_words(w, bytes_str(o->files[i]));
		wrap_glue(w, i + 1 < o->n_files ? "," : ":");
	}
	wrap_strf(w, "%llu packets", (unsigned long long)c->summary.n_packets);
	if (c->summary.first.packet > 0) {
		wrap_strf(w, "from %s", clock_full(c->summary.first.time_ns, clock));
		wrap_strf(w, "to %s", clock_full(c->summary.last.time_ns, clock));
	}
	if (c->vantage == VANTAGE_CLIENT || c->vantage == VANTAGE_SERVER)
		wrap_strf(w, "(taken at the %s)", c->vantage == VANTAGE_CLIENT ? "client" : "server");
	wrap_glue(w, ".");
	wrap_end(w);
}

static void
print_verdict(struct wrap *w, const struct text *t, const struct report_end *end)
{
	static const struct {
		const char *word;
		enum style style;
	} results[] = {
		[SEVERITY_INFO] = { "OK:", STYLE_GOOD },
		[SEVERITY_WARNING] = { "WARNING:", STYLE_WARNING },
		[SEVERITY_ERROR] = { "PROBLEM:", STYLE_BAD },
	};
	const struct verdict *v = end->verdict;

	wrap_begin(w, 0, 2);
	wrap_style(w, results[v->result].style);
	wrap_str(w, results[v->result].word);
	wrap_style(w, STYLE_PLAIN);
	wrap_words(w, v->text);
	wrap_end(w);
	wrap_begin(w, 0, 2);
	print_counts(w, v);
	wrap_end(w);
	print_source(w, t, end->capture);
}

static bool
finish_text(void *state, const struct report_end *end, struct err *e)
{
	struct text *t = state;
	const struct report_options *o = t->options;
	struct wrap w;

	wrap_init(&w, o->out, o->width > 0 ? o->width : WIDTH_DEFAULT, o->use_colour);
	print_verdict(&w, t, end);
	if (end->n_findings > 0)
		diagnosis_print(&w, end, &end->findings[0], o->is_verbose);
	if (o->is_quiet)
		return true;
	diagnosis_print_others(&w, end, o->is_verbose);
	if (!attempts_print(t->attempts, &w, e))
		return false;
	blind_print(&w, end, &t->questions);
	questions_print(&t->questions, &w, end);
	return true;
}

static void
free_text(void *state)
{
	struct text *t = state;

	attempts_free(t->attempts);
	mem_free(t);
}

const struct report_format report_format_text = {
	.open = open_text,
	.session = add_session,
	.finish = finish_text,
	.free = free_text,
};
