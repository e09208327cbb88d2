/* In: sessions. Out: a table with one line per attempt, and below it what the server said. */
#include "report/attempts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "report/clock.h"
#include "report/spool.h"

#define N_OUTCOMES (OUTCOME_NO_MAIL + 1)
#define FEW 10 /* attempts of which also good ones get a line for the server's words */
#define ENDPOINT_TEXT_MAX (ADDRESS_TEXT_MAX + 10)

struct widths {
	size_t id, client, server, phase, outcome;
};

struct pile {
	size_t n;
	struct attempt kept[REPORT_ATTEMPTS_MAX];
};

struct attempts {
	struct spool *all; /* NULL: only the piles */
	struct pile failures, others;
	uint64_t n, n_of[N_OUTCOMES];
	struct when first, last;
	struct widths widths;
};

struct attempts *
attempts_new(bool keep_all, struct err *e)
{
	struct spool *all = keep_all ? spool_new(e) : NULL;
	struct attempts *a;

	if (keep_all && !all)
		return NULL;
	a = mem_new(sizeof(*a));
	a->all = all;
	return a;
}

static const char *
endpoint_text(const struct endpoint *end, char text[ENDPOINT_TEXT_MAX])
{
	char address[ADDRESS_TEXT_MAX];

	if (end->address.family == 0)
		snprintf(text, ENDPOINT_TEXT_MAX, "?");
	else
		snprintf(text, ENDPOINT_TEXT_MAX, end->address.family == 6 ? "[%s]:%u" : "%s:%u",
			 address_text(&end->address, address), end->port);
	return text;
}

static const char *
address_or_none(const struct address *a, char text[ADDRESS_TEXT_MAX])
{
	if (a->family == 0)
		return strcpy(text, "?");
	return address_text(a, text);
}

static void
widen(size_t *width, size_t len)
{
	if (len > *width)
		*width = len;
}

static void
measure(struct widths *widths, const struct attempt *a)
{
	char address[ADDRESS_TEXT_MAX], end[ENDPOINT_TEXT_MAX];

	widen(&widths->id, (size_t)snprintf(NULL, 0, "%llu", (unsigned long long)a->id));
	widen(&widths->client, strlen(address_or_none(&a->client.address, address)));
	widen(&widths->server, strlen(endpoint_text(&a->server, end)));
	widen(&widths->phase, strlen(phase_name(a->phase)));
	widen(&widths->outcome, strlen(outcome_name(a->outcome)));
}

static void
note_time(struct attempts *a, struct when started)
{
	if (started.packet == 0)
		return;
	if (a->first.packet == 0 || started.time_ns < a->first.time_ns)
		a->first = started;
	if (a->last.packet == 0 || started.time_ns > a->last.time_ns)
		a->last = started;
}

void
attempts_add(struct attempts *a, const struct session *s)
{
	struct pile *pile = attempt_is_failure(s->outcome) ? &a->failures : &a->others;
	struct attempt attempt;

	a->n++;
	a->n_of[s->outcome]++;
	note_time(a, s->started);
	if (a->all) {
		attempt_of(s, &attempt);
		measure(&a->widths, &attempt);
		spool_add(a->all, attempt.id, bytes_of(&attempt, sizeof(attempt)));
	} else if (pile->n < REPORT_ATTEMPTS_MAX) {
		attempt_of(s, &pile->kept[pile->n++]);
	}
}

static int
attempt_cmp(const void *a, const void *b)
{
	const struct attempt *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* All kept failures, and as many of the others as there is room for, in the order of their numbers. */
static size_t
choose(struct attempts *a, struct attempt chosen[REPORT_ATTEMPTS_MAX])
{
	size_t n = a->failures.n, room = REPORT_ATTEMPTS_MAX - n;
	size_t more = a->others.n < room ? a->others.n : room;

	memcpy(chosen, a->failures.kept, n * sizeof(*chosen));
	memcpy(chosen + n, a->others.kept, more * sizeof(*chosen));
	n += more;
	qsort(chosen, n, sizeof(*chosen), attempt_cmp);
	for (size_t i = 0; i < n; i++)
		measure(&a->widths, &chosen[i]);
	return n;
}

static void
put_column(struct wrap *w, const char *text, size_t at)
{
	wrap_to(w, at);
	wrap_raw(w, bytes_str(text));
}

static enum style
style_of(const struct attempt *a)
{
	if (a->is_failure)
		return STYLE_BAD;
	return a->outcome == OUTCOME_DELIVERED ? STYLE_GOOD : STYLE_PLAIN;
}

static void
print_said(struct wrap *w, const struct attempt *a, size_t at)
{
	struct buf line;

	if (a->said_len == 0 && a->said_code == 0 && a->name_len == 0)
		return;
	buf_init(&line, ATTEMPT_NAME_MAX + ATTEMPT_SAID_MAX + 16);
	buf_add(&line, bytes_of(a->name, a->name_len));
	if (a->name_len > 0 && (a->said_len > 0 || a->said_code != 0))
		buf_add_str(&line, ": ");
	if (a->said_code != 0)
		buf_addf(&line, a->said_len > 0 ? "%u " : "%u", a->said_code);
	buf_add(&line, bytes_of(a->said, a->said_len));
	wrap_begin(w, at, at);
	wrap_raw(w, buf_bytes(&line));
	wrap_end(w);
	buf_fini(&line);
}

/* #  time  client  server  phase  outcome  took; phase to took go to a second line when the first is too short. */
static void
print_row(const struct attempts *list, struct wrap *w, const struct attempt *a)
{
	const struct widths *widths = &list->widths;
	bool has_days = !clock_is_same_day(list->first.time_ns, list->last.time_ns);
	char text[ENDPOINT_TEXT_MAX], address[ADDRESS_TEXT_MAX], clock[CLOCK_TEXT_MAX], day[CLOCK_TEXT_MAX];
	size_t at = 2 + widths->id + 2, time_width = has_days ? 14 : 8;

	wrap_begin(w, 2, at);
	snprintf(text, sizeof(text), "%*llu", (int)widths->id, (unsigned long long)a->id);
	wrap_raw(w, bytes_str(text));
	if (has_days)
		snprintf(text, sizeof(text), "%.5s %.8s", clock_date(a->started.time_ns, day) + 5,
			 clock_time(a->started.time_ns, clock));
	else
		snprintf(text, sizeof(text), "%.8s", clock_time(a->started.time_ns, clock));
	put_column(w, a->started.packet > 0 ? text : "?", at);
	at += time_width + 2;
	put_column(w, address_or_none(&a->client.address, address), at);
	at += widths->client + 2;
	put_column(w, endpoint_text(&a->server, text), at);
	at += widths->server + 2;
	if (at + widths->phase + 2 + widths->outcome + 2 + strlen("99.99 s") > w->width) {
		at = 2 + widths->id + 2;
		wrap_end(w);
		wrap_begin(w, at, at);
	}
	put_column(w, phase_name(a->phase), at);
	at += widths->phase + 2;
	wrap_to(w, at);
	wrap_style(w, style_of(a));
	wrap_raw(w, bytes_str(outcome_name(a->outcome)));
	wrap_style(w, STYLE_PLAIN);
	if (a->took_ns >= 0)
		put_column(w, clock_duration(a->took_ns, clock), at + widths->outcome + 2);
	wrap_end(w);
	if (a->is_failure || list->all || list->n <= FEW)
		print_said(w, a, 2 + widths->id + 2);
}

static void
print_heading(const struct attempts *a, struct wrap *w)
{
	char text[256], day[CLOCK_TEXT_MAX];
	bool is_one_day = clock_is_same_day(a->first.time_ns, a->last.time_ns);

	wrap_blank(w);
	wrap_begin(w, 0, 2);
	wrap_style(w, STYLE_HEADING);
	wrap_str(w, "Attempts");
	wrap_style(w, STYLE_PLAIN);
	if (a->first.packet == 0)
		snprintf(text, sizeof(text), "(number, start, client, server, furthest phase, outcome, time taken)");
	else
		snprintf(text, sizeof(text),
			 "(number, start%s%.10s UTC, client, server, furthest phase, outcome, time taken)",
			 is_one_day ? " on " : " from ", clock_date(a->first.time_ns, day));
	wrap_str(w, text);
	wrap_end(w);
}

/* What the table leaves out, so that nobody counts its lines. */
static void
print_rest(const struct attempts *a, struct wrap *w, const struct attempt *shown, size_t n_shown)
{
	uint64_t rest[N_OUTCOMES];
	const char *separator = ": ";
	char text[96];

	if (n_shown >= a->n)
		return;
	memcpy(rest, a->n_of, sizeof(rest));
	for (size_t i = 0; i < n_shown; i++)
		rest[shown[i].outcome]--;
	wrap_begin(w, 2, 6);
	snprintf(text, sizeof(text), "and %llu more", (unsigned long long)(a->n - n_shown));
	wrap_str(w, text);
	for (size_t o = 0; o < N_OUTCOMES; o++) {
		if (rest[o] == 0)
			continue;
		w->is_glued = true;
		snprintf(text, sizeof(text), "%s%llu %s", separator, (unsigned long long)rest[o],
			 outcome_name((enum outcome)o));
		wrap_str(w, text);
		separator = ", ";
	}
	wrap_str(w, "(-v lists them all)");
	wrap_end(w);
}

static bool
print_all(struct attempts *a, struct wrap *w, struct err *e)
{
	struct attempt attempt;
	struct buf record;
	uint64_t id;

	buf_init(&record, sizeof(attempt));
	spool_rewind(a->all);
	while (spool_next(a->all, &id, &record)) {
		memcpy(&attempt, buf_bytes(&record).p, sizeof(attempt));
		print_row(a, w, &attempt);
	}
	buf_fini(&record);
	return !spool_failed(a->all, e);
}

bool
attempts_print(struct attempts *a, struct wrap *w, struct err *e)
{
	struct attempt *chosen;
	size_t n;

	if (a->n == 0)
		return true;
	print_heading(a, w);
	if (a->all)
		return print_all(a, w, e);
	chosen = mem_new_array(REPORT_ATTEMPTS_MAX, sizeof(*chosen));
	n = choose(a, chosen);
	for (size_t i = 0; i < n; i++)
		print_row(a, w, &chosen[i]);
	print_rest(a, w, chosen, n);
	mem_free(chosen);
	return true;
}

void
attempts_free(struct attempts *a)
{
	if (!a)
		return;
	spool_free(a->all);
	mem_free(a);
}
