/* In: stories, one by one. Out: for each a line that opens: details, findings, and the ladder if this one gets one. All
 * lines stay in the file; the browser lays out only what is seen (content-visibility in report.css). */
#include "base/attr.h"
#include "report/clock.h"
#include "report/html_ladder.h"
#include "report/html_parts.h"
#include "report/html_write.h"

#define CHUNK 50          /* lines that are laid out together */
#define FINDINGS_SHOWN 12 /* per attempt */
#define CHOICES_MAX 60    /* findings in the list to choose from */

static void
put_choices(const struct html_sessions *h)
{
	static const char *const outcomes[] = {
#define OUTCOME(id, name) name,
#include "decode/outcomes.def"
#undef OUTCOME
	};
	FILE *out = h->out;

	fputs(
	    "<label>Outcome <select id=\"by-outcome\"><option value=\"\">all</option><option value=\"!\">not delivered"
	    "</option>",
	    out);
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		fprintf(out, "<option>%s</option>", outcomes[i]);
	fputs("</select></label>\n<label>Finding <select id=\"by-finding\"><option value=\"\">all</option>", out);
	for (size_t i = 0; i < h->end->n_findings && i < CHOICES_MAX; i++) {
		const struct finding *f = &h->end->findings[i];

		if (f->n_sessions == 0)
			continue;
		fprintf(out, "<option value=\"%llu\">", (unsigned long long)f->id);
		html_printf(out, "%s (%llu)", f->rule, (unsigned long long)(f->n_sessions + f->n_sessions_dropped));
		fputs("</option>", out);
	}
	fputs("</select></label>\n", out);
}

void
html_sessions_begin(struct html_sessions *h)
{
	FILE *out = h->out;

	fprintf(out,
		"<section id=\"attempts\" class=\"%s\" aria-labelledby=\"attempts-h\">\n"
		"<h2 id=\"attempts-h\">Attempts</h2>\n",
		h->n_all <= CHUNK ? "few" : "many");
	if (h->n_all == 0) {
		fputs("<p>None was seen.</p>\n", out);
		return;
	}
	fputs("<form id=\"filter\" class=\"filter\" hidden role=\"search\" aria-label=\"Filter the attempts\">\n"
	      "<label>Search <input id=\"search\" type=\"search\" placeholder=\"address, name, code, text\" "
	      "autocomplete=\"off\"></label>\n",
	      out);
	put_choices(h);
	fputs("<button type=\"reset\">Show all</button>\n<output id=\"found\" for=\"search by-outcome "
	      "by-finding\"></output>\n"
	      "</form>\n<div id=\"list\">\n",
	      out);
}

/* 12  14:02:03  192.0.2.10 -> 198.51.100.25:25  rcpt  refused  0.31 s  550 ... */
static void
put_line(const struct html_sessions *h, const struct story *y)
{
	const struct attempt *a = &y->head.attempt;
	char clock[CLOCK_TEXT_MAX], day[CLOCK_TEXT_MAX];
	FILE *out = h->out;

	fprintf(out, "<summary><span class=\"id\">%llu</span><span class=\"at\">%s%s%s</span><span class=\"who\">",
		(unsigned long long)a->id,
		h->has_days && a->started.packet > 0 ? clock_date(a->started.time_ns, day) + 5 : "",
		h->has_days ? " " : "", a->started.packet > 0 ? clock_time(a->started.time_ns, clock) : "?");
	html_endpoint(out, &(struct endpoint){ .address = a->client.address });
	fputs(" <span class=\"to\">to</span> ", out);
	html_endpoint(out, &a->server);
	fprintf(out, "</span><span class=\"out\">%s</span><span class=\"ph\">in %s</span><span class=\"dur\">%s</span>",
		outcome_name(a->outcome), phase_name(a->is_failure ? y->head.failed_in : a->phase),
		a->took_ns >= 0 ? clock_duration(a->took_ns, clock) : "");
	fputs("<span class=\"said\">", out);
	if (a->said_code != 0)
		fprintf(out, "%u ", a->said_code);
	html_text(out, bytes_of(a->said, a->said_len));
	fputs("</span></summary>\n", out);
}

static const struct finding *
finding_at(const struct html_sessions *h, const struct index_entry *e)
{
	return &h->end->findings[e->rank];
}

static void
put_findings(const struct html_sessions *h, const struct index_entry *entries, size_t n)
{
	FILE *out = h->out;

	if (n == 0)
		return;
	fputs("<ul class=\"flags\">", out);
	for (size_t i = 0; i < n && i < FINDINGS_SHOWN; i++) {
		const struct finding *f = finding_at(h, &entries[i]);

		fprintf(out, "<li class=\"%s\"><a href=\"#f%llu\">", severity_name(f->severity),
			(unsigned long long)f->id);
		html_prose(out, f->title.len > 0 ? f->title : bytes_str(f->rule));
		fputs("</a></li>", out);
	}
	fputs("</ul>\n", out);
}

static void
put_details(FILE *out, const struct story *y)
{
	const struct story_head *head = &y->head;

	fputs("<dl>", out);
	for (size_t i = 0; i < head->n_details; i++) {
		fprintf(out, "<div><dt>%s</dt><dd>", y->details[i].label);
		html_text(out, story_detail_text(y, &y->details[i]));
		fputs("</dd></div>", out);
	}
	if (head->n_recipients_left_out > 0)
		fprintf(out, "<div><dt>To</dt><dd>and %llu more recipients</dd></div>",
			(unsigned long long)head->n_recipients_left_out);
	if (head->has_stream)
		fprintf(out, "<div><dt>Filter</dt><dd><code>tcp.stream eq %llu</code></dd></div>",
			(unsigned long long)head->stream);
	fputs("</dl>\n", out);
}

/* Attempts with evidence always; of the others a bounded number, those with something wrong first. */
static bool
gets_ladder(struct html_sessions *h, const struct story *y, bool is_wrong)
{
	if (places_has_session(h->places, y->head.attempt.id))
		return true;
	if (is_wrong)
		return h->n_ladders_bad++ < REPORT_LADDERS_BAD;
	return h->n_ladders_other++ < REPORT_LADDERS_OTHER;
}

static void
put_ladder(struct html_sessions *h, struct story *y, const struct index_entry *entries, size_t n)
{
	bool is_wrong = y->head.attempt.is_failure || (n > 0 && finding_at(h, &entries[0])->severity > SEVERITY_INFO);
	FILE *out = h->out;

	for (size_t i = 0; i < n && i < FINDINGS_SHOWN; i++)
		story_add_evidence(y, finding_at(h, &entries[i]));
	if (y->ladder.n == 0)
		return;
	if (!gets_ladder(h, y, is_wrong)) {
		fprintf(
		    out,
		    "<p class=\"note\">For the ladder of this attempt: <code>smtptrace --ladder %llu FILE</code></p>\n",
		    (unsigned long long)y->head.attempt.id);
		return;
	}
	fprintf(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Ladder of attempt %llu\">\n",
		(unsigned long long)y->head.attempt.id);
	html_ladder(out, y, h->places, n > 0 ? finding_at(h, &entries[0])->id : 0);
	fputs("</div>\n", out);
}

void
html_sessions_one(struct html_sessions *h, struct story *y)
{
	const struct attempt *a = &y->head.attempt;
	const struct index_entry *entries;
	size_t n = finding_index_get(h->index, a->id, &entries);
	FILE *out = h->out;

	if (h->n % CHUNK == 0)
		fprintf(out, "%s<div class=\"chunk\">\n", h->n > 0 ? "</div>\n" : "");
	h->n++;
	fprintf(out, "<details class=\"session %s\" data-o=\"%s\" data-f=\"",
		a->is_failure                     ? "bad"
		: a->outcome == OUTCOME_DELIVERED ? "good"
						  : "other",
		outcome_name(a->outcome));
	for (size_t i = 0; i < n && i < FINDINGS_SHOWN; i++)
		fprintf(out, "%s%llu", i > 0 ? " " : "", (unsigned long long)entries[i].finding);
	fputs("\">\n", out);
	put_line(h, y);
	fprintf(out, "<div id=\"s%llu\" class=\"body\">\n", (unsigned long long)a->id);
	put_findings(h, entries, n);
	put_ladder(h, y, entries, n);
	put_details(out, y);
	fputs("</div>\n</details>\n", out);
}

void
html_sessions_end(struct html_sessions *h)
{
	if (h->n > 0)
		fputs("</div>\n</div>\n", h->out);
	else if (h->n_all > 0)
		fputs("</div>\n", h->out);
	fputs("</section>\n", h->out);
}
