/* In: how many attempts ended how, and the findings. Out: result and one sentence. Says only what was seen: that no
 * rule complained is not the same as that mail was delivered. */
#include "rules/verdict.h"

#include <inttypes.h>
#include <string.h>

/* A mail that some recipients got counts as failed: somebody waits for it in vain. */
static uint64_t
count_failed(const struct outcomes *o)
{
	return o->n[OUTCOME_DEFERRED] + o->n[OUTCOME_REFUSED] + o->n[OUTCOME_FAILED] + o->n[OUTCOME_CUT] +
	       o->n[OUTCOME_PARTLY_DELIVERED];
}

static bool
is_about_capture(const struct finding *f)
{
	return strcmp(f->fault, "capture") == 0;
}

/* The first that is wrong with mail, or with the capture. NULL: none. */
static const struct finding *
first_wrong(const struct finding *f, size_t n, bool in_capture)
{
	for (size_t i = 0; i < n; i++) {
		if (f[i].severity > SEVERITY_INFO && is_about_capture(&f[i]) == in_capture)
			return &f[i];
	}
	return NULL;
}

/* The title as the end of a sentence. */
static void
add_title(struct buf *text, const struct finding *f)
{
	struct bytes title = f->title;

	while (title.len > 0 && title.p[title.len - 1] == '.')
		title.len--;
	buf_add(text, title);
	buf_add_u8(text, '.');
}

/* "All 3 attempts", "2 of 3 attempts", "The attempt" */
static void
add_share(struct buf *text, uint64_t n, uint64_t of)
{
	if (of == 1)
		buf_add_str(text, "The attempt");
	else if (n == of)
		buf_addf(text, "All %" PRIu64 " attempts", of);
	else
		buf_addf(text, "%" PRIu64 " of %" PRIu64 " attempts", n, of);
}

/* "1 of 4 attempts delivered to some of the recipients only, 3 of 4 attempts failed" */
static void
add_failure(struct buf *text, const struct verdict *v, uint64_t n_partly)
{
	if (n_partly > 0) {
		add_share(text, n_partly, v->n_attempts);
		buf_add_str(text, " delivered to some of the recipients only");
	}
	if (n_partly > 0 && v->n_failed > n_partly)
		buf_add_str(text, ", ");
	if (v->n_failed > n_partly) {
		add_share(text, v->n_failed - n_partly, v->n_attempts);
		buf_add_str(text, " failed");
	}
}

/* What became of the attempts when none of them failed. */
static void
add_success(struct buf *text, const struct verdict *v, uint64_t n_no_mail)
{
	uint64_t n_unseen = v->n_unknown - n_no_mail;
	const char *mark = "";

	if (v->n_delivered > 0) {
		add_share(text, v->n_delivered, v->n_attempts);
		buf_add_str(text, " delivered mail");
		mark = ", ";
	}
	if (n_no_mail > 0) {
		buf_add_str(text, mark);
		add_share(text, n_no_mail, v->n_attempts);
		buf_add_str(text, " sent no mail");
		mark = ", ";
	}
	if (n_unseen > 0 && v->n_attempts == 1)
		buf_add_str(text, "The capture does not show whether the attempt delivered mail");
	else if (n_unseen > 0)
		buf_addf(text,
			 "%s%s %" PRIu64 " of %" PRIu64
			 " attempts the capture does not show whether mail was delivered",
			 mark, mark[0] != '\0' ? "for" : "For", n_unseen, v->n_attempts);
}

static void
add_wrong(struct buf *text, const struct verdict *v, const struct outcomes *o, const struct finding *wrong)
{
	if (v->n_failed == 0) {
		add_success(text, v, o->n[OUTCOME_NO_MAIL]);
		buf_add_str(text, ", but there is a problem: ");
	} else {
		add_failure(text, v, o->n[OUTCOME_PARTLY_DELIVERED]);
		buf_add_str(text, wrong->severity == SEVERITY_ERROR ? "; the main diagnosis: "
								    : ", for no reason that a rule knows; besides: ");
	}
	add_title(text, wrong);
}

static void
add_not_wrong(struct buf *text, const struct verdict *v, const struct outcomes *o, const struct finding *flaw)
{
	if (v->n_failed > 0) {
		add_failure(text, v, o->n[OUTCOME_PARTLY_DELIVERED]);
		buf_add_str(text, ", and no rule knows why");
	} else {
		add_success(text, v, o->n[OUTCOME_NO_MAIL]);
		buf_add_str(text, "; nothing wrong was found");
	}
	if (flaw) {
		buf_add_str(text, ", but the capture is flawed: ");
		add_title(text, flaw);
	} else {
		buf_add_u8(text, '.');
	}
}

struct verdict
verdict_on(const struct outcomes *o, const struct finding *f, size_t n, struct buf *text)
{
	struct verdict v = { .n_delivered = o->n[OUTCOME_DELIVERED],
			     .n_failed = count_failed(o),
			     .n_unknown = o->n[OUTCOME_UNKNOWN] + o->n[OUTCOME_NO_MAIL] };
	const struct finding *wrong = first_wrong(f, n, false);

	v.n_attempts = v.n_delivered + v.n_failed + v.n_unknown;
	/* A failure without a finding, and a capture without mail, are not "ok" either. */
	v.result = v.n_failed > 0 || v.n_attempts == 0 ? SEVERITY_WARNING : SEVERITY_INFO;
	for (size_t i = 0; i < n; i++) {
		if (!is_about_capture(&f[i]) && f[i].severity > v.result)
			v.result = f[i].severity;
	}
	buf_clear(text);
	if (v.n_attempts == 0 && !wrong)
		buf_add_str(text, "No attempt to deliver mail was seen, so nothing can be said about mail.");
	else if (v.n_attempts == 0)
		add_title(text, wrong);
	else if (wrong)
		add_wrong(text, &v, o, wrong);
	else
		add_not_wrong(text, &v, o, first_wrong(f, n, true));
	v.text = buf_bytes(text);
	return v;
}
