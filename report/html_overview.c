/* In: counts. Out: the table of servers and phases, and the drawing of when attempts began. */
#include <math.h>
#include <string.h>

#include "report/clock.h"
#include "report/html_parts.h"
#include "report/html_write.h"

#define LABEL_W 210 /* of the drawing, in user units */
#define BIN_W 8
#define LANE_H 40
#define BAR_MAX 17

static void
put_time(FILE *out, const struct matrix_cell *c)
{
	char shortest[CLOCK_TEXT_MAX], longest[CLOCK_TEXT_MAX];

	clock_span(c->shortest_ns, shortest);
	clock_span(c->longest_ns, longest);
	if (c->longest_ns - c->shortest_ns < c->longest_ns / 10)
		fprintf(out, "<span class=\"t\">%s</span>", longest);
	else
		fprintf(out, "<span class=\"t\">%s to %s</span>", shortest, longest);
}

static void
put_cell(FILE *out, const struct matrix_cell *c)
{
	if (c->n == 0) {
		fputs("<td class=\"none\"><span aria-hidden=\"true\">&#183;</span><span class=\"vh\">not "
		      "reached</span></td>",
		      out);
		return;
	}
	if (c->n_failed > 0)
		fprintf(out, "<td class=\"bad\"><span aria-hidden=\"true\">&#10007;</span> %llu of %llu failed",
			(unsigned long long)c->n_failed, (unsigned long long)c->n);
	else
		fprintf(out,
			"<td class=\"good\"><span aria-hidden=\"true\">&#10003;</span> %llu<span class=\"vh\"> "
			"passed</span>",
			(unsigned long long)c->n);
	put_time(out, c);
	fputs("</td>", out);
}

static void
put_row(FILE *out, const struct matrix_row *row, const bool *is_reached, bool is_others)
{
	fputs("<tr><th scope=\"row\">", out);
	if (is_others)
		fputs("other servers", out);
	else if (row->server.address.family == 0)
		fputs("no connection", out);
	else
		html_endpoint(out, &row->server);
	if (row->name_len > 0) {
		fputs("<span class=\"t\">", out);
		html_text(out, bytes_of(row->name, row->name_len));
		fputs("</span>", out);
	}
	fprintf(out, "</th><td>%llu</td>", (unsigned long long)row->n);
	for (size_t i = 0; i < MATRIX_PHASES; i++)
		if (is_reached[i])
			put_cell(out, &row->cells[i]);
	fputs("</tr>\n", out);
}

/* Phases that no attempt came to need no column. */
static void
find_reached(const struct matrix *m, bool is_reached[MATRIX_PHASES])
{
	for (size_t k = 0; k < MATRIX_PHASES; k++) {
		is_reached[k] = m->others.cells[k].n > 0;
		for (size_t i = 0; i < m->n; i++)
			is_reached[k] = is_reached[k] || m->rows[i].cells[k].n > 0;
	}
}

void
html_matrix(FILE *out, const struct matrix *m)
{
	bool is_reached[MATRIX_PHASES];

	find_reached(m, is_reached);
	fputs("<section id=\"servers\" aria-labelledby=\"servers-h\">\n<h2 id=\"servers-h\">Servers and phases</h2>\n",
	      out);
	if (m->n == 0) {
		fputs("<p>No attempt to reach a server is in this capture.</p>\n</section>\n", out);
		return;
	}
	fputs("<p class=\"note\">How many attempts came to each phase, how many failed there, and how long they were "
	      "in it."
	      "</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"servers-h\">\n"
	      "<table class=\"matrix\">\n<thead><tr><th scope=\"col\">server</th><th scope=\"col\">attempts</th>",
	      out);
	for (size_t i = 0; i < MATRIX_PHASES; i++)
		if (is_reached[i])
			fprintf(out, "<th scope=\"col\">%s</th>", phase_name((enum phase)i));
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t i = 0; i < m->n; i++)
		put_row(out, &m->rows[i], is_reached, false);
	if (m->others.n > 0)
		put_row(out, &m->others, is_reached, true);
	fputs("</tbody>\n</table>\n</div>\n</section>\n", out);
}

static int
bar_height(const struct timeline *t, uint64_t n)
{
	return n == 0 ? 0 : 3 + (int)lround((BAR_MAX - 3) * sqrt((double)n / (double)t->highest));
}

static void
put_bars(FILE *out, const struct timeline *t, const uint64_t count[TIMELINE_KINDS], int x, int middle)
{
	int up = bar_height(t, count[TIMELINE_FAILED]), down = bar_height(t, count[TIMELINE_DELIVERED]);

	if (up > 0)
		fprintf(out, "<rect class=\"bad\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", x, middle - up,
			BIN_W - 1, up);
	if (down > 0)
		fprintf(out, "<rect class=\"good\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", x, middle,
			BIN_W - 1, down);
	if (count[TIMELINE_OTHER] > 0)
		fprintf(out, "<rect class=\"other\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"4\"/>", x, middle - 2,
			BIN_W - 1);
}

static void
put_bin(FILE *out, const struct timeline *t, size_t lane, size_t bin, int middle)
{
	const uint64_t *count = t->count[lane][bin];
	int64_t from_ns = t->first_ns + (int64_t)bin * t->width_ns;
	char clock[CLOCK_TEXT_MAX];

	if (count[TIMELINE_FAILED] + count[TIMELINE_DELIVERED] + count[TIMELINE_OTHER] == 0)
		return;
	fprintf(out, "<g><title>from %s: %llu failed, %llu delivered, %llu other</title>",
		clock_precise(from_ns, clock), (unsigned long long)count[TIMELINE_FAILED],
		(unsigned long long)count[TIMELINE_DELIVERED], (unsigned long long)count[TIMELINE_OTHER]);
	put_bars(out, t, count, LABEL_W + (int)bin * BIN_W, middle);
	fputs("</g>\n", out);
}

static void
put_lane(FILE *out, const struct timeline *t, size_t lane)
{
	const struct matrix_row *row = lane < t->matrix->n && lane < TIMELINE_LANES ? &t->matrix->rows[lane] : NULL;
	int middle = (int)lane * LANE_H + LANE_H / 2 + 8;

	fprintf(out, "<text class=\"l\" x=\"%d\" y=\"%d\">", LABEL_W - 10, middle + 4);
	if (!row)
		fputs("other servers", out);
	else if (row->server.address.family == 0)
		fputs("no connection", out);
	else
		html_endpoint(out, &row->server);
	fprintf(out, "</text>\n<path class=\"axis\" d=\"M%d %dH%d\"/>\n", LABEL_W, middle,
		LABEL_W + TIMELINE_BINS * BIN_W);
	for (size_t bin = 0; bin < TIMELINE_BINS; bin++)
		put_bin(out, t, lane, bin, middle);
}

static void
put_axis(FILE *out, const struct timeline *t, int y)
{
	int64_t span_ns = t->width_ns * TIMELINE_BINS;
	char clock[CLOCK_TEXT_MAX], day[CLOCK_TEXT_MAX];
	bool has_days = !clock_is_same_day(t->first_ns, t->first_ns + span_ns);

	for (int i = 0; i <= 4; i++) {
		int x = LABEL_W + TIMELINE_BINS * BIN_W * i / 4;
		int64_t at_ns = t->first_ns + span_ns / 4 * i;

		fprintf(out, "<text class=\"n\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s%s%.*s</text>", x, y,
			i == 0   ? "start"
			: i == 4 ? "end"
				 : "middle",
			has_days ? clock_date(at_ns, day) + 5 : "", has_days ? " " : "",
			span_ns < 60 * NS_PER_S ? (int)strlen("00:00:00.000") : (int)strlen("00:00:00"),
			clock_precise(at_ns, clock));
	}
	fputs("\n", out);
}

void
html_timeline(FILE *out, const struct timeline *t)
{
	int height = (int)t->n_lanes * LANE_H + 36, width = LABEL_W + TIMELINE_BINS * BIN_W + 10;

	fputs(
	    "<section id=\"timeline\" aria-labelledby=\"timeline-h\">\n<h2 id=\"timeline-h\">Timeline</h2>\n"
	    "<p class=\"note\">When attempts began: failed ones above the line, delivered ones below it, others on it. "
	    "A higher bar stands for more attempts.</p>\n"
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"timeline-h\">\n",
	    out);
	fprintf(out,
		"<svg class=\"timeline\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"group\" "
		"aria-label=\"Attempts over time, by server\">\n",
		width, height, width, height);
	for (size_t lane = 0; lane < t->n_lanes; lane++)
		put_lane(out, t, lane);
	put_axis(out, t, height - 8);
	fputs("</svg>\n</div>\n</section>\n", out);
}
