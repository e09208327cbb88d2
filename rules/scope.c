/* In: the census, and which of its failures a finding is about. Out: the values that tell them from what went well.
 * Only values that nearly all failures share and nearly nothing that went well has, and only when chance would hardly
 * do the same to any value of any dimension (Bonferroni's correction). Once one is named, so are all others that tell
 * the same failures apart. */
#include "rules/scope.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "rules/chance.h"
#include "rules/scope_view.h"

#define CHANCE_MAX 0.01                   /* that anything at all is named by mistake, per finding */
#define FAILING_MIN 3                     /* failures before a value is named, whatever chance says */
#define RUN_MIN 5                         /* failures before a stretch of time is named */
#define EVERYTHING_MIN 3                  /* failures before everything is said to fail */
#define N_COMPARED (DIMENSION_EVERYTHING) /* dimensions that chance may pick from */

struct samples { /* failures of one finding */
	const struct census_failure **failure;
	size_t n;
};
struct scope {
	const struct census *census;
	const struct settings *own; /* NULL: no domain is known to be the user's own */
	struct scope_view views[DIMENSION_COUNT];
	const struct census_failure **order; /* all of them, by session and key */
	size_t n_order;
	struct samples attempts, recipients;
	size_t n_naming; /* of these attempts: that name a recipient or sender */
	uint8_t furthest;
	bool is_sure; /* one of the answers is hardly by chance; the others say the same in other words */
	struct scope_answer answers[DIMENSION_COUNT];
};
struct split { /* how the values of a dimension share failures and successes */
	uint64_t n_failing, n_working, best_failing, best_working;
	size_t best, n_values, n_working_values;
};

/* What is most special first: where a wider value fits as well, nothing else of it was tried. */
static const enum dimension of_attempts[] = { DIMENSION_SERVER, DIMENSION_PORT,      DIMENSION_FAMILY,
					      DIMENSION_TLS,    DIMENSION_CLIENT,    DIMENSION_RECIPIENT,
					      DIMENSION_DOMAIN, DIMENSION_SIDE,      DIMENSION_SENDER,
					      DIMENSION_TIME,   DIMENSION_EVERYTHING };
static const enum dimension of_recipients[] = { DIMENSION_RECIPIENT, DIMENSION_DOMAIN, DIMENSION_SIDE,
						DIMENSION_SENDER,    DIMENSION_SERVER, DIMENSION_PORT,
						DIMENSION_FAMILY,    DIMENSION_TLS,    DIMENSION_CLIENT,
						DIMENSION_EVERYTHING };
static const enum dimension of_messages[] = { DIMENSION_SENDER, DIMENSION_RECIPIENT, DIMENSION_DOMAIN, DIMENSION_SIDE,
					      DIMENSION_SERVER, DIMENSION_PORT,      DIMENSION_FAMILY, DIMENSION_TLS,
					      DIMENSION_CLIENT, DIMENSION_EVERYTHING };

struct scope *
scope_new(const struct census *c)
{
	struct scope *s = mem_new(sizeof(*s));

	s->census = c;
	for (int d = 0; d < DIMENSION_COUNT; d++)
		buf_init(&s->answers[d].value, CENSUS_KEY_MAX);
	return s;
}

void
scope_free(struct scope *s)
{
	if (!s)
		return;
	for (int d = 0; d < DIMENSION_COUNT; d++) {
		scope_view_fini(&s->views[d]);
		buf_fini(&s->answers[d].value);
	}
	mem_free(s->order);
	mem_free(s->attempts.failure);
	mem_free(s->recipients.failure);
	mem_free(s);
}

void
scope_set_own(struct scope *s, const struct settings *own)
{
	s->own = own;
}

static int
by_session(const void *a, const void *b)
{
	const struct census_failure *const *x = a, *const *y = b;

	if ((*x)->session != (*y)->session)
		return (*x)->session < (*y)->session ? -1 : 1;
	return ((*x)->key > (*y)->key) - ((*x)->key < (*y)->key);
}

/* Once, before the first question: most captures have none. */
static void
prepare(struct scope *s)
{
	size_t n = census_n_failures(s->census);

	if (s->order)
		return;
	s->order = mem_new_array(n + 1, sizeof(s->order[0]));
	s->attempts.failure = mem_new_array(n + 1, sizeof(s->order[0]));
	s->recipients.failure = mem_new_array(n + 1, sizeof(s->order[0]));
	for (size_t i = 0; i < n; i++)
		s->order[i] = &s->census->failures[i];
	qsort(s->order, n, sizeof(s->order[0]), by_session);
	s->n_order = n;
	for (int d = 0; d < DIMENSION_COUNT; d++)
		if (dimension_of((enum dimension)d) != CENSUS_COUNT)
			scope_view_init(&s->views[d], (enum dimension)d, s->census, s->own);
}

/* Where the failures of this session with at least this key begin. */
static size_t
lower_bound(const struct scope *s, uint64_t session, uint32_t key)
{
	const struct census_failure wanted = { .session = session, .key = key }, *p = &wanted;
	size_t low = 0, high = s->n_order;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_session(&s->order[middle], &p) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
take(struct samples *to, const struct census_failure *f, size_t max)
{
	if (to->n < max)
		to->failure[to->n++] = f;
}

static void
collect_attempts(struct scope *s, const struct scope_question *q)
{
	for (size_t i = 0; i < q->n_sessions; i++) {
		size_t at = lower_bound(s, q->sessions[i], 0), n_before = s->recipients.n;

		for (; at < s->n_order && s->order[at]->session == q->sessions[i]; at++) {
			const struct census_failure *f = s->order[at];

			take(f->is_recipient ? &s->recipients : &s->attempts, f, s->n_order);
			s->furthest = f->phase > s->furthest ? f->phase : s->furthest;
		}
		s->n_naming += s->recipients.n > n_before;
	}
}

static void
collect_refusals(struct scope *s, const struct scope_question *q)
{
	for (size_t i = 0; i < q->n_marks; i++) {
		const struct scope_mark *m = &q->marks[i];

		for (size_t at = lower_bound(s, m->session, m->key);
		     at < s->n_order && s->order[at]->session == m->session && s->order[at]->key == m->key; at++)
			take(&s->recipients, s->order[at], s->n_order);
	}
}

/* What is comparable and went well: delivered, or it got further than any of the failing ones. */
static uint64_t
working(const struct scope *s, const struct scope_question *q, enum dimension d, size_t value)
{
	const struct census_table *t = s->views[d].table;
	const struct census_row *row = &t->rows[value - 1];
	uint64_t n = row->luck[LUCK_GOOD];

	if (q->n_marks > 0 || dimension_is_of_recipient(d))
		return q->is_about_rcpt ? row->taken : row->got;
	for (size_t p = s->furthest + 1U; p < CENSUS_PHASES; p++)
		n += t->stopped[value - 1][p];
	return n;
}

static size_t
value_of(const struct scope_view *v, size_t row)
{
	return v->value_of ? v->value_of[row] : row;
}

static struct split
split_by(const struct scope *s, const struct scope_question *q, enum dimension d)
{
	const struct scope_view *v = &s->views[d];
	const struct samples *failing = q->n_marks > 0 || dimension_is_of_recipient(d) ? &s->recipients : &s->attempts;
	uint32_t *n_failing = mem_new_array(v->table->n + 1, sizeof(*n_failing));
	struct split split = { .n_failing = failing->n };

	for (size_t i = 0; i < failing->n; i++)
		n_failing[value_of(v, failing->failure[i]->value[dimension_of(d)])]++;
	for (size_t i = 1; i <= v->table->n; i++) {
		uint64_t n_working = working(s, q, d, i);

		split.n_working += n_working;
		split.n_values += n_failing[i] > 0 || n_working > 0;
		split.n_working_values += n_working > 0;
		if (n_failing[i] <= split.best_failing)
			continue;
		split.best = i;
		split.best_failing = n_failing[i];
		split.best_working = n_working;
	}
	mem_free(n_failing);
	return split;
}

static bool
is_nearly_all(uint64_t part, uint64_t whole)
{
	return part * 20 >= whole * 19;
}

static bool
is_chance(double p, size_t n_values)
{
	return p * (double)n_values * N_COMPARED > CHANCE_MAX;
}

static bool
tells_apart(const struct split *x)
{
	return x->best_failing >= FAILING_MIN && is_nearly_all(x->best_failing, x->n_failing) &&
	       is_nearly_all(x->best_failing, x->best_failing + x->best_working) && x->n_working > x->best_working;
}

static bool
is_by_chance(const struct split *x)
{
	return is_chance(chance_of_overlap(x->n_failing + x->n_working, x->n_failing, x->best_failing + x->best_working,
					   x->best_failing),
			 x->n_values);
}

static bool
answer_value(struct scope *s, const struct scope_question *q, enum dimension d, struct scope_answer *a)
{
	bool is_of_recipient = dimension_is_of_recipient(d);
	struct split x;

	if (q->n_marks == 0 && is_of_recipient && s->n_naming < s->attempts.n)
		return false; /* some failed before anybody was named */
	x = split_by(s, q, d);
	if (!tells_apart(&x))
		return false;
	s->is_sure = s->is_sure || !is_by_chance(&x);
	a->unit = q->n_marks > 0 || is_of_recipient ? "recipients" : "attempts";
	a->failing = x.best_failing;
	a->tried = x.best_failing + x.best_working;
	a->failing_elsewhere = x.n_failing - x.best_failing;
	a->tried_elsewhere = x.n_failing + x.n_working - a->tried;
	a->n_others = x.n_working_values - (x.best_working > 0);
	scope_view_print(&s->views[d], d, x.best, &a->value);
	return true;
}

static void
print_clock(int64_t time_ns, struct buf *text)
{
	time_t seconds = (time_t)(time_ns / NS_PER_S);
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		buf_addf(text, "%04d-%02d-%02d %02d:%02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			 tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Causes of refusals come in batches, which says nothing about the time: only attempts are asked when they failed. */
static bool
answer_time(struct scope *s, const struct scope_question *q, struct scope_answer *a)
{
	size_t n_good = census_n_good(s->census), n_after = 0;
	int64_t first = INT64_MAX, last = INT64_MIN;

	if (q->n_marks > 0 || s->attempts.n < RUN_MIN || n_good == 0)
		return false;
	for (size_t i = 0; i < s->attempts.n; i++) {
		int64_t t = s->attempts.failure[i]->started_ns;

		first = t < first ? t : first;
		last = t > last ? t : last;
	}
	for (size_t i = 0; i < n_good; i++) {
		if (s->census->good_ns[i] >= first && s->census->good_ns[i] <= last)
			return false;
		n_after += s->census->good_ns[i] > last;
	}
	s->is_sure = s->is_sure || !is_chance(chance_of_run(s->attempts.n + n_good, s->attempts.n), 1);
	*a = (struct scope_answer){ .dimension = a->dimension,
				    .unit = "attempts",
				    .failing = s->attempts.n,
				    .tried = s->attempts.n,
				    .tried_elsewhere = n_good,
				    .value = a->value };
	buf_add_str(&a->value, n_after > 0 ? "between " : "from ");
	print_clock(first, &a->value);
	buf_add_str(&a->value, n_after > 0 ? " and " : " on");
	if (n_after > 0)
		print_clock(last, &a->value);
	return true;
}

/* An attempt that failed for one recipient may have worked for another. */
static bool
has_anybody_got_mail(const struct scope *s)
{
	const struct census_table *t = &s->census->of[CENSUS_CLIENT];

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].got > 0)
			return true;
	return false;
}

/* All that was tried failed so, and what was tried differs. */
static bool
answer_everything(struct scope *s, const struct scope_question *q, struct scope_answer *a)
{
	bool is_of_recipients = q->n_marks > 0;
	enum dimension d = is_of_recipients ? DIMENSION_DOMAIN : DIMENSION_SERVER;
	struct split x = split_by(s, q, d);

	if (x.n_working > 0 || has_anybody_got_mail(s) || x.n_values < 2 || x.n_failing < EVERYTHING_MIN ||
	    !is_nearly_all(x.n_failing, is_of_recipients ? s->census->n_recipients : s->census->n_attempts))
		return false;
	s->is_sure = true;
	a->unit = is_of_recipients ? "recipients" : "attempts";
	a->failing = a->tried = x.n_failing;
	a->failing_elsewhere = a->tried_elsewhere = 0;
	a->n_others = x.n_values;
	return true;
}

static bool
answer(struct scope *s, const struct scope_question *q, enum dimension d, struct scope_answer *a)
{
	a->dimension = d;
	buf_clear(&a->value);
	if (d == DIMENSION_TIME)
		return answer_time(s, q, a);
	return d == DIMENSION_EVERYTHING ? answer_everything(s, q, a) : answer_value(s, q, d, a);
}

size_t
scope_find(struct scope *s, const struct scope_question *q, const struct scope_answer **answers)
{
	const enum dimension *order = q->n_marks == 0 ? of_attempts : q->is_about_rcpt ? of_recipients : of_messages;
	size_t n_order = q->n_marks == 0 ? ARRAY_LEN(of_attempts) : ARRAY_LEN(of_recipients), n = 0;

	prepare(s);
	s->attempts.n = s->recipients.n = s->n_naming = s->furthest = 0;
	s->is_sure = false;
	*answers = s->answers;
	if (q->n_marks > 0)
		collect_refusals(s, q);
	else
		collect_attempts(s, q);
	/* Where most attempts of a finding went well, it is not why they fail. */
	if (q->n_marks > 0 ? s->recipients.n == 0 : s->attempts.n * 5 < q->n_sessions * 4)
		return 0;
	for (size_t i = 0; i < n_order; i++)
		n += answer(s, q, order[i], &s->answers[n]);
	return s->is_sure ? n : 0;
}
