/* In: what was found, and the packets once more. Out: a file with those that prove it. What is chosen is decided by
 * evidence/; here are the ways through the packets. */
#include "cli/writing.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "capture/packet_spool.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "evidence/extract.h"

struct writing {
	const struct options *options;
	struct output output;
	struct extract *extract;
	struct packet_spool *spool; /* NULL: the files can be read again */
	struct buf key_log;
};

struct reading {                 /* one way through the packets */
	struct capture *capture; /* NULL: of the spool */
	struct packet_spool *spool;
	struct packet packet;
	struct capture_interface interface;
};

static bool
must_keep(const struct options *o)
{
	for (size_t i = 0; i < o->n_files; i++)
		if (strcmp(o->files[i], "-") == 0)
			return true;
	return o->device != NULL;
}

struct writing *
writing_open(const struct options *o, struct err *e)
{
	struct writing *w = mem_new(sizeof(*w));

	w->options = o;
	w->extract = extract_new();
	buf_init(&w->key_log, CAPTURE_SECRETS_MAX);
	if (output_open_packets(&w->output, o, e)) {
		if (!must_keep(o))
			return w;
		w->spool = packet_spool_new(e);
		if (w->spool)
			return w;
	}
	writing_free(w);
	return NULL;
}

void
writing_free(struct writing *w)
{
	struct err ignored = { "" };

	if (!w)
		return;
	if (w->output.file && !output_end(&w->output, &ignored))
		ignored.text[0] = '\0'; /* something else went wrong before, and was told */
	packet_spool_free(w->spool);
	extract_free(w->extract);
	buf_fini(&w->key_log);
	mem_free(w);
}

bool
writing_keeps_packets(const struct writing *w)
{
	return w && w->spool;
}

void
writing_packet(struct writing *w, const struct capture *c, const struct packet *p)
{
	struct capture_interface i = capture_interface(c);

	packet_spool_add(w->spool, p, &i);
}

void
writing_session(struct writing *w, const struct session *s)
{
	extract_session(w->extract, s);
}

void
writing_secrets(struct writing *w, struct bytes key_log)
{
	buf_add(&w->key_log, key_log);
}

static bool
reading_begin(struct reading *r, const struct writing *w, struct err *e)
{
	const struct options *o = w->options;

	*r = (struct reading){ .spool = w->spool };
	if (w->spool)
		packet_spool_rewind(w->spool);
	else
		r->capture = capture_open_files(o->files, o->n_files, o->filter, e);
	return w->spool || r->capture;
}

static bool
reading_next(struct reading *r)
{
	if (!r->capture)
		return packet_spool_next(r->spool, &r->packet, &r->interface);
	if (capture_next(r->capture, &r->packet) != CAPTURE_PACKET)
		return false;
	r->interface = capture_interface(r->capture);
	return true;
}

static void
no_chunk(void *user, struct flow *f, const struct chunk *c)
{
	(void)user;
	(void)f;
	(void)c;
}

/* Goes through all packets and shows each to step. */
static bool
read_again(struct writing *w, const char *label,
	   void (*step)(struct writing *, const struct flow_table *, const struct reading *), struct err *e)
{
	static const struct flow_sink nobody = { .chunk = no_chunk };
	const struct options *o = w->options;
	struct flow_config config = { .mail_ports = o->ports, .n_mail_ports = o->n_ports };
	struct progress progress;
	struct flow_table *flows;
	struct reading r;
	uint64_t n = 0;

	if (!reading_begin(&r, w, e))
		return false;
	flows = flow_table_new(&config, &nobody);
	progress_init(&progress, label);
	while ((o->count == 0 || n < o->count) && reading_next(&r)) {
		flow_table_feed(flows, &r.packet);
		step(w, flows, &r);
		if (++n % PROGRESS_EVERY == 0 && r.capture)
			progress_step(&progress, r.capture);
	}
	progress_clear(&progress);
	flow_table_free(flows);
	capture_free(r.capture);
	return true;
}

static void
look(struct writing *w, const struct flow_table *t, const struct reading *r)
{
	extract_look(w->extract, t, &r->packet);
}

static void
write_packet(struct writing *w, const struct flow_table *t, const struct reading *r)
{
	extract_write(w->extract, t, &r->packet, &r->interface);
}

static void
warn_of_loss(const struct writing *w)
{
	uint64_t first;
	const char *why = w->spool ? packet_spool_damage(w->spool, &first) : NULL;

	if (why)
		fprintf(stderr, "smtptrace: %s lacks the packets from number %llu on: %s\n", w->output.name,
			(unsigned long long)first, why);
}

bool
writing_finish(struct writing *w, const struct capture *c, const struct finding *findings, size_t n_findings,
	       struct err *e)
{
	struct output *out = &w->output;
	bool is_fine;

	extract_findings(w->extract, findings, n_findings);
	if (!read_again(w, "choosing packets", look, e) || !output_begin(out, e))
		return false;
	extract_begin(w->extract, out->file, capture_names(c), buf_bytes(&w->key_log));
	is_fine = read_again(w, "writing packets", write_packet, e);
	extract_end(w->extract);
	warn_of_loss(w);
	if (!output_end(out, e))
		is_fine = false;
	out->file = NULL;
	return is_fine;
}
