/* In: sessions, findings, and all packets once more. Out: the packets of the sessions that findings of severity error
 * or warning name, of those that a finding compares them with, what ICMP says of them, and the look-ups that led to
 * them. */
#include "evidence/extract.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/limits.h"
#include "capture/pcapng_write.h"
#include "evidence/comments.h"
#include "evidence/names.h"

struct in_vain { /* a session that was a look-up only */
	uint64_t id;
	char name[DNS_NAME_MAX];
};

struct extract {
	struct pcapng_writer *writer;
	bool has_interface;
	uint64_t *first_packets; /* of the connection of each session; 0: it had none */
	size_t n_sessions;
	struct in_vain *in_vain;
	size_t n_in_vain;
	struct numbers connections; /* wanted: their first packets */
	struct numbers proofs;      /* packets that findings of severity error and warning name */
	struct numbers pairs;       /* hashed addresses of wanted connections */
	struct names names;
	struct comments comments;
	struct when last, last_written;
};

struct extract *
extract_new(void)
{
	return mem_new(sizeof(struct extract));
}

void
extract_free(struct extract *x)
{
	if (!x)
		return;
	pcapng_writer_free(x->writer);
	mem_free(x->first_packets);
	mem_free(x->in_vain);
	numbers_fini(&x->connections);
	numbers_fini(&x->proofs);
	numbers_fini(&x->pairs);
	names_fini(&x->names);
	comments_fini(&x->comments);
	mem_free(x);
}

static void
note_in_vain(struct extract *x, const struct session *s)
{
	struct in_vain *v;

	if (x->n_in_vain == IN_VAIN_MAX || s->server_name.len >= DNS_NAME_MAX)
		return;
	if (!x->in_vain)
		x->in_vain = mem_new_array(IN_VAIN_MAX, sizeof(*x->in_vain));
	v = &x->in_vain[x->n_in_vain++];
	v->id = s->id;
	if (s->server_name.len > 0)
		memcpy(v->name, s->server_name.p, s->server_name.len);
}

void
extract_session(struct extract *x, const struct session *s)
{
	if (!s->tcp) {
		note_in_vain(x, s);
		return;
	}
	if (s->id >= SELECTION_MAX)
		return;
	if (s->id >= x->n_sessions) {
		size_t n = (size_t)(s->id + 1) * 2;

		x->first_packets = mem_resize(x->first_packets, n * sizeof(*x->first_packets));
		memset(x->first_packets + x->n_sessions, 0, (n - x->n_sessions) * sizeof(*x->first_packets));
		x->n_sessions = n;
	}
	x->first_packets[s->id] = flow_first_packet(s->tcp);
}

static void
want_session(struct extract *x, uint64_t id)
{
	if (id < x->n_sessions && x->first_packets[id] != 0)
		numbers_add(&x->connections, x->first_packets[id]);
	for (size_t i = 0; i < x->n_in_vain; i++)
		if (x->in_vain[i].id == id)
			names_wanted(&x->names, bytes_str(x->in_vain[i].name));
}

void
extract_findings(struct extract *x, const struct finding *findings, size_t n_findings)
{
	for (size_t i = 0; i < n_findings; i++) {
		const struct finding *f = &findings[i];

		comments_add(&x->comments, f);
		if (f->severity == SEVERITY_INFO)
			continue;
		for (size_t n = 0; n < f->n_sessions; n++)
			want_session(x, f->sessions[n]);
		for (size_t n = 0; n < f->n_evidence; n++)
			numbers_add(&x->proofs, f->evidence[n].when.packet);
	}
}

static uint64_t
hash_of_pair(const struct address *a, const struct address *b)
{
	return hash_bytes(bytes_of(a, sizeof(*a))) ^ hash_bytes(bytes_of(b, sizeof(*b)));
}

/* What a finding compares with is known by its evidence. */
static void
look_at_connection(struct extract *x, const struct tcp_facts *facts, uint64_t packet)
{
	uint64_t name = flow_first_packet(facts);
	const struct address *client = &facts->end[SIDE_CLIENT].address, *server = &facts->end[SIDE_SERVER].address;

	if (numbers_has(&x->proofs, packet))
		numbers_add(&x->connections, name);
	if (!numbers_has(&x->connections, name))
		return;
	names_host(&x->names, client);
	names_host(&x->names, server);
	numbers_add(&x->pairs, hash_of_pair(client, server));
}

void
extract_look(struct extract *x, const struct flow_table *t, const struct packet *p)
{
	struct place_in_packet place = flow_which(t, p);
	struct dns_message m;

	if (place.flow)
		look_at_connection(x, flow_facts(place.flow), p->when.packet);
	if (place.kind != PLACE_DNS || !dns_message_parse(place.payload, &m))
		return;
	names_message(&x->names, &m);
	if (numbers_has(&x->proofs, p->when.packet))
		names_proof(&x->names, &m);
}

void
extract_begin(struct extract *x, FILE *out, struct bytes names, struct bytes key_log)
{
	x->writer = pcapng_writer_new(out);
	names_choose(&x->names);
	pcapng_writer_names(x->writer, names);
	pcapng_writer_secrets(x->writer, key_log);
}

static bool
is_wanted(const struct extract *x, const struct place_in_packet *place)
{
	struct dns_message m;

	if (place->flow)
		return numbers_has(&x->connections, flow_first_packet(flow_facts(place->flow)));
	if (place->kind == PLACE_FRAGMENT)
		return numbers_has(&x->pairs, hash_of_pair(&place->source, &place->target));
	return place->kind == PLACE_DNS && dns_message_parse(place->payload, &m) && names_has(&x->names, &m);
}

void
extract_write(struct extract *x, const struct flow_table *t, const struct packet *p, const struct capture_interface *i)
{
	struct place_in_packet place = flow_which(t, p);
	struct bytes texts[COMMENTS_OF_PACKET_MAX];
	size_t n;

	if (!x->has_interface) /* a file without one is none */
		pcapng_writer_interface(x->writer, i);
	x->has_interface = true;
	x->last = p->when;
	if (!is_wanted(x, &place) && !numbers_has(&x->proofs, p->when.packet))
		return;
	x->last_written = p->when;
	n = comments_of(&x->comments, p->when.packet, texts);
	pcapng_writer_packet(x->writer, pcapng_writer_interface(x->writer, i), p, texts, n);
}

/* How long nothing came is evidence, too. */
void
extract_end(struct extract *x)
{
	static const char text[] =
	    "[smtptrace] the capture goes on until here; this is the time of its last packet only";
	struct packet mark = { .when = x->last };
	struct bytes comment = bytes_str(text);

	if (x->last_written.packet != 0 && x->last.packet != x->last_written.packet)
		pcapng_writer_packet(x->writer, 0, &mark, &comment, 1);
}
