/* In: sessions, then what the rules concluded. Out: one HTML file that needs nothing else, not even scripts. Sessions
 * wait in a spool and are read twice: to find the evidence in them and to count, then to be written. */
#include "base/alloc.h"
#include "report/clock.h"
#include "report/html_parts.h"
#include "report/spool.h"

struct html {
	const struct report_options *options;
	struct spool *spool;
	struct story story; /* the one at hand */
	struct buf record;  /* the same, as it is in the spool */
	struct matrix matrix;
	struct timeline timeline;
	struct questions questions;
	int64_t first_ns, last_ns; /* of the starts; n_started says whether there are any */
	uint64_t n, n_started;
};

static void *
open_html(const struct report_options *o, struct err *e)
{
	struct spool *spool = spool_new(e);
	struct html *h;

	if (!spool)
		return NULL;
	h = mem_new(sizeof(*h));
	h->options = o;
	h->spool = spool;
	story_init(&h->story);
	buf_init(&h->record, REPORT_RECORD_MAX);
	return h;
}

static void
note_start(struct html *h, struct when started)
{
	if (started.packet == 0)
		return;
	if (h->n_started == 0 || started.time_ns < h->first_ns)
		h->first_ns = started.time_ns;
	if (h->n_started == 0 || started.time_ns > h->last_ns)
		h->last_ns = started.time_ns;
	h->n_started++;
}

static void
add_session(void *state, const struct session *s)
{
	struct html *h = state;

	h->n++;
	questions_add(&h->questions, s);
	note_start(h, s->started);
	story_of(&h->story, s);
	matrix_add(&h->matrix, &h->story, s->server_name);
	story_save(&h->story, &h->record);
	spool_add(h->spool, s->id, buf_bytes(&h->record));
}

static bool
next_story(struct html *h)
{
	uint64_t id;

	if (!spool_next(h->spool, &id, &h->record))
		return false;
	story_load(&h->story, buf_bytes(&h->record));
	return true;
}

static void
look_through(struct html *h, struct places *places)
{
	matrix_sort(&h->matrix);
	timeline_begin(&h->timeline, &h->matrix, h->first_ns, h->last_ns);
	spool_rewind(h->spool);
	while (next_story(h)) {
		places_add(places, &h->story);
		timeline_add(&h->timeline, &h->story.head.attempt);
	}
}

static void
write_sessions(struct html *h, const struct report_end *end, const struct places *places)
{
	struct finding_index *index = finding_index_new(end->findings, end->n_findings);
	struct html_sessions list = { .out = h->options->out,
				      .end = end,
				      .index = index,
				      .places = places,
				      .n_all = h->n,
				      .has_days = !clock_is_same_day(h->first_ns, h->last_ns) };

	html_sessions_begin(&list);
	spool_rewind(h->spool);
	while (next_story(h))
		html_sessions_one(&list, &h->story);
	html_sessions_end(&list);
	finding_index_free(index);
}

static bool
finish_html(void *state, const struct report_end *end, struct err *e)
{
	struct html *h = state;
	struct places *places = places_new(end->findings, end->n_findings);
	FILE *out = h->options->out;

	look_through(h, places);
	html_page_begin(out, h->options, end);
	html_findings(out, end, places);
	html_matrix(out, &h->matrix);
	if (h->n_started > 0)
		html_timeline(out, &h->timeline);
	write_sessions(h, end, places);
	html_limits(out, end, &h->questions);
	html_questions(out, &h->questions, end);
	html_page_end(out);
	places_free(places);
	return !spool_failed(h->spool, e);
}

static void
free_html(void *state)
{
	struct html *h = state;

	spool_free(h->spool);
	story_fini(&h->story);
	buf_fini(&h->record);
	mem_free(h);
}

const struct report_format report_format_html = {
	.wants_details = true,
	.wants_stories = true,
	.open = open_html,
	.session = add_session,
	.finish = finish_html,
	.free = free_html,
};
