/* In: a story. Out: its ladder as one SVG: the client's line left, the server's right, arrows between, time downward;
 * texts begin at the left, where a narrow screen shows them. Numbers are user units of the drawing. Colours:
 * report.css. */
#include "report/html_ladder.h"

#include "report/clock.h"
#include "report/html_write.h"

#define WIDTH 800
#define CLIENT_X 148
#define SERVER_X 780
#define PACKET_X 58  /* right edge of packet numbers */
#define TIME_X 138   /* right edge of times */
#define HEAD_Y 44    /* of the lines' upper ends */
#define ROW 32       /* height of a rung */
#define GAP_ROW 26   /* height of a pause, or of what was left out */
#define LABEL_MAX 70 /* characters that fit between the lines */
#define PAUSE_NS NS_PER_S

static const char *
class_of(enum rung_kind kind)
{
	static const char *const names[] = {
		[RUNG_TCP] = "tcp",     [RUNG_RESET] = "bad", [RUNG_ICMP] = "bad",
		[RUNG_COMMAND] = "cmd", [RUNG_GOOD] = "good", [RUNG_BAD] = "bad",
		[RUNG_TLS] = "tls",     [RUNG_DATA] = "data", [RUNG_NOTE] = "note",
	};

	return names[kind];
}

static bool
has_pause(const struct ladder *l, size_t i)
{
	return i > 0 && l->rungs[i].when.packet != 0 &&
	       l->rungs[i].when.time_ns - l->rungs[i - 1].when.time_ns >= PAUSE_NS;
}

static bool
has_hole(const struct ladder *l, size_t i)
{
	return l->n_all > l->n && i == l->n_head;
}

static int
height_of(const struct ladder *l)
{
	int y = HEAD_Y + 12;

	for (size_t i = 0; i < l->n; i++)
		y += ROW + (has_pause(l, i) ? GAP_ROW : 0) + (has_hole(l, i) ? GAP_ROW : 0);
	return y + 12;
}

static void
put_head(FILE *out, const struct story *s, int height)
{
	const struct attempt *a = &s->head.attempt;

	fprintf(out,
		"<svg class=\"ladder\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"group\" aria-label=\"",
		WIDTH, height, WIDTH, height);
	html_printf(out, "Ladder diagram of attempt %llu, packet by packet", (unsigned long long)a->id);
	fprintf(out,
		"\">\n<text class=\"h\" x=\"%d\" y=\"18\" text-anchor=\"end\">packet</text>"
		"<text class=\"h\" x=\"%d\" y=\"18\" text-anchor=\"end\">after</text>"
		"<text class=\"h\" x=\"%d\" y=\"18\">client</text>"
		"<text class=\"h\" x=\"%d\" y=\"18\" text-anchor=\"end\">server</text>\n",
		PACKET_X, TIME_X, CLIENT_X, SERVER_X);
	fprintf(out, "<text class=\"e\" x=\"%d\" y=\"34\">", CLIENT_X);
	html_endpoint(out, &a->client);
	fprintf(out, "</text><text class=\"e\" x=\"%d\" y=\"34\" text-anchor=\"end\">", SERVER_X);
	html_endpoint(out, &a->server);
	fprintf(out, "</text>\n<path class=\"life\" d=\"M%d %dV%dM%d %dV%d\"/>\n", CLIENT_X, HEAD_Y, height - 6,
		SERVER_X, HEAD_Y, height - 6);
}

static void
put_between(FILE *out, int y, const char *text)
{
	fprintf(out, "<text class=\"gap\" x=\"%d\" y=\"%d\">%s</text>\n", (CLIENT_X + SERVER_X) / 2, y + GAP_ROW - 8,
		text);
}

static void
put_gaps(FILE *out, const struct ladder *l, size_t i, int *y)
{
	char text[96], clock[CLOCK_TEXT_MAX];

	if (has_hole(l, i)) {
		snprintf(text, sizeof(text), "%zu steps are left out here", l->n_all - l->n);
		put_between(out, *y, text);
		*y += GAP_ROW;
	}
	if (has_pause(l, i)) {
		snprintf(text, sizeof(text), "%s later",
			 clock_duration(l->rungs[i].when.time_ns - l->rungs[i - 1].when.time_ns, clock));
		put_between(out, *y, has_hole(l, i) ? "" : text);
		*y += GAP_ROW;
	}
}

static void
put_arrow(FILE *out, const struct rung *r, int y)
{
	int from = r->from == SIDE_CLIENT ? CLIENT_X : SERVER_X, to = r->from == SIDE_CLIENT ? SERVER_X : CLIENT_X;
	int back = to > from ? -8 : 8;

	fprintf(out, "<path class=\"a\" d=\"M%d %dH%dm%d -4l%d 4l%d 4\"/>", from, y, to, back, -back, back);
}

static void
put_label(FILE *out, struct bytes text, const struct rung *r, int y)
{
	bool is_note = r->kind == RUNG_NOTE;

	fprintf(out, "<text class=\"l\" x=\"%d\" y=\"%d\">", is_note ? (CLIENT_X + SERVER_X) / 2 : CLIENT_X + 12,
		is_note ? y - 2 : y - 6);
	html_text_cut(out, text, LABEL_MAX);
	if (r->is_inside)
		fputs("<tspan class=\"in\"> (in TLS)</tspan>", out);
	fputs("</text>", out);
}

static void
put_rung(FILE *out, const struct story *s, const struct rung *r, int y, bool is_evidence)
{
	int64_t began_ns = s->head.attempt.started.time_ns;
	char clock[CLOCK_TEXT_MAX];

	if (is_evidence)
		fprintf(out,
			"<rect class=\"m\" x=\"4\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>"
			"<text class=\"k\" x=\"12\" y=\"%d\">&#9670;</text>",
			y - ROW + 8, WIDTH - 8, ROW - 2, y - 2);
	if (r->when.packet != 0) {
		fprintf(out, "<text class=\"n\" x=\"%d\" y=\"%d\">%llu</text>", PACKET_X, y - 2,
			(unsigned long long)r->when.packet);
		fprintf(out, "<text class=\"n\" x=\"%d\" y=\"%d\">%s</text>", TIME_X, y - 2,
			clock_offset(r->when.time_ns - began_ns, clock));
	}
	if (r->kind != RUNG_NOTE)
		put_arrow(out, r, y);
	put_label(out, ladder_text(&s->ladder, r), r, y);
}

void
html_ladder(FILE *out, const struct story *s, const struct places *p, uint64_t main_finding)
{
	const struct ladder *l = &s->ladder;
	uint64_t last_packet = 0;
	int height = height_of(l), y = HEAD_Y + 12;

	put_head(out, s, height);
	for (size_t i = 0; i < l->n; i++) {
		const struct rung *r = &l->rungs[i];
		bool is_main, is_evidence = places_is_evidence(p, r->when.packet, main_finding, &is_main);

		put_gaps(out, l, i, &y);
		y += ROW;
		fprintf(out, "<g class=\"%s%s\"", class_of(r->kind), !is_evidence ? "" : is_main ? " ev main" : " ev");
		if (r->when.packet != last_packet) /* an id may come once */
			fprintf(out, " id=\"s%llup%llu\"", (unsigned long long)s->head.attempt.id,
				(unsigned long long)r->when.packet);
		fputs(">", out);
		put_rung(out, s, r, y - 8, is_evidence);
		fputs("</g>\n", out);
		last_packet = r->when.packet;
	}
	fputs("</svg>\n", out);
}
