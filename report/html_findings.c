/* In: findings by importance. Out: the main diagnosis open, the others to be opened; evidence links to the packet in
 * the ladder of its attempt. Adds no conclusion of its own. */
#include "report/clock.h"
#include "report/html_parts.h"
#include "report/html_write.h"

#define RANGES_SHOWN 12

static const char *
certainty_phrase(enum certainty c)
{
	static const char *const phrases[] = {
		[CERTAINTY_POSSIBLE] = "possible; other causes fit as well",
		[CERTAINTY_LIKELY] = "likely; nothing else fits well",
		[CERTAINTY_PROVEN] = "proven by the packets",
	};

	return phrases[c];
}

static void
put_attempt(FILE *out, uint64_t id)
{
	fprintf(out, "<a href=\"#s%llu\">%llu</a>", (unsigned long long)id, (unsigned long long)id);
}

/* "attempts 1 to 4, 7", first and last of each range a link. */
static void
put_attempts(FILE *out, const struct finding *f)
{
	size_t i = 0;

	if (f->n_sessions == 0) {
		fputs("the capture as a whole", out);
		return;
	}
	fputs(f->n_sessions + f->n_sessions_dropped == 1 ? "attempt " : "attempts ", out);
	for (size_t n = 0; i < f->n_sessions && n < RANGES_SHOWN; n++) {
		size_t end = i + 1;

		while (end < f->n_sessions && f->sessions[end] == f->sessions[end - 1] + 1)
			end++;
		fputs(n > 0 ? ", " : "", out);
		put_attempt(out, f->sessions[i]);
		if (end - i > 1) {
			fputs(end - i > 2 ? " to " : ", ", out);
			put_attempt(out, f->sessions[end - 1]);
		}
		i = end;
	}
	if (i < f->n_sessions || f->n_sessions_dropped > 0)
		fprintf(out, " and %llu more", (unsigned long long)(f->n_sessions - i + f->n_sessions_dropped));
}

static void
put_extent(FILE *out, const struct finding *f)
{
	char clock[CLOCK_TEXT_MAX];

	fputs("<p class=\"seen\">Seen in ", out);
	put_attempts(out, f);
	if (f->first.packet > 0)
		fprintf(out, ", %s", clock_full(f->first.time_ns, clock));
	if (f->first.packet > 0 && f->last.time_ns / NS_PER_S > f->first.time_ns / NS_PER_S)
		fprintf(out, " to %s", clock_full(f->last.time_ns, clock));
	fputs("</p>\n", out);
}

/* To the packet in a ladder; else to the attempt when there is only one; else no link. */
static bool
begin_link(FILE *out, const struct finding *f, const struct evidence *e, const struct places *p)
{
	uint64_t session = places_session(p, e->when.packet);

	if (session != 0)
		fprintf(out, "<a href=\"#s%llup%llu\">", (unsigned long long)session,
			(unsigned long long)e->when.packet);
	else if (f->n_sessions == 1 && f->n_sessions_dropped == 0)
		fprintf(out, "<a href=\"#s%llu\">", (unsigned long long)f->sessions[0]);
	else
		return false;
	return true;
}

static void
put_evidence_line(FILE *out, const struct finding *f, const struct evidence *e, const struct places *p)
{
	char clock[CLOCK_TEXT_MAX];

	fputs("<li>", out);
	if (e->when.packet > 0) {
		bool is_link = begin_link(out, f, e, p);

		fprintf(out, "packet %llu%s, <time>%s</time>: ", (unsigned long long)e->when.packet,
			is_link ? "</a>" : "", clock_precise(e->when.time_ns, clock));
	}
	html_prose(out, e->text);
	fputs("</li>\n", out);
}

static void
put_evidence(FILE *out, const struct finding *f, const struct places *p, const char *heading)
{
	if (f->n_evidence == 0 && f->filter.len == 0)
		return;
	fprintf(out, "<div class=\"evidence\"><%s>What the packets show</%s>\n<ol>\n", heading, heading);
	for (size_t i = 0; i < f->n_evidence; i++)
		put_evidence_line(out, f, &f->evidence[i], p);
	fputs("</ol>\n", out);
	if (f->filter.len > 0) {
		fputs("<p class=\"filter\">Filter for a packet viewer: <code>", out);
		html_text(out, f->filter);
		fputs("</code></p>\n", out);
	}
	fputs("</div>\n", out);
}

static void
put_paragraph(FILE *out, const char *class, const char *label, struct bytes text, const char *heading)
{
	if (text.len == 0)
		return;
	fprintf(out, "<div class=\"%s\"><%s>%s</%s><p>", class, heading, label, heading);
	html_prose(out, text);
	fputs("</p></div>\n", out);
}

static void
put_badges(FILE *out, const struct finding *f)
{
	fprintf(out,
		"<p class=\"badges\"><span class=\"badge act\">To act: <b>%s</b></span>"
		"<span class=\"badge\">Certainty: %s</span><code class=\"badge\">%s</code></p>\n",
		fault_side(f), certainty_phrase(f->certainty), f->rule);
}

static void
put_title(FILE *out, const struct finding *f)
{
	if (f->title.len > 0)
		html_prose(out, f->title);
	else
		html_prose(out, f->means);
}

static const char *
severity_word(const struct finding *f)
{
	return f->severity == SEVERITY_INFO ? "info" : severity_name(f->severity);
}

static void
put_relations(FILE *out, const struct report_end *end, const struct finding *f)
{
	const char *before = "<p class=\"seen\">It also explains: ";
	size_t n = 0;

	if (f->caused_by != 0)
		fprintf(out, "<p class=\"seen\">Explained by <a href=\"#f%llu\">another finding</a>.</p>\n",
			(unsigned long long)f->caused_by);
	for (size_t i = 0; i < end->n_findings && n < RANGES_SHOWN; i++) {
		const struct finding *other = &end->findings[i];

		if (other->caused_by != f->id)
			continue;
		fprintf(out, "%s<a href=\"#f%llu\">", n++ == 0 ? before : "; ", (unsigned long long)other->id);
		put_title(out, other);
		fputs("</a>", out);
	}
	if (n > 0)
		fputs("</p>\n", out);
}

/* Who is concerned, and what cannot be told apart from that. */
static void
put_scope(FILE *out, const struct finding *f)
{
	if (f->n_scope == 0)
		return;
	fputs("<p class=\"scope\"><b>Who is concerned:</b> ", out);
	html_prose(out, f->scope[0].text);
	fprintf(out, ". <code>%s</code>", f->scope[0].rule);
	for (size_t i = 1; i < f->n_scope; i++) {
		fputs(i == 1 ? " The capture cannot tell this apart from: " : ", ", out);
		html_printf(out, "%s ", f->scope[i].dimension);
		html_text(out, f->scope[i].value);
	}
	fputs(f->n_scope > 1 ? ".</p>\n" : "</p>\n", out);
}

static void
put_body(FILE *out, const struct report_end *end, const struct finding *f, const struct places *p, const char *heading)
{
	put_badges(out, f);
	fputs("<div class=\"columns\">\n", out);
	put_evidence(out, f, p, heading);
	fputs("<div class=\"advice\">\n", out);
	put_paragraph(out, "remedy", "What to do", f->remedy, heading);
	put_paragraph(out, "means", "What it means", f->title.len > 0 ? f->means : bytes_of(NULL, 0), heading);
	put_paragraph(out, "unproven", "What it does not prove", f->not_proven, heading);
	fputs("</div>\n</div>\n", out);
	put_scope(out, f);
	put_extent(out, f);
	put_relations(out, end, f);
}

static void
put_main(FILE *out, const struct report_end *end, const struct finding *f, const struct places *p)
{
	fprintf(out, "<section id=\"f%llu\" class=\"card main %s\" aria-label=\"Main diagnosis\">\n<h2>",
		(unsigned long long)f->id, severity_word(f));
	put_title(out, f);
	fputs("</h2>\n", out);
	put_body(out, end, f, p, "h3");
	fputs("</section>\n", out);
}

/* The id stands inside, so that a link to it opens the element (HTML 4.11.1, ancestor details revealing). */
static void
put_other(FILE *out, const struct report_end *end, const struct finding *f, const struct places *p)
{
	fprintf(out, "<details class=\"card finding %s\">\n<summary><h3><span class=\"sev\">%s</span> ",
		severity_word(f), severity_word(f));
	put_title(out, f);
	fprintf(out, "</h3>%s</summary>\n<div id=\"f%llu\" class=\"body\">\n",
		f->caused_by != 0 ? "<span class=\"hint\">explained by another</span>" : "", (unsigned long long)f->id);
	put_body(out, end, f, p, "h4");
	fputs("</div>\n</details>\n", out);
}

void
html_findings(FILE *out, const struct report_end *end, const struct places *p)
{
	if (end->n_findings == 0)
		return;
	put_main(out, end, &end->findings[0], p);
	if (end->n_findings == 1)
		return;
	fputs("<section id=\"findings\" aria-labelledby=\"findings-h\">\n<h2 id=\"findings-h\">Also found</h2>\n", out);
	for (size_t i = 1; i < end->n_findings; i++)
		put_other(out, end, &end->findings[i], p);
	fputs("</section>\n", out);
}
