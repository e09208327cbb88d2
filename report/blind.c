/* In: what is known about the capture. Out: what nobody can read from it, so that silence is not taken for proof. */
#include "report/blind.h"

#include <string.h>

#include "report/diagnosis.h"

static void
begin_item(struct wrap *w)
{
	wrap_begin(w, 2, 4);
	wrap_str(w, "-");
}

/* The findings about the capture; the first finding was told at length already. True when there is any. */
static bool
print_findings(struct wrap *w, const struct report_end *end)
{
	bool is_any = false;

	for (size_t i = 0; i < end->n_findings; i++) {
		const struct finding *f = &end->findings[i];

		if (!diagnosis_is_about_capture(f))
			continue;
		is_any = true;
		if (i == 0)
			continue;
		begin_item(w);
		wrap_words(w, f->title);
		wrap_strf(w, "[%s]", f->rule);
		if (f->title.len > 0 && f->means.len > 0)
			wrap_words(w, f->means);
		wrap_end(w);
		if (f->remedy.len == 0)
			continue;
		wrap_begin(w, 4, 4);
		wrap_words(w, f->remedy);
		wrap_end(w);
	}
	return is_any;
}

/* What no rule spoke of, straight from the counters. */
static void
print_losses(struct wrap *w, const struct capture_summary *c)
{
	if (c->damage) {
		begin_item(w);
		wrap_str(w, "The capture could not be read to its end:");
		wrap_str(w, c->damage);
		wrap_end(w);
	}
	if (c->n_dropped > 0) {
		begin_item(w);
		wrap_strf(w, "%llu packets were dropped while capturing.", (unsigned long long)c->n_dropped);
		wrap_end(w);
	}
	if (c->n_cut > 0) {
		begin_item(w);
		wrap_strf(w, "%llu packets were stored only in part. Capture with -s 0.", (unsigned long long)c->n_cut);
		wrap_end(w);
	}
}

static void
print_sight(struct wrap *w, const struct report_end *end, const struct questions *q)
{
	const struct capture_summary *c = &end->capture->summary;

	if (c->flow.n_evicted > 0) {
		begin_item(w);
		wrap_strf(w, "%llu connections were closed early because too many were open at a time.",
			  (unsigned long long)c->flow.n_evicted);
		wrap_end(w);
	}
	if (q->n_encrypted > 0) {
		begin_item(w);
		wrap_strf(w, "What was said under TLS in %llu of the attempts. The server's log has it.",
			  (unsigned long long)q->n_encrypted);
		wrap_end(w);
	}
	if (q->n_unanswered > 0 && c->flow.n_icmp == 0) {
		begin_item(w);
		wrap_str(w,
			 "Whether a device said why it refused: there is no ICMP in this capture. If its filter left "
			 "ICMP out, capture again with it.");
		wrap_end(w);
	}
	if (q->n_good > 0) {
		begin_item(w);
		wrap_str(w,
			 "What happened after the server accepted the mail: junk folder, forwarding, a later bounce. "
			 "The receiver's message trace shows it.");
		wrap_end(w);
	}
}

void
blind_print(struct wrap *w, const struct report_end *end, const struct questions *q)
{
	wrap_heading(w, "What this capture cannot show");
	if (!print_findings(w, end))
		print_losses(w, &end->capture->summary);
	print_sight(w, end, q);
	begin_item(w);
	wrap_str(w, "Anything that happened at another time or did not pass the place where it was taken.");
	wrap_end(w);
}
