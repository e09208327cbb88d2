/* In: connections and their bytes in order. Out: sessions. Decides which connections are about mail: those to mail
 * ports, whatever is said there, and those on any port where SMTP is spoken. A connection costs no more than its number
 * until somebody speaks, since a flood of SYNs opens very many. */
#include "decode/decode.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/deferred.h"
#include "decode/dialogue.h"
#include "decode/dialogue_tcp.h"
#include "decode/dialogue_tls.h"
#include "decode/dns.h"
#include "decode/facts_store.h"
#include "decode/families.h"
#include "decode/first_bytes.h"
#include "decode/hosts.h"
#include "decode/identities.h"
#include "decode/pseudonym.h"
#include "decode/totals.h"

enum mail_state {
	MAIL_UNDECIDED, /* another port: not clear yet whether it is mail */
	MAIL_SILENT,    /* a mail port; nobody has spoken */
	MAIL_TALKING,   /* has a dialogue */
	MAIL_DNS,       /* a connection to a name server */
	MAIL_NOT,       /* something else, or over */
};

struct attempt {               /* hangs on a flow */
	enum mail_state state; /* written by enter only */
	uint64_t id;           /* of the session; 0: it is none yet */
	struct dialogue *dialogue;
	struct smtp *smtp; /* of the dialogue */
	union {
		struct first_bytes *first_bytes; /* MAIL_UNDECIDED */
		struct dns_stream *dns_stream;   /* MAIL_DNS */
	};
};

#define ATTEMPTS_PER_SLAB 128

/* Side by side, so that those of all open connections fit into the cache. */
struct slab {
	struct slab *next;
	struct attempt attempts[ATTEMPTS_PER_SLAB];
};
struct free_attempt {
	struct free_attempt *next;
};

struct decode {
	const struct decode_config *config;
	struct flow_sink flow_sink;
	struct dialogue *spare[SESSIONS_SPARE_MAX];
	size_t n_spare;
	struct slab *slabs;
	struct free_attempt *free_attempts;
	uint64_t n_ids;
	struct hosts *hosts;
	struct families *families;
	struct dialogue_context context;
	struct totals totals;
	struct facts *capture_facts;
	struct buf redacted;
};

/* The only writer of a->state. */
static void
enter(const struct decode *d, struct flow *f, struct attempt *a, enum mail_state next)
{
	static const char *const names[] = { "undecided", "silent", "talking", "dns", "not mail, or over" };

	if (UNLIKELY(d->config->trace != NULL))
		fprintf(d->config->trace, "stream %llu: %s -> %s\n", (unsigned long long)flow_facts(f)->stream,
			names[a->state], names[next]);
	a->state = next;
}

static bool
is_mail_port(const struct decode_config *c, uint16_t port)
{
	for (size_t i = 0; i < c->n_mail_ports; i++)
		if (c->mail_ports[i] == port)
			return true;
	return false;
}

static void
give_attempt(struct decode *d, struct attempt *a)
{
	struct free_attempt *f = (void *)a;

	f->next = d->free_attempts;
	d->free_attempts = f;
}

static struct attempt *
take_attempt(struct decode *d)
{
	struct attempt *a;

	if (!d->free_attempts) {
		struct slab *slab = mem_new(sizeof(*slab));

		slab->next = d->slabs;
		d->slabs = slab;
		for (size_t i = ATTEMPTS_PER_SLAB; i > 0; i--)
			give_attempt(d, &slab->attempts[i - 1]);
	}
	a = (void *)d->free_attempts;
	d->free_attempts = d->free_attempts->next;
	*a = (struct attempt){ .state = MAIL_UNDECIDED };
	return a;
}

static struct dialogue *
take_dialogue(struct decode *d)
{
	return d->n_spare > 0 ? d->spare[--d->n_spare] : dialogue_new();
}

/* One that has grown large is not worth its memory. */
static void
give_dialogue(struct decode *d, struct dialogue *dialogue)
{
	if (d->n_spare < SESSIONS_SPARE_MAX && dialogue_size(dialogue) < SESSION_SPARE_SIZE_MAX)
		d->spare[d->n_spare++] = dialogue;
	else
		dialogue_free(dialogue);
}

static void
name_server(const struct decode *d, struct session *s)
{
	s->server_name = arena_copy(&s->arena, dns_name_of(d->context.dns, &s->tcp->end[SIDE_SERVER].address));
}

static void
begin_talking(struct decode *d, struct flow *f, struct attempt *a)
{
	a->dialogue = take_dialogue(d);
	a->smtp = a->dialogue->smtp;
	dialogue_begin(a->dialogue, a->id, flow_facts(f), &d->context);
	name_server(d, &a->dialogue->pub);
	flow_set_hot(f, a->smtp, a->dialogue);
	enter(d, f, a, MAIL_TALKING);
}

static void
begin_dns(struct decode *d, struct flow *f, struct attempt *a)
{
	a->dns_stream = dns_opened(d->context.dns, flow_facts(f));
	enter(d, f, a, a->dns_stream ? MAIL_DNS : MAIL_NOT);
	if (!a->dns_stream)
		flow_ignore_payload(f);
}

static void
on_opened(void *user, struct flow *f)
{
	struct decode *d = user;
	struct attempt *a = take_attempt(d);

	flow_set_user(f, a);
	if (!is_mail_port(d->config, flow_facts(f)->end[SIDE_SERVER].port)) {
		if (flow_facts(f)->end[SIDE_SERVER].port == FLOW_DNS_PORT)
			begin_dns(d, f, a);
		return;
	}
	a->id = ++d->n_ids;
	families_opened(d->families, flow_facts(f));
	dns_connected(d->context.dns, flow_facts(f));
	enter(d, f, a, MAIL_SILENT);
}

static void
decide(struct decode *d, struct flow *f, struct attempt *a, const struct chunk *c)
{
	enum detected detected;

	if (!a->first_bytes)
		a->first_bytes = first_bytes_new();
	detected = first_bytes_add(a->first_bytes, c, d->config->mail_ports, d->config->n_mail_ports);
	if (detected == DETECT_MAYBE)
		return;
	if (detected == DETECT_NO) {
		enter(d, f, a, MAIL_NOT);
		flow_ignore_payload(f);
	} else {
		a->id = ++d->n_ids;
		begin_talking(d, f, a);
		first_bytes_replay(a->first_bytes, a->smtp);
	}
	first_bytes_free(a->first_bytes);
	a->first_bytes = NULL;
}

static void
note_answer(struct decode *d, const struct attempt *a, const struct tcp_facts *t)
{
	hosts_note(d->hosts, t);
	if (a->id != 0)
		families_answered(d->families, t);
}

static void
on_chunk(void *user, struct flow *f, const struct chunk *c)
{
	struct decode *d = user;
	struct attempt *a = flow_user(f);

	if (c->from == SIDE_SERVER && flow_facts(f)->side[SIDE_SERVER].n_payload <= 1)
		note_answer(d, a, flow_facts(f));
	if (a->state == MAIL_SILENT)
		begin_talking(d, f, a);
	if (a->state == MAIL_UNDECIDED)
		decide(d, f, a, c);
	else if (a->state == MAIL_TALKING && c->n_missing > 0)
		smtp_missing(a->smtp, c->from, c->n_missing, c->when);
	else if (a->state == MAIL_TALKING)
		smtp_feed(a->smtp, c->from, c->data, c->when);
	else if (a->state == MAIL_DNS)
		dns_chunk(d->context.dns, a->dns_stream, flow_facts(f), c);
}

static void
end_session(struct decode *d, struct flow *f, struct attempt *a)
{
	const struct tcp_facts *t = flow_facts(f);
	struct over_ipv4 instead;

	if (a->state == MAIL_SILENT)
		begin_talking(d, f, a);
	instead = families_closed(d->families, t);
	if (instead.syn.packet != 0)
		instead.dns_name = dns_name_of(d->context.dns, &instead.server);
	d->context.instead = &instead;
	totals_add(&d->totals, &a->dialogue->pub);
	dialogue_end(a->dialogue, d->hosts);
	d->context.instead = NULL;
	d->context.n_hidden += tcp_is_one_sided(t) && t->side[SIDE_SERVER].n_packets == 0;
	give_dialogue(d, a->dialogue);
}

/* The session is over while its memory is still warm, instead of when the last late packet can have come. */
static void
on_ended(void *user, struct flow *f)
{
	struct decode *d = user;
	struct attempt *a = flow_user(f);

	if (a->state != MAIL_TALKING || dialogue_tls_waits(a->dialogue))
		return;
	end_session(d, f, a);
	enter(d, f, a, MAIL_NOT);
	flow_ignore_payload(f);
	flow_set_hot(f, NULL, NULL);
}

static void
on_closed(void *user, struct flow *f)
{
	struct decode *d = user;
	struct attempt *a = flow_user(f);

	hosts_note(d->hosts, flow_facts(f));
	if (a->state == MAIL_SILENT || a->state == MAIL_TALKING)
		end_session(d, f, a);
	if (a->state == MAIL_DNS)
		dns_closed(d->context.dns, a->dns_stream, flow_facts(f));
	else
		first_bytes_free(a->first_bytes);
	give_attempt(d, a);
}

static void
tell_lookups(struct decode *d, int64_t now_ns)
{
	d->totals.n_sessions += dns_tell(d->context.dns, now_ns, &d->context, &d->n_ids);
}

static void
on_datagram(void *user, const struct datagram *datagram)
{
	struct decode *d = user;

	dns_datagram(d->context.dns, datagram);
	tell_lookups(d, datagram->when.time_ns);
}

void
decode_finish(struct decode *d)
{
	tell_lookups(d, INT64_MAX);
}

struct decode *
decode_new(const struct decode_config *config, const struct decode_sink *sink)
{
	struct decode *d = mem_new(sizeof(*d));

	d->config = config;
	d->flow_sink = (struct flow_sink){ d, on_opened, on_chunk, on_closed, on_ended, on_datagram };
	d->hosts = hosts_new();
	d->families = families_new();
	d->context = (struct dialogue_context){ .sink = sink,
						.is_listening = sink->event || sink->wants_moments,
						.trace = config->trace,
						.deferred = deferred_new(),
						.dns = dns_new(),
						.trust = config->trust,
						.keys = config->keys };
	buf_init(&d->redacted, REDACTED_MAX);
	if (config->is_redacted)
		d->context.pseudonyms = pseudonyms_new();
	d->context.redacted = &d->redacted;
	d->context.facts = facts_new();
	d->context.identities = identities_new();
	if (config->wanted)
		facts_want(d->context.facts, config->wanted);
	d->capture_facts = facts_new();
	return d;
}

const struct flow_sink *
decode_flow_sink(struct decode *d)
{
	return &d->flow_sink;
}

const struct facts *
decode_capture_facts(struct decode *d, const struct capture_summary *c)
{
	totals_facts(&d->totals, c, d->capture_facts);
	return d->capture_facts;
}

enum vantage
decode_vantage(const struct decode *d)
{
	return totals_vantage(&d->totals);
}

void
decode_free(struct decode *d)
{
	if (!d)
		return;
	while (d->n_spare > 0)
		dialogue_free(d->spare[--d->n_spare]);
	while (d->slabs) {
		struct slab *gone = d->slabs;

		d->slabs = gone->next;
		mem_free(gone);
	}
	hosts_free(d->hosts);
	dns_free(d->context.dns);
	families_free(d->families);
	identities_free(d->context.identities);
	deferred_free(d->context.deferred);
	facts_free(d->context.facts);
	facts_free(d->capture_facts);
	pseudonyms_free(d->context.pseudonyms);
	buf_fini(&d->redacted);
	mem_free(d);
}
