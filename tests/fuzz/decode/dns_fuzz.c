/* DNS messages as TCP carries them, each behind two bytes of length; the first byte says where the stream is cut. After
 * each message three seconds pass. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "base/reader.h"
#include "decode/dns_stream.h"
#include "decode/host_names.h"
#include "decode/lookups.h"
#include "decode/questions.h"
#include "decode/reversed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct lookups *lookups;
	struct host_names *names;
	struct questions *questions;
	struct address ends[2];
	struct when when;
	uint64_t n_messages, hash; /* of what came out of the stream */
};

static void
check(const struct lookup *u, enum lookup_error error)
{
	assert(error != LOOKUP_FINE && u->n_queries > 0 && u->is_mail && !u->is_followed && !u->is_check);
	assert(memchr(u->name, '\0', sizeof(u->name)) && memchr(u->domain, '\0', sizeof(u->domain)));
}

/* What a server may ask about the client, and what it may get. */
static void
ask(struct run *r, const struct dns_message *m)
{
	struct address about;
	struct bytes zone;
	struct question_wait w;

	questions_message(r->questions, m, &r->ends[m->is_response], &r->ends[!m->is_response], r->when);
	if (!reversed_parse(bytes_str(m->name), &about, &zone))
		return;
	assert(zone.len > 0 && zone.len < strlen(m->name));
	w = questions_wait(r->questions, &about, 0, r->when.time_ns);
	assert(w.ns >= 0 && w.ns <= r->when.time_ns && w.longest_ns <= r->when.time_ns && (w.ns == 0 || w.name));
	questions_listing(r->questions, &about, zone, 0);
}

static void
take(void *user, enum side from, struct bytes message, struct when when)
{
	struct run *r = user;
	struct dns_message m;
	enum lookup_error error;
	struct lookup failed;

	(void)from;
	(void)when;
	r->n_messages++;
	r->hash = r->hash * 31 + hash_bytes(message);
	if (dns_message_parse(message, &m)) {
		ask(r, &m);
		lookups_message(r->lookups, &m, &r->ends[m.is_response], &r->ends[!m.is_response], r->when);
		for (size_t i = 0; i < m.n_addresses; i++) {
			host_names_note(r->names, &m.addresses[i], m.name);
			assert(bytes_eq_str(host_names_find(r->names, &m.addresses[i]), m.name));
		}
		if (m.is_truncated)
			lookups_tcp_opened(r->lookups, &r->ends[0], r->when);
		else if (m.rcode > LOOKUP_TCP_UNKNOWN && m.rcode <= LOOKUP_TCP_CUT)
			lookups_tcp_closed(r->lookups, &r->ends[0], (enum lookup_tcp)m.rcode, r->when);
	}
	r->when.packet++;
	r->when.time_ns += 3 * NS_PER_S;
	if (lookups_next(r->lookups, r->when.time_ns, &failed, &error))
		check(&failed, error);
}

/* In two pieces, each an exact copy. Returns what came of it. */
static struct run
run(struct bytes stream, size_t cut)
{
	struct run r = { lookups_new(), host_names_new(), questions_new(), .when = { 1, 1 } };
	struct dns_stream *s = dns_stream_new();
	struct chunk pieces[] = { { .data = bytes_head(stream, cut) }, { .data = bytes_from(stream, cut) } };
	enum lookup_error error;
	struct lookup failed;

	r.ends[0] = address_from(bytes_of("\xc0\0\2\1", 4));
	r.ends[1] = address_from(bytes_of("\xc0\0\2\2", 4));
	for (size_t i = 0; i < 2; i++)
		dns_stream_feed(s, &pieces[i], take, &r);
	while (lookups_next(r.lookups, INT64_MAX, &failed, &error))
		check(&failed, error);
	dns_stream_free(s);
	lookups_free(r.lookups);
	host_names_free(r.names);
	questions_free(r.questions);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes stream = bytes_from(bytes_of(data, size), 1);
	struct run whole, cut;

	if (size == 0)
		return 0;
	whole = run(stream, 0);
	cut = run(stream, stream.len * data[0] / 255);
	assert(whole.n_messages == cut.n_messages && whole.hash == cut.hash);
	return 0;
}
