/* In: sessions, then findings. Out: a table of the attempts (RFC 4180, with LF), one line each. Texts are quoted, and
 * none begins like a formula: a spreadsheet would compute what a server said. */
#include "base/alloc.h"
#include "base/limits.h"
#include "decode/tls_hello.h"
#include "decode/tls_info.h"
#include "report/clock.h"
#include "report/format.h"
#include "report/index.h"
#include "report/spool.h"
#include "report/story.h"
#include "report/wire.h"

struct csv {
	const struct report_options *options;
	struct spool *spool;
	struct buf line; /* the one at hand, without its last two cells */
};

static const char header[] =
    "attempt,started,seconds,client,client_port,server,server_port,server_name,phase,failed_in,outcome,"
    "handshake,closed_by,reset_by,tls,user,sender,recipients,queue_ids,code,text,finding,findings\n";

static void *
open_csv(const struct report_options *o, struct err *e)
{
	struct spool *spool = spool_new(e);
	struct csv *c;

	if (!spool)
		return NULL;
	c = mem_new(sizeof(*c));
	c->options = o;
	c->spool = spool;
	buf_init(&c->line, REPORT_RECORD_MAX);
	return c;
}

static bool
begins_formula(uint8_t first)
{
	return first == '=' || first == '+' || first == '-' || first == '@';
}

/* Quoted; an apostrophe makes text of what a spreadsheet may take for a formula, also behind blanks. */
static void
put_text(struct buf *to, struct bytes wire)
{
	char unit[WIRE_UNIT_MAX];
	struct bytes trimmed = bytes_trim(wire);

	if (wire.len == 0)
		return;
	buf_add_u8(to, '"');
	if (trimmed.len > 0 && begins_formula(trimmed.p[0]))
		buf_add_u8(to, '\'');
	for (size_t i = 0; i < wire.len; i++) {
		if (wire.p[i] == '"')
			buf_add_u8(to, '"');
		buf_add(to, bytes_of(unit, wire_unit(wire.p[i], unit)));
	}
	buf_add_u8(to, '"');
}

static void
add_text(struct csv *c, struct bytes wire)
{
	put_text(&c->line, wire);
	buf_add_u8(&c->line, ',');
}

static void
add_str(struct csv *c, const char *text)
{
	add_text(c, bytes_str(text));
}

static void
add_number(struct csv *c, uint64_t n, bool is_known)
{
	if (is_known)
		buf_addf(&c->line, "%llu", (unsigned long long)n);
	buf_add_u8(&c->line, ',');
}

static void
add_endpoint(struct csv *c, const struct endpoint *end)
{
	char text[ADDRESS_TEXT_MAX];

	add_str(c, end->address.family != 0 ? address_text(&end->address, text) : "");
	add_number(c, end->port, end->port != 0);
}

/* What the transactions of a session have of one kind, parted by blanks: addresses hold none. */
static void
add_list(struct csv *c, const struct session *s, struct bytes (*item)(const struct transaction *t, size_t i))
{
	struct buf list;

	buf_init(&list, CSV_LIST_MAX);
	for (size_t i = 0; i < s->n_transactions; i++) {
		struct bytes one;

		for (size_t k = 0; (one = item(&s->transactions[i], k)).len > 0; k++) {
			if (list.len > 0)
				buf_add_u8(&list, ' ');
			buf_add(&list, one);
		}
	}
	add_text(c, buf_bytes(&list));
	buf_fini(&list);
}

static struct bytes
sender_item(const struct transaction *t, size_t i)
{
	if (i > 0)
		return bytes_of(NULL, 0);
	return t->has_null_sender ? bytes_str("<>") : t->mail_from;
}

static struct bytes
recipient_item(const struct transaction *t, size_t i)
{
	return i < t->n_recipients ? t->recipients[i].address : bytes_of(NULL, 0);
}

static struct bytes
queue_id_item(const struct transaction *t, size_t i)
{
	return i == 0 ? t->queue_id : bytes_of(NULL, 0);
}

static void
add_connection(struct csv *c, const struct session *s)
{
	const char *version = s->tls && s->tls->server_hello.packet != 0 ? tls_version_name(s->tls->version) : NULL;

	add_str(c, s->tcp ? attempt_handshake_name(attempt_handshake(s->tcp)) : "");
	add_str(c, s->tcp ? attempt_closer_name(s->closed_by) : "");
	add_str(c, s->reset_by != CLOSED_BY_NONE ? attempt_closer_name(s->reset_by) : "");
	add_str(c, version ? version : "");
	add_text(c, s->auth_user);
}

static void
add_session(void *state, const struct session *s)
{
	struct csv *c = state;
	struct attempt a;
	char clock[CLOCK_TEXT_MAX];

	attempt_of(s, &a);
	buf_clear(&c->line);
	add_number(c, a.id, true);
	add_str(c, a.started.packet > 0 ? clock_iso(a.started.time_ns, clock) : "");
	if (a.took_ns >= 0)
		buf_addf(&c->line, "%.6f", (double)a.took_ns / (double)NS_PER_S);
	buf_add_u8(&c->line, ',');
	add_endpoint(c, &a.client);
	add_endpoint(c, &a.server);
	add_text(c, s->server_name);
	add_str(c, phase_name(a.phase));
	add_str(c, a.is_failure ? phase_name(story_failed_in(s)) : "");
	add_str(c, outcome_name(a.outcome));
	add_connection(c, s);
	add_list(c, s, sender_item);
	add_list(c, s, recipient_item);
	add_list(c, s, queue_id_item);
	add_number(c, a.said_code, a.said_code != 0);
	add_text(c, bytes_of(a.said, a.said_len));
	spool_add(c->spool, s->id, buf_bytes(&c->line));
}

/* The main finding of the attempt, and the numbers of all. */
static void
write_findings(FILE *out, const struct report_end *end, const struct finding_index *index, uint64_t id)
{
	const struct index_entry *entries;
	size_t n = finding_index_get(index, id, &entries);

	if (n > 0)
		fprintf(out, "\"%s\"", end->findings[entries[0].rank].rule);
	fputc(',', out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%llu", i == 0 ? "\"" : " ", (unsigned long long)entries[i].finding);
	fputs(n > 0 ? "\"\n" : "\n", out);
}

static bool
finish_csv(void *state, const struct report_end *end, struct err *e)
{
	struct csv *c = state;
	struct finding_index *index = finding_index_new(end->findings, end->n_findings);
	FILE *out = c->options->out;
	uint64_t id;

	fputs(header, out);
	spool_rewind(c->spool);
	while (spool_next(c->spool, &id, &c->line)) {
		fwrite(c->line.p, 1, c->line.len, out);
		write_findings(out, end, index, id);
	}
	finding_index_free(index);
	return !spool_failed(c->spool, e);
}

static void
free_csv(void *state)
{
	struct csv *c = state;

	spool_free(c->spool);
	buf_fini(&c->line);
	mem_free(c);
}

const struct report_format report_format_csv = {
	.wants_details = true,
	.open = open_csv,
	.session = add_session,
	.finish = finish_csv,
	.free = free_csv,
};
