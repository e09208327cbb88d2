/* In: findings by importance. Out: paragraphs. Adds no conclusion of its own. */
#include "report/diagnosis.h"

#include <string.h>

#include "base/limits.h"
#include "report/clock.h"

#define PACKETS_SHORT 4 /* packet numbers in the short form */
#define RANGES_SHOWN 8

static enum style
style_of(enum severity s)
{
	static const enum style styles[] = {
		[SEVERITY_INFO] = STYLE_GOOD,
		[SEVERITY_WARNING] = STYLE_WARNING,
		[SEVERITY_ERROR] = STYLE_BAD,
	};

	return styles[s];
}

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

/* "attempt 3", "attempts 1-4, 7 and 12 more"; nothing when the finding is about the capture as a whole. */
static void
print_attempts(struct wrap *w, const struct finding *f)
{
	size_t i = 0, n_ranges = 0;

	if (f->n_sessions == 0)
		return;
	wrap_str(w, f->n_sessions + f->n_sessions_dropped == 1 ? "attempt" : "attempts");
	while (i < f->n_sessions && n_ranges++ < RANGES_SHOWN) {
		size_t end = i + 1;

		while (end < f->n_sessions && f->sessions[end] == f->sessions[end - 1] + 1)
			end++;
		if (end - i > 1)
			wrap_strf(w, "%llu-%llu", (unsigned long long)f->sessions[i],
				  (unsigned long long)f->sessions[end - 1]);
		else
			wrap_strf(w, "%llu", (unsigned long long)f->sessions[i]);
		i = end;
		if (i < f->n_sessions && n_ranges < RANGES_SHOWN)
			wrap_glue(w, ",");
	}
	if (i < f->n_sessions || f->n_sessions_dropped > 0)
		wrap_strf(w, "and %llu more", (unsigned long long)(f->n_sessions - i + f->n_sessions_dropped));
}

static void
print_paragraph(struct wrap *w, const char *label, struct bytes text)
{
	if (text.len == 0)
		return;
	wrap_begin(w, 2, 4);
	wrap_style(w, STYLE_HEADING);
	wrap_str(w, label);
	wrap_style(w, STYLE_PLAIN);
	wrap_end(w);
	wrap_begin(w, 4, 4);
	wrap_words(w, text);
	wrap_end(w);
}

static void
print_evidence_line(struct wrap *w, const struct evidence *e)
{
	char clock[CLOCK_TEXT_MAX];

	wrap_begin(w, 4, 8);
	if (e->when.packet > 0)
		wrap_strf(w, "packet %llu, %s:", (unsigned long long)e->when.packet,
			  clock_precise(e->when.time_ns, clock));
	wrap_words(w, e->text);
	wrap_end(w);
}

static void
print_evidence(struct wrap *w, const struct finding *f, bool has_all)
{
	size_t n = !has_all && f->n_evidence > REPORT_EVIDENCE_SHORT ? REPORT_EVIDENCE_SHORT : f->n_evidence;

	if (n == 0 && f->filter.len == 0)
		return;
	wrap_begin(w, 2, 4);
	wrap_style(w, STYLE_HEADING);
	wrap_str(w, "What the packets show");
	wrap_style(w, STYLE_PLAIN);
	wrap_end(w);
	for (size_t i = 0; i < n; i++)
		print_evidence_line(w, &f->evidence[i]);
	if (n < f->n_evidence) {
		wrap_begin(w, 4, 8);
		wrap_strf(w, "and %zu more (-v shows them)", f->n_evidence - n);
		wrap_end(w);
	}
	if (f->filter.len > 0) {
		wrap_begin(w, 4, 8);
		wrap_str(w, "In a packet viewer, filter:");
		wrap_words(w, f->filter);
		wrap_end(w);
	}
}

/* When and which: "attempts 1-4; 2026-03-01 10:00:00 UTC to 11:00:00 UTC". */
static void
print_extent(struct wrap *w, const struct finding *f)
{
	char a[CLOCK_TEXT_MAX], b[CLOCK_TEXT_MAX];

	wrap_begin(w, 2, 4);
	wrap_str(w, "Seen in:");
	print_attempts(w, f);
	if (f->n_sessions == 0)
		wrap_str(w, "the capture as a whole");
	if (f->first.packet > 0 && f->last.time_ns / NS_PER_S > f->first.time_ns / NS_PER_S)
		wrap_strf(w, "(%s to %s)", clock_full(f->first.time_ns, a), clock_full(f->last.time_ns, b));
	else if (f->first.packet > 0)
		wrap_strf(w, "(%s)", clock_full(f->first.time_ns, a));
	wrap_end(w);
}

/* Who is concerned, and what cannot be told apart from that. */
static void
print_scope(struct wrap *w, const struct finding *f, size_t indent)
{
	if (f->n_scope == 0)
		return;
	wrap_begin(w, indent, indent + 2);
	wrap_words(w, f->scope[0].text);
	wrap_strf(w, "[%s].", f->scope[0].rule);
	for (size_t i = 1; i < f->n_scope; i++) {
		const struct scope_line *other = &f->scope[i];

		wrap_str(w, i == 1 ? "The capture cannot tell this apart from:" : "");
		wrap_strf(w, "%s", other->dimension);
		wrap_words(w, other->value);
		wrap_glue(w, i + 1 < f->n_scope ? "," : ".");
	}
	wrap_end(w);
}

/* The same words under the same cause before: of other attempts, which the cause lists. */
static bool
was_explained(const struct report_end *end, size_t at)
{
	const struct finding *f = &end->findings[at];

	for (size_t i = 0; i < at; i++)
		if (end->findings[i].caused_by == f->caused_by && strcmp(end->findings[i].rule, f->rule) == 0 &&
		    bytes_eq(end->findings[i].title, f->title))
			return true;
	return false;
}

static void
print_explained(struct wrap *w, const struct report_end *end, const struct finding *f)
{
	for (size_t i = 0; i < end->n_findings; i++) {
		if (end->findings[i].caused_by != f->id || was_explained(end, i))
			continue;
		wrap_begin(w, 2, 4);
		wrap_str(w, "It also explains:");
		wrap_words(w, end->findings[i].title);
		wrap_strf(w, "[%s]", end->findings[i].rule);
		wrap_end(w);
	}
}

void
diagnosis_print(struct wrap *w, const struct report_end *end, const struct finding *f, bool has_all_evidence)
{
	wrap_blank(w);
	wrap_begin(w, 0, 2);
	wrap_style(w, style_of(f->severity));
	wrap_words(w, f->title);
	wrap_style(w, STYLE_PLAIN);
	wrap_end(w);
	wrap_begin(w, 2, 4);
	wrap_strf(w, "[%s] %s.", f->rule, certainty_phrase(f->certainty));
	if (f->severity != SEVERITY_INFO)
		wrap_strf(w, "To act: %s.", fault_side(f));
	wrap_end(w);
	print_extent(w, f);
	print_scope(w, f, 2);
	print_evidence(w, f, has_all_evidence);
	print_paragraph(w, "What it means", f->means);
	print_paragraph(w, "What it does not prove", f->not_proven);
	print_paragraph(w, "What to do", f->remedy);
	print_explained(w, end, f);
}

static void
print_packets(struct wrap *w, const struct finding *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_evidence && n < PACKETS_SHORT; i++) {
		if (f->evidence[i].when.packet == 0 ||
		    (i > 0 && f->evidence[i].when.packet == f->evidence[i - 1].when.packet))
			continue;
		if (n > 0)
			wrap_glue(w, ",");
		wrap_strf(w, n == 0 ? "packet %llu" : "%llu", (unsigned long long)f->evidence[i].when.packet);
		n++;
	}
	if (n > 0)
		wrap_glue(w, ";");
}

static void
print_short(struct wrap *w, const struct finding *f)
{
	wrap_begin(w, 2, 4);
	wrap_style(w, style_of(f->severity));
	wrap_str(w, severity_name(f->severity));
	wrap_glue(w, ":");
	wrap_style(w, STYLE_PLAIN);
	wrap_words(w, f->title);
	wrap_strf(w, "[%s, %s]", f->rule, certainty_name(f->certainty));
	wrap_end(w);
	wrap_begin(w, 6, 6);
	print_packets(w, f);
	if (f->n_sessions > 0)
		print_attempts(w, f);
	else
		wrap_str(w, "the capture as a whole");
	wrap_end(w);
	print_scope(w, f, 6);
	if (f->remedy.len == 0 || f->severity == SEVERITY_INFO)
		return;
	wrap_begin(w, 6, 6);
	wrap_str(w, "To do:");
	wrap_words(w, f->remedy);
	wrap_end(w);
}

bool
diagnosis_is_about_capture(const struct finding *f)
{
	return strcmp(f->fault, "capture") == 0;
}

void
diagnosis_print_others(struct wrap *w, const struct report_end *end, bool is_verbose)
{
	size_t n_shown = 0, n_left = 0;

	for (size_t i = 1; i < end->n_findings; i++) {
		const struct finding *f = &end->findings[i];

		if (diagnosis_is_about_capture(f) || (f->caused_by != 0 && !is_verbose))
			continue; /* told in another section, or under its cause */
		if (!is_verbose && n_shown == REPORT_FINDINGS_SHORT) {
			n_left++;
			continue;
		}
		if (n_shown++ == 0)
			wrap_heading(w, "Also found");
		if (is_verbose)
			diagnosis_print(w, end, f, true);
		else
			print_short(w, f);
	}
	if (n_left > 0) {
		wrap_begin(w, 2, 4);
		wrap_strf(w, "and %zu more (-v shows them)", n_left);
		wrap_end(w);
	}
}
