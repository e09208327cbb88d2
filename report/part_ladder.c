/* In: sessions. Out: one of them as a ladder in text: the client's column, the server's column, pauses, and a mark at
 * the packets that are evidence of a finding. */
#include <string.h>

#include "base/alloc.h"
#include "report/clock.h"
#include "report/format.h"
#include "report/html_write.h"
#include "report/index.h"
#include "report/places.h"
#include "report/story.h"
#include "report/wrap.h"

#define ARROW_LEN 5     /* " --> " */
#define CLIENT_AT 23    /* column of what the client says */
#define CLIENT_SHARE 50 /* per cent of the room; servers say more */
#define PAUSE_NS NS_PER_S

struct part_ladder {
	const struct report_options *options;
	bool is_found;
	uint64_t n;
	struct story story;
};

static void *
open_ladder(const struct report_options *o, struct err *e)
{
	struct part_ladder *l = mem_new(sizeof(*l));

	(void)e;
	l->options = o;
	story_init(&l->story);
	return l;
}

static void
add_session(void *state, const struct session *s)
{
	struct part_ladder *l = state;

	l->n++;
	if (s->id != l->options->ladder)
		return;
	l->is_found = true;
	story_of(&l->story, s);
}

static void
print_heading(struct wrap *w, const struct story_head *h)
{
	const struct attempt *a = &h->attempt;
	char text[64], clock[CLOCK_TEXT_MAX];

	wrap_begin(w, 0, 2);
	wrap_style(w, STYLE_HEADING);
	wrap_strf(w, "Attempt %llu:", (unsigned long long)a->id);
	wrap_strf(w, "%s", html_endpoint_text(&a->client, text));
	wrap_strf(w, "to %s", html_endpoint_text(&a->server, text));
	wrap_style(w, STYLE_PLAIN);
	wrap_end(w);
	wrap_begin(w, 0, 2);
	wrap_style(w, a->is_failure ? STYLE_BAD : a->outcome == OUTCOME_DELIVERED ? STYLE_GOOD : STYLE_PLAIN);
	wrap_strf(w, "%s,", outcome_name(a->outcome));
	wrap_style(w, STYLE_PLAIN);
	wrap_strf(w, "furthest phase %s,", phase_name(a->phase));
	wrap_strf(w, "began %s", a->started.packet > 0 ? clock_full(a->started.time_ns, clock) : "?");
	if (a->took_ns >= 0)
		wrap_strf(w, "and took %s", clock_duration(a->took_ns, clock));
	wrap_end(w);
}

static void
print_findings(struct wrap *w, const struct report_end *end, const struct index_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct finding *f = &end->findings[entries[i].rank];

		wrap_begin(w, 2, 6);
		wrap_strf(w, "%s:", severity_name(f->severity));
		wrap_words(w, f->title);
		wrap_strf(w, "[%s]", f->rule);
		wrap_end(w);
	}
}

static enum style
style_of(enum rung_kind kind)
{
	if (kind == RUNG_BAD || kind == RUNG_RESET || kind == RUNG_ICMP)
		return STYLE_BAD;
	return kind == RUNG_TCP ? STYLE_DIM : STYLE_PLAIN;
}

static size_t
server_at(const struct wrap *w)
{
	return CLIENT_AT + (w->width - CLIENT_AT - ARROW_LEN) * CLIENT_SHARE / 100 + ARROW_LEN;
}

/* The client's words may not run into the server's column: they get a wrap of their own. */
static void
print_words(struct wrap *w, const struct rung *r, struct bytes text)
{
	size_t at = server_at(w), width = w->width;

	if (r->kind == RUNG_NOTE || r->from == SIDE_SERVER) {
		wrap_to(w, r->kind == RUNG_NOTE ? CLIENT_AT : at - ARROW_LEN + 1);
		if (r->kind != RUNG_NOTE)
			wrap_raw(w, bytes_str("<--"));
		w->indent = r->kind == RUNG_NOTE ? CLIENT_AT : at;
		wrap_words(w, text);
		return;
	}
	wrap_to(w, CLIENT_AT);
	w->indent = CLIENT_AT;
	w->width = at - ARROW_LEN;
	wrap_words(w, text);
	w->width = width;
	wrap_to(w, at - ARROW_LEN + 1);
	wrap_raw(w, bytes_str("-->"));
}

static void
print_rung(struct wrap *w, const struct story *y, const struct rung *r, const char *mark)
{
	char text[64], clock[CLOCK_TEXT_MAX];

	wrap_begin(w, 0, CLIENT_AT);
	if (r->when.packet != 0) {
		snprintf(text, sizeof(text), "%8llu %10.20s", (unsigned long long)r->when.packet,
			 clock_offset(r->when.time_ns - y->head.attempt.started.time_ns, clock));
		wrap_raw(w, bytes_str(text));
		wrap_to(w, CLIENT_AT - 3);
		wrap_raw(w, bytes_str(mark));
	}
	wrap_style(w, mark[0] == '*' ? STYLE_HEADING : style_of(r->kind));
	print_words(w, r, ladder_text(&y->ladder, r));
	wrap_style(w, STYLE_PLAIN);
	wrap_end(w);
}

static void
print_between(struct wrap *w, const char *text)
{
	wrap_begin(w, CLIENT_AT, CLIENT_AT);
	wrap_style(w, STYLE_DIM);
	wrap_str(w, text);
	wrap_style(w, STYLE_PLAIN);
	wrap_end(w);
}

static void
print_gaps(struct wrap *w, const struct ladder *l, size_t i)
{
	int64_t pause_ns = i > 0 ? l->rungs[i].when.time_ns - l->rungs[i - 1].when.time_ns : 0;
	char text[96], clock[CLOCK_TEXT_MAX];

	if (l->n_all > l->n && i == l->n_head) {
		snprintf(text, sizeof(text), "... %zu steps are left out here ...", l->n_all - l->n);
		print_between(w, text);
	} else if (pause_ns >= PAUSE_NS && l->rungs[i].when.packet != 0) {
		snprintf(text, sizeof(text), "... %s later ...", clock_duration(pause_ns, clock));
		print_between(w, text);
	}
}

static void
print_columns(struct wrap *w)
{
	wrap_blank(w);
	wrap_begin(w, 0, 0);
	wrap_style(w, STYLE_HEADING);
	wrap_raw(w, bytes_str("  packet      after"));
	wrap_to(w, CLIENT_AT);
	wrap_str(w, "client");
	wrap_to(w, server_at(w));
	wrap_str(w, "server");
	wrap_style(w, STYLE_PLAIN);
	wrap_end(w);
}

/* main_finding: the one that matters most for this attempt; 0: none. */
static void
print_rungs(struct wrap *w, const struct story *y, const struct places *p, uint64_t main_finding)
{
	bool has_main = false, has_other = false;

	print_columns(w);
	for (size_t i = 0; i < y->ladder.n; i++) {
		const struct rung *r = &y->ladder.rungs[i];
		bool is_main, is_evidence = places_is_evidence(p, r->when.packet, main_finding, &is_main);

		print_gaps(w, &y->ladder, i);
		print_rung(w, y, r, is_main ? "*" : is_evidence ? "+" : "");
		has_main = has_main || is_main;
		has_other = has_other || (is_evidence && !is_main);
	}
	if (has_main || has_other)
		wrap_blank(w);
	if (has_main)
		print_between(w, "* decides: evidence of the first finding above");
	if (has_other)
		print_between(w, "+ evidence of another finding");
}

static void
print_details(struct wrap *w, const struct story *y)
{
	wrap_blank(w);
	for (size_t i = 0; i < y->head.n_details; i++) {
		wrap_begin(w, 2, 24);
		wrap_str(w, y->details[i].label);
		wrap_to(w, 24);
		wrap_words(w, story_detail_text(y, &y->details[i]));
		wrap_end(w);
	}
}

static bool
finish_ladder(void *state, const struct report_end *end, struct err *e)
{
	struct part_ladder *l = state;
	const struct report_options *o = l->options;
	struct finding_index *index;
	const struct index_entry *entries;
	struct places *places;
	struct wrap w;
	size_t n;

	if (!l->is_found) {
		err_set(e, "there is no attempt %llu among the %llu of this capture; smtptrace --sessions lists them",
			(unsigned long long)o->ladder, (unsigned long long)l->n);
		return false;
	}
	index = finding_index_new(end->findings, end->n_findings);
	places = places_new(end->findings, end->n_findings);
	wrap_init(&w, o->out, o->width > 0 ? o->width : 80, o->use_colour);
	n = finding_index_get(index, o->ladder, &entries);
	for (size_t i = 0; i < n; i++)
		story_add_evidence(&l->story, &end->findings[entries[i].rank]);
	print_heading(&w, &l->story.head);
	print_findings(&w, end, entries, n);
	print_rungs(&w, &l->story, places, n > 0 ? end->findings[entries[0].rank].id : 0);
	print_details(&w, &l->story);
	places_free(places);
	finding_index_free(index);
	return true;
}

static void
free_ladder(void *state)
{
	struct part_ladder *l = state;

	story_fini(&l->story);
	mem_free(l);
}

const struct report_format report_part_ladder = {
	.wants_details = true,
	.wants_stories = true,
	.open = open_ladder,
	.session = add_session,
	.finish = finish_ladder,
	.free = free_ladder,
};
