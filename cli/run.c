/* In: options. Out: a report. Wires capture -> flow -> decode -> rules and report together, and looks at nothing
 * itself.
 *
 * -Y and the rules over replies, recipients and messages: those are judged while a session is still going on, but
 * whether it matches is known at its end only. So files are read twice: the first pass notes the numbers of the
 * sessions that match, the second one judges and reports those. Standard input and a device cannot be read twice:
 * there, each question goes to the facts known so far, and a session counts as a whole by its final facts. */
#include "cli/run.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"
#include "capture/capture.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/selection.h"
#include "cli/signals.h"
#include "cli/writing.h"
#include "decode/decode.h"
#include "decode/tls_trust.h"
#include "decode/tls_keys.h"
#include "flow/flow.h"
#include "report/report.h"
#include "rules/judge.h"
#include "rules/learn.h"
#include "rules/rules.h"

struct run {
	const struct options *options;
	struct output output;
	FILE *trace;
	struct tls_trust *trust; /* NULL: --trust none */
	struct tls_keys *keys;   /* of key logs, and of captures that bring their own */
	struct rules *rules;
	struct condition *where;     /* of -Y; NULL: every session */
	struct selection *selection; /* of the first pass; NULL: there was none */
	struct settings *settings;   /* of -e; NULL: none */
	struct learn *learn;         /* of --learn; NULL: a report is written */
	struct judge *judge;
	struct report *report;
	struct writing *writing; /* of -w; NULL: no packets are written */
};

/* One way through all packets. */
struct pass {
	const char *label;
	struct decode_sink sink;
	FILE *trace;
	struct tls_trust *trust;
	struct tls_keys *keys;
	struct writing *writing;        /* NULL: nothing is */
	struct flow_config flow_config; /* borrowed by the stages, as is the sink */
	struct decode_config decode_config;
	uint64_t wanted[FACT_WORDS]; /* facts */
	struct capture *capture;
	struct decode *decode;
	struct flow_table *flows;
};

static bool
is_chosen(const struct run *r, const struct session *s)
{
	if (!r->where)
		return true;
	if (r->selection && selection_covers(s->id))
		return selection_has(r->selection, s->id);
	return condition_holds(r->where, s->facts);
}

static void
on_scope(void *user, const struct session *s, enum fact_scope scope)
{
	struct run *r = user;

	if (is_chosen(r, s))
		judge_scope(r->judge, s, scope);
}

static void
on_closed(void *user, const struct session *s)
{
	struct run *r = user;

	if (!is_chosen(r, s))
		return;
	if (r->learn)
		learn_session(r->learn, s);
	judge_session(r->judge, s);
	report_session(r->report, s);
	if (r->writing)
		writing_session(r->writing, s);
}

static void
on_closed_choose(void *user, const struct session *s)
{
	struct run *r = user;

	if (condition_holds(r->where, s->facts))
		selection_add(r->selection, s->id);
}

static int64_t
wall_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void
on_secrets(void *user, struct bytes text)
{
	struct pass *p = user;

	tls_keys_add_text(p->keys, text);
	if (p->writing)
		writing_secrets(p->writing, text);
}

static bool
open_capture(struct pass *p, const struct options *o, struct err *e)
{
	if (o->device) {
		struct capture_live how = { .device = o->device, .filter = o->filter, .extra_ports = o->extra_ports };

		p->capture = capture_open_device(&how, e);
	} else {
		p->capture = capture_open_files(o->files, o->n_files, o->filter, e);
	}
	if (!p->capture)
		return false;
	capture_set_secrets(p->capture, on_secrets, p);
	return true;
}

static bool
reads_stdin(const struct options *o)
{
	for (size_t i = 0; i < o->n_files; i++)
		if (strcmp(o->files[i], "-") == 0)
			return true;
	return false;
}

/* Inline, so that nearly all captures do not pay for those whose packets must be kept. */
static inline ALWAYS_INLINE void
feed(struct pass *p, const struct options *o, bool keeps_packets)
{
	enum capture_result result;
	struct progress progress;
	struct packet packet;
	uint64_t n = 0;

	progress_init(&progress, p->label);
	while ((result = capture_next(p->capture, &packet)) != CAPTURE_END) {
		if (result == CAPTURE_IDLE) {
			flow_table_tick(p->flows, wall_clock_ns());
			progress_step(&progress, p->capture);
			continue;
		}
		flow_table_feed(p->flows, &packet);
		if (keeps_packets)
			writing_packet(p->writing, p->capture, &packet);
		n++;
		if (n % PROGRESS_EVERY == 0)
			progress_step(&progress, p->capture);
		if (n == o->count)
			break;
	}
	progress_clear(&progress);
}

FLATTEN static void
feed_all(struct pass *p, const struct options *o)
{
	if (writing_keeps_packets(p->writing))
		feed(p, o, true);
	else
		feed(p, o, false);
}

/* Everything up to the last session. The stages live on for their figures, until pass_end. */
static bool
pass_begin(struct pass *p, const struct options *o, struct err *e)
{
	if (!open_capture(p, o, e))
		return false;
	if (o->device || reads_stdin(o))
		signals_stop_capture(p->capture);
	p->flow_config = (struct flow_config){ .mail_ports = o->ports, .n_mail_ports = o->n_ports };
	p->decode_config = (struct decode_config){
		.mail_ports = o->ports,
		.n_mail_ports = o->n_ports,
		.wanted = p->wanted,
		.trust = p->trust,
		.keys = p->keys,
		.is_redacted = o->is_redacted,
		.trace = p->trace,
	};
	p->decode = decode_new(&p->decode_config, &p->sink);
	p->flows = flow_table_new(&p->flow_config, decode_flow_sink(p->decode));
	feed_all(p, o);
	signals_forget();
	flow_table_finish(p->flows);
	decode_finish(p->decode);
	return true;
}

static void
pass_end(struct pass *p)
{
	flow_table_free(p->flows);
	decode_free(p->decode);
	capture_free(p->capture);
}

static bool
choose_sessions(struct run *r, struct err *e)
{
	struct pass p = { .label = "choosing sessions",
			  .sink = { .user = r, .closed = on_closed_choose },
			  .trust = r->trust,
			  .keys = r->keys };
	bool is_fine;

	r->selection = selection_new();
	condition_wants(r->where, p.wanted);
	is_fine = pass_begin(&p, r->options, e);
	pass_end(&p);
	return is_fine;
}

/* A capture that ends in damage is evidence; one that begins with it is unusable. */
static bool
has_something(const struct capture_info *info, struct err *e)
{
	if (!info->damage || info->n_packets > 0)
		return true;
	err_set(e, "%s", info->damage);
	return false;
}

static bool
write_learnt(struct run *r, struct err *e)
{
	struct buf yaml;
	bool is_fine;

	buf_init(&yaml, RULE_FILE_MAX);
	is_fine = learn_write(r->learn, &yaml, e) && output_begin(&r->output, e);
	if (is_fine && yaml.len > 0)
		fwrite(yaml.p, 1, yaml.len, r->output.file); /* output_end tells whether it could be written */
	buf_fini(&yaml);
	return is_fine;
}

static bool
write_report(struct run *r, struct pass *p, int *status, struct err *e)
{
	struct capture_info info = capture_info(p->capture);
	struct report_capture c = {
		.summary = { .n_packets = info.n_packets,
			     .n_cut = info.n_cut,
			     .n_dropped = info.n_dropped,
			     .first = info.first,
			     .last = info.last,
			     .damage = info.damage,
			     .flow = flow_table_stats(p->flows) },
		.link_type = info.n_packets > 0 ? pcap_datalink_val_to_name(info.link_type) : NULL,
		.n_bytes = info.n_bytes,
		.vantage = decode_vantage(p->decode),
		.census = judge_census(r->judge),
	};
	const struct finding *findings;
	size_t n_findings;

	if (!has_something(&info, e))
		return false;
	if (r->learn)
		return write_learnt(r, e);
	judge_capture(r->judge, decode_capture_facts(p->decode, &c.summary));
	findings = judge_findings(r->judge, &n_findings);
	for (size_t i = 0; i < n_findings; i++)
		if (findings[i].severity == SEVERITY_ERROR)
			*status = CLI_FOUND;
	return output_begin(&r->output, e) &&
	       report_finish(r->report, &c, findings, n_findings, judge_verdict(r->judge), e) &&
	       (!r->writing || writing_finish(r->writing, p->capture, findings, n_findings, e));
}

static bool
diagnose(struct run *r, int *status, struct err *e)
{
	struct pass p = { .label = r->options->device ? "capturing" : "reading",
			  .sink = { .user = r,
				    .wants_all_replies = judge_wants_all_replies(r->judge),
				    .wants_details = report_wants_details(r->report),
				    .wants_moments = report_wants_moments(r->report),
				    .scope = on_scope,
				    .closed = on_closed },
			  .trust = r->trust,
			  .keys = r->keys,
			  .writing = r->writing,
			  .trace = r->trace };
	bool is_fine;

	judge_wants(r->judge, p.wanted);
	report_wants_facts(r->report, p.wanted);
	if (r->learn)
		learn_wants(p.wanted);
	if (r->where)
		condition_wants(r->where, p.wanted);
	*status = CLI_OK;
	is_fine = pass_begin(&p, r->options, e) && write_report(r, &p, status, e);
	pass_end(&p);
	return is_fine;
}

static bool
load_rules(struct run *r, struct err *e)
{
	const struct options *o = r->options;

	r->rules = rules_new_builtin();
	for (size_t i = 0; i < o->n_rules; i++)
		if (!rules_load(r->rules, o->rules[i], e))
			return false;
	r->judge = judge_new(r->rules);
	if (o->learn)
		r->learn = learn_new();
	if (o->expect && !(r->settings = settings_read(o->expect, e)))
		return false;
	if (r->settings)
		judge_expect(r->judge, r->settings);
	if (!o->where)
		return true;
	r->where = condition_new(o->where, e);
	return r->where != NULL;
}

static bool
open_trace(struct run *r, struct err *e)
{
	const char *name = r->options->trace;

	if (!name)
		return true;
	r->trace = fopen(name, "we");
	if (!r->trace)
		err_set(e, "cannot write the trace to '%s': %s", name, strerror(errno));
	return r->trace != NULL;
}

static bool
open_trust(struct run *r, struct err *e)
{
	const char *path = r->options->trust;

	if (path && strcmp(path, "none") == 0)
		return true;
	r->trust = tls_trust_new(path, e);
	return r->trust != NULL;
}

static bool
read_keys(struct run *r, struct err *e)
{
	const struct options *o = r->options;

	r->keys = tls_keys_new();
	for (size_t i = 0; i < o->n_key_logs; i++)
		if (!tls_keys_add_file(r->keys, o->key_logs[i], e))
			return false;
	return true;
}

static bool
open_report(struct run *r, struct err *e)
{
	const struct options *o = r->options;
	struct report_options how = {
		.format = o->format,
		.out = r->output.file,
		.use_colour = r->output.use_colour,
		.is_quiet = o->is_quiet,
		.is_verbose = o->is_verbose,
		.ladder = o->ladder,
		.only_sessions = o->only_sessions,
		.width = r->output.width,
		.files = o->files,
		.n_files = o->n_files,
	};

	r->report = report_new(&how, e);
	return r->report != NULL;
}

static bool
open_writing(struct run *r, struct err *e)
{
	if (!r->options->write)
		return true;
	r->writing = writing_open(r->options, e);
	return r->writing != NULL;
}

static bool
prepare(struct run *r, struct err *e)
{
	const struct options *o = r->options;

	if (!load_rules(r, e) || !open_trace(r, e) || !open_trust(r, e) || !read_keys(r, e) || !open_report(r, e) ||
	    !open_writing(r, e))
		return false;
	return !r->where || o->device || reads_stdin(o) || choose_sessions(r, e);
}

bool
run_diagnose(const struct options *o, int *status, struct err *e)
{
	struct run r = { .options = o };
	bool is_fine;

	if (!output_open(&r.output, o, e))
		return false;
	is_fine = prepare(&r, e) && diagnose(&r, status, e);
	writing_free(r.writing);
	report_free(r.report);
	judge_free(r.judge);
	settings_free(r.settings);
	learn_free(r.learn);
	selection_free(r.selection);
	condition_free(r.where);
	rules_free(r.rules);
	tls_trust_free(r.trust);
	tls_keys_free(r.keys);
	if (!output_end(&r.output, e))
		is_fine = false;
	if (r.trace && fclose(r.trace) != 0 && is_fine) {
		err_set(e, "cannot write the trace to '%s': %s", o->trace, strerror(errno));
		is_fine = false;
	}
	return is_fine;
}
