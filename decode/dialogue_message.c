/* In: events about the content of a message. Out: facts. Keeps no content but addresses and domains. */
#include "decode/dialogue_message.h"

#include <string.h>

#include "base/attr.h"
#include "base/limits.h"
#include "decode/domain.h"
#include "decode/facts_store.h"

enum field {
#define HEADER(id, name, keep) FIELD_##id,
#include "decode/headers.def"
#undef HEADER
	N_FIELDS
};

static const struct bytes field_names[N_FIELDS] = {
#define HEADER(id, name, keep) { (const uint8_t *)(name), sizeof(name) - 1 },
#include "decode/headers.def"
#undef HEADER
};

void
message_notes_clear(struct message_notes *n)
{
	*n = (struct message_notes){ 0 };
}

/* From may name several authors (RFC 5322 3.6.2), or be followed by a comment: the first address. */
static struct bytes
first_author(struct bytes addresses)
{
	size_t comma = bytes_find(addresses, ','), comment = bytes_find(addresses, '(');

	return bytes_head(addresses, comma < comment ? comma : comment);
}

void
message_note_header(struct message_notes *n, struct arena *arena, const struct event *e)
{
	n->fields |= UINT64_C(1) << e->row;
	if (e->row == FIELD_FROM && n->from.len == 0) {
		n->from = arena_copy(arena, first_author(e->text));
		n->from_when = e->when;
	} else if (e->row == FIELD_DKIM_SIGNATURE && n->dkim_domain.len == 0) {
		n->dkim_domain = arena_copy(arena, e->text);
		n->dkim_when = e->when;
	}
}

void
message_note_odd(struct message_notes *n, const struct event *e)
{
	const struct {
		const char *word;
		uint64_t *count;
	} counts[] = {
		{ "bare-lf-in-message", &n->n_bare_lf },
		{ "smuggling-sequence", &n->n_smuggling },
		{ "line-too-long", &n->n_long_lines },
		{ "eight-bit", &n->n_eight_bit },
		{ "nul", &n->n_nul },
	};

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		if (!bytes_eq_str(e->text, counts[i].word))
			continue;
		*counts[i].count += e->number;
		n->odd_when = e->when;
	}
}

static void
set_count(struct facts *f, enum fact_id id, uint64_t n, struct when when)
{
	if (n > 0)
		facts_set_int(f, id, (int64_t)n, when);
}

static bool
has(const struct message_notes *n, enum field field)
{
	return (n->fields >> field & 1) != 0;
}

/* RFC 5322 3.6 asks for these; many receivers do so, too. */
static void
set_missing(const struct message_notes *n, struct facts *f, struct when when)
{
	static const enum field wanted[] = { FIELD_FROM, FIELD_DATE, FIELD_MESSAGE_ID };
	char text[64];
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		if (has(n, wanted[i]))
			continue;
		for (const char *s = len > 0 ? ", " : ""; *s; s++)
			text[len++] = *s;
		memcpy(text + len, field_names[wanted[i]].p, field_names[wanted[i]].len);
		len += field_names[wanted[i]].len;
	}
	if (len > 0)
		facts_set_text(f, FACT_ID_MESSAGE_HEADERS_MISSING, bytes_of(text, len), when);
}

static void
set_from(const struct message_notes *n, const struct transaction *t, struct facts *f)
{
	struct bytes from = bytes_after_last(n->from, '@'), sender = bytes_after_last(t->mail_from, '@');

	if (n->from.len == 0)
		return;
	facts_lend_text(f, FACT_ID_MESSAGE_FROM, n->from, n->from_when);
	if (from.len > 0 && sender.len > 0)
		facts_set_bool(f, FACT_ID_MESSAGE_FROM_RELATED, domain_is_related(from, sender), n->from_when);
}

void
message_notes_facts(const struct message_notes *n, const struct transaction *t, struct facts *f)
{
	struct when when = t->reply.when;

	set_count(f, FACT_ID_MESSAGE_BARE_LF, n->n_bare_lf, n->odd_when);
	set_count(f, FACT_ID_MESSAGE_SMUGGLING, n->n_smuggling, n->odd_when);
	set_count(f, FACT_ID_MESSAGE_LONG_LINES, n->n_long_lines, n->odd_when);
	set_count(f, FACT_ID_MESSAGE_EIGHT_BIT, n->n_eight_bit, n->odd_when);
	set_count(f, FACT_ID_MESSAGE_NUL, n->n_nul, n->odd_when);
	if (t->has_eight_bit_body)
		facts_set_bool(f, FACT_ID_MESSAGE_EIGHT_BIT_DECLARED, true, t->when);
	if (n->is_lossy || t->n_bytes == 0)
		return;
	set_missing(n, f, when);
	set_from(n, t, f);
	if (n->dkim_domain.len > 0)
		facts_lend_text(f, FACT_ID_MESSAGE_DKIM_DOMAIN, n->dkim_domain, n->dkim_when);
	if (has(n, FIELD_RECEIVED))
		facts_set_bool(f, FACT_ID_MESSAGE_RECEIVED, true, when);
	if (has(n, FIELD_SENDER) || has(n, FIELD_LIST_UNSUBSCRIBE) || has(n, FIELD_PRECEDENCE))
		facts_set_bool(f, FACT_ID_MESSAGE_LIST, true, when);
}
