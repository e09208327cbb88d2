/* In: sessions, then what the rules concluded. Out: a short report in Markdown (CommonMark, tables of GitHub) for a
 * ticket. Text that may hold bytes from the wire stands in code spans, or has its punctuation escaped: no link,
 * mention, picture or heading of a stranger. */
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/limits.h"
#include "report/attempt.h"
#include "report/clock.h"
#include "report/diagnosis.h"
#include "report/format.h"
#include "report/html_write.h"
#include "report/prose.h"
#include "report/wire.h"

#define ATTEMPTS_MAX 20 /* rows; a ticket is read by people */
#define OTHERS_MAX 8
#define EVIDENCE_MAX_HERE 8
#define SAID_MAX 80 /* characters of a reply in the table */

struct markdown {
	const struct report_options *options;
	struct questions questions;
	uint64_t n;
	size_t n_failures, n_others; /* kept */
	struct attempt failures[ATTEMPTS_MAX], others[ATTEMPTS_MAX];
};

static void *
open_markdown(const struct report_options *o, struct err *e)
{
	struct markdown *m = mem_new(sizeof(*m));

	(void)e;
	m->options = o;
	return m;
}

static void
add_session(void *state, const struct session *s)
{
	struct markdown *m = state;

	m->n++;
	questions_add(&m->questions, s);
	if (attempt_is_failure(s->outcome) && m->n_failures < ATTEMPTS_MAX)
		attempt_of(s, &m->failures[m->n_failures++]);
	else if (!attempt_is_failure(s->outcome) && m->n_others < ATTEMPTS_MAX)
		attempt_of(s, &m->others[m->n_others++]);
}

/* Escaped as wire.h says, then with a backslash before what means something to Markdown. '@' becomes a reference, since
 * ticket systems look for names behind it; so does the dot of www. and the colon of http:. */
static void
put_escaped(FILE *out, struct bytes ascii)
{
	for (size_t i = 0; i < ascii.len; i++) {
		char c = (char)ascii.p[i];
		bool ends_www = i >= 3 && c == '.' && bytes_is_word(bytes_of(ascii.p + i - 3, 3), "www");
		bool ends_scheme = c == ':' && i + 1 < ascii.len && ascii.p[i + 1] == '/';

		if (c == '@' || ends_www || ends_scheme || c == '<' || c == '&')
			fprintf(out, "&#%d;", c);
		else if (strchr("\\`*_{}[]>()#+-!|~$^=", c))
			fprintf(out, "\\%c", c);
		else
			fputc(c, out);
	}
}

static void
put_prose(FILE *out, struct bytes text)
{
	struct buf escaped;

	buf_init(&escaped, REPORT_RECORD_MAX);
	wire_escape_prose(&escaped, text);
	put_escaped(out, buf_bytes(&escaped));
	buf_fini(&escaped);
}

static size_t
longest_fence(struct bytes text)
{
	size_t longest = 0, n = 0;

	for (size_t i = 0; i < text.len; i++) {
		n = text.p[i] == '`' ? n + 1 : 0;
		if (n > longest)
			longest = n;
	}
	return longest;
}

/* A code span: nothing in it means anything but the fence, and in tables the bar. */
static void
put_code(FILE *out, struct bytes text, size_t max, bool in_table)
{
	struct buf escaped;
	size_t n_fence;

	buf_init(&escaped, REPORT_RECORD_MAX);
	wire_escape_prose(&escaped, text);
	if (escaped.len > max) {
		escaped.len = max;
		buf_add_str(&escaped, "...");
	}
	n_fence = longest_fence(buf_bytes(&escaped)) + 1;
	for (size_t i = 0; i < n_fence; i++)
		fputc('`', out);
	fputs(n_fence > 1 ? " " : "", out);
	for (size_t i = 0; i < escaped.len; i++) {
		if (in_table && escaped.p[i] == '|')
			fputc('\\', out);
		fputc(escaped.p[i], out);
	}
	fputs(n_fence > 1 ? " " : "", out);
	for (size_t i = 0; i < n_fence; i++)
		fputc('`', out);
	buf_fini(&escaped);
}

static void
put_source(FILE *out, const struct report_options *o, const struct report_capture *c)
{
	char clock[CLOCK_TEXT_MAX];

	for (size_t i = 0; i < o->n_files; i++) {
		put_code(out, bytes_str(o->files[i]), 300, false);
		fputs(i + 1 < o->n_files ? ", " : ": ", out);
	}
	fprintf(out, "%llu packets", (unsigned long long)c->summary.n_packets);
	if (c->summary.first.packet > 0) {
		fprintf(out, ", %s", clock_full(c->summary.first.time_ns, clock));
		fprintf(out, " to %s", clock_full(c->summary.last.time_ns, clock));
	}
	if (c->vantage == VANTAGE_CLIENT || c->vantage == VANTAGE_SERVER)
		fprintf(out, ", taken at the %s", c->vantage == VANTAGE_CLIENT ? "client" : "server");
	fputs(".\n", out);
}

static void
put_verdict(FILE *out, const struct verdict *v)
{
	static const char *const words[] = {
		[SEVERITY_INFO] = "OK", [SEVERITY_WARNING] = "Warning", [SEVERITY_ERROR] = "Problem"
	};

	fprintf(out, "**%s:** ", words[v->result]);
	put_prose(out, v->text);
	fprintf(out, "\n\n%llu attempts: %llu delivered, %llu failed, %llu unknown. ",
		(unsigned long long)v->n_attempts, (unsigned long long)v->n_delivered, (unsigned long long)v->n_failed,
		(unsigned long long)v->n_unknown);
}

static void
put_paragraph(FILE *out, const char *label, struct bytes text)
{
	if (text.len == 0)
		return;
	fprintf(out, "\n**%s:** ", label);
	put_prose(out, text);
	fputc('\n', out);
}

static void
put_evidence(FILE *out, const struct finding *f)
{
	size_t n = f->n_evidence < EVIDENCE_MAX_HERE ? f->n_evidence : EVIDENCE_MAX_HERE;
	char clock[CLOCK_TEXT_MAX];

	if (n > 0)
		fputs("\n**What the packets show:**\n\n", out);
	for (size_t i = 0; i < n; i++) {
		const struct evidence *e = &f->evidence[i];

		fputs("- ", out);
		if (e->when.packet > 0)
			fprintf(out, "packet %llu, %s: ", (unsigned long long)e->when.packet,
				clock_precise(e->when.time_ns, clock));
		put_code(out, e->text, REPORT_RECORD_MAX / 2, false);
		fputc('\n', out);
	}
	if (f->filter.len == 0)
		return;
	fputs("\nFilter for a packet viewer: ", out);
	put_code(out, f->filter, REPORT_RECORD_MAX / 2, false);
	fputc('\n', out);
}

static void
put_main(FILE *out, const struct finding *f)
{
	char clock[CLOCK_TEXT_MAX];

	fputs("\n### ", out);
	put_prose(out, f->title.len > 0 ? f->title : bytes_str(f->rule));
	fprintf(out, "\n\n`%s`, certainty: %s. To act: **%s**.", f->rule, certainty_name(f->certainty), fault_side(f));
	if (f->n_sessions > 0)
		fprintf(out, " Attempts concerned: %llu.", (unsigned long long)(f->n_sessions + f->n_sessions_dropped));
	if (f->first.packet > 0)
		fprintf(out, " First seen %s.", clock_full(f->first.time_ns, clock));
	fputc('\n', out);
	put_evidence(out, f);
	if (f->n_scope > 0)
		put_paragraph(out, "Who is concerned", f->scope[0].text);
	put_paragraph(out, "What it means", f->means);
	put_paragraph(out, "What it does not prove", f->not_proven);
	put_paragraph(out, "What to do", f->remedy);
}

/* What is explained by another needs no line in a ticket, nor does what was said about the capture. */
static void
put_others(FILE *out, const struct report_end *end)
{
	size_t n = 0, n_left = 0;

	for (size_t i = 1; i < end->n_findings; i++) {
		const struct finding *f = &end->findings[i];

		if (f->caused_by != 0 || diagnosis_is_about_capture(f))
			continue;
		if (n == OTHERS_MAX) {
			n_left++;
			continue;
		}
		fputs(n++ == 0 ? "\n### Also found\n\n" : "", out);
		fprintf(out, "- %s: ", severity_name(f->severity));
		put_prose(out, f->title.len > 0 ? f->title : bytes_str(f->rule));
		fprintf(out, " (`%s`)\n", f->rule);
	}
	if (n_left > 0)
		fprintf(out, "- and %zu more\n", n_left);
}

static void
put_attempt(FILE *out, const struct attempt *a)
{
	char clock[CLOCK_TEXT_MAX], text[64];

	fprintf(out, "| %llu | %s ", (unsigned long long)a->id,
		a->started.packet > 0 ? clock_full(a->started.time_ns, clock) : "?");
	fprintf(out, "| %s ", html_endpoint_text(&(struct endpoint){ .address = a->client.address }, text));
	fprintf(out, "| %s ", html_endpoint_text(&a->server, text));
	fprintf(out, "| %s | %s | ", phase_name(a->phase), outcome_name(a->outcome));
	if (a->said_code != 0)
		fprintf(out, "%u ", a->said_code);
	if (a->said_len > 0)
		put_code(out, bytes_of(a->said, a->said_len), SAID_MAX, true);
	fputs(" |\n", out);
}

static void
put_attempts(const struct markdown *m, FILE *out)
{
	size_t n_others = m->n_others < ATTEMPTS_MAX - m->n_failures ? m->n_others : ATTEMPTS_MAX - m->n_failures;
	size_t f = 0, o = 0;

	if (m->n == 0)
		return;
	fputs("\n### Attempts\n\n| # | start | client | server | furthest phase | outcome | answer |\n"
	      "|---:|---|---|---|---|---|---|\n",
	      out);
	while (f < m->n_failures || o < n_others)
		if (o == n_others || (f < m->n_failures && m->failures[f].id < m->others[o].id))
			put_attempt(out, &m->failures[f++]);
		else
			put_attempt(out, &m->others[o++]);
	if (m->n > f + o)
		fprintf(out, "\nand %llu more.\n", (unsigned long long)(m->n - f - o));
}

static void
put_limits(FILE *out, const struct report_end *end, const struct questions *q)
{
	struct prose *p = prose_new_limits(end, q);
	struct prose_line line;

	fputs("\n### What this capture cannot show\n\n", out);
	while (prose_next(p, &line)) {
		fputs("- ", out);
		put_escaped(out, line.text);
		fputc('\n', out);
	}
	prose_free(p);
}

static bool
finish_markdown(void *state, const struct report_end *end, struct err *e)
{
	struct markdown *m = state;
	FILE *out = m->options->out;

	(void)e;
	put_verdict(out, end->verdict);
	put_source(out, m->options, end->capture);
	if (end->n_findings > 0)
		put_main(out, &end->findings[0]);
	put_others(out, end);
	put_attempts(m, out);
	put_limits(out, end, &m->questions);
	return true;
}

const struct report_format report_format_markdown = {
	.open = open_markdown,
	.session = add_session,
	.finish = finish_markdown,
	.free = mem_free,
};
