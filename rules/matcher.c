/* In: a failing reply. Out: the smtp.reply.* facts that the tables know about it. Remembers answers under the whole
 * question, so that a server that refuses thousands of recipients alike costs one search. */
#include "rules/matcher.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "rules/fold.h"
#include "base/hash.h"
#include "rules/mask.h"
#include "rules/search.h"

#define KEY_MAX 1024
#define LIST_NAME_MAX 80
#define WAYS 2 /* places that a question may take */

struct memory {
	uint8_t *key;
	size_t key_len;
	struct found_rows rows;
	uint8_t list[LIST_NAME_MAX];
	size_t list_len;
};

struct matcher {
	const struct knowledge *k;
	struct search *search;
	struct buf text, masked, key;
	struct memory *memory;  /* REPLY_CACHE_MAX */
	struct memory overflow; /* of questions too long to remember */
	struct reply_meaning meaning;
};

struct matcher *
matcher_new(const struct knowledge *k)
{
	struct matcher *m = mem_new(sizeof(*m));

	m->k = k;
	m->search = search_new(k);
	buf_init(&m->text, FACT_TEXT_MAX);
	buf_init(&m->masked, FACT_TEXT_MAX);
	buf_init(&m->key, 4 * FACT_TEXT_MAX);
	m->memory = mem_new_array(REPLY_CACHE_MAX, sizeof(m->memory[0]));
	return m;
}

void
matcher_free(struct matcher *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < REPLY_CACHE_MAX; i++)
		mem_free(m->memory[i].key);
	mem_free(m->memory);
	buf_fini(&m->text);
	buf_fini(&m->masked);
	buf_fini(&m->key);
	search_free(m->search);
	mem_free(m);
}

static void
add_part(struct buf *key, struct bytes part)
{
	uint16_t len = (uint16_t)(part.len < UINT16_MAX ? part.len : UINT16_MAX);

	buf_add(key, bytes_of(&len, sizeof(len)));
	buf_add(key, bytes_head(part, len));
}

static void
make_question(struct matcher *m, const struct reply_asked *asked)
{
	buf_clear(&m->text);
	reply_fold(asked->text, asked->recipient, &m->text);
	buf_clear(&m->key);
	buf_add(&m->key, bytes_of(&asked->code, sizeof(asked->code)));
	add_part(&m->key, asked->phase);
	add_part(&m->key, asked->enhanced);
	add_part(&m->key, buf_bytes(&m->text));
	add_part(&m->key, asked->server_name);
	/* Greetings hold ids and times at their end; what names the provider stands in the first words. */
	add_part(&m->key, asked->greeting);
}

static void
answer(struct matcher *m, const struct reply_asked *asked, struct memory *into)
{
	struct bytes text = buf_bytes(&m->text);
	struct bytes provider = search_provider(m->search, asked->greeting, asked->server_name, text);

	buf_clear(&m->masked);
	reply_mask(text, &m->masked);
	into->rows = search_rows(m->search, asked, provider, text, buf_bytes(&m->masked));
	into->list_len = into->rows.list.len < LIST_NAME_MAX ? into->rows.list.len : LIST_NAME_MAX;
	if (into->list_len > 0)
		memcpy(into->list, into->rows.list.p, into->list_len);
}

/* Where the answer to this question is, or where it can be kept. */
static struct memory *
find_place(struct matcher *m, struct bytes key)
{
	uint64_t h = hash_bytes(key);
	struct memory *place[WAYS];

	if (key.len > KEY_MAX || m->key.n_cut > 0)
		return &m->overflow;
	for (unsigned way = 0; way < WAYS; way++) {
		place[way] = &m->memory[(h >> (20 * way)) % REPLY_CACHE_MAX];
		if (bytes_eq(bytes_of(place[way]->key, place[way]->key_len), key))
			return place[way];
	}
	return place[0]->key_len == 0 ? place[0] : place[h >> 63];
}

static const struct memory *
recall(struct matcher *m, const struct reply_asked *asked)
{
	struct bytes key = buf_bytes(&m->key);
	struct memory *place = find_place(m, key);

	if (place != &m->overflow && bytes_eq(bytes_of(place->key, place->key_len), key))
		return place;
	answer(m, asked, place);
	if (place == &m->overflow)
		return place;
	place->key = mem_resize(place->key, key.len);
	memcpy(place->key, key.p, key.len);
	place->key_len = key.len;
	return place;
}

static bool
is_by_digit(struct bytes retry)
{
	return bytes_starts_nocase(retry, "by-") || retry.len == 0 || bytes_eq_str(retry, "-");
}

static void
fill_advice(struct matcher *m, const struct reply_asked *asked, const struct found_rows *rows)
{
	struct reply_meaning *meaning = &m->meaning;
	const struct cause_row *cause = knowledge_cause(m->k, meaning->cause);
	bool is_temporary = asked->code < 500;

	if (rows->code) {
		meaning->who_acts = rows->code->who_acts;
		meaning->retry = rows->code->retry;
	}
	if (cause && !bytes_eq_str(cause->who_acts, "-"))
		meaning->who_acts = cause->who_acts;
	if (cause && !bytes_eq_str(cause->retry, "-"))
		meaning->retry = cause->retry;
	/* What the server calls temporary may be tried again, whatever it says besides. */
	if (is_by_digit(meaning->retry) || (is_temporary && bytes_eq_str(meaning->retry, "permanent")))
		meaning->retry = bytes_str(is_temporary ? "retry" : "permanent");
}

const struct reply_meaning *
matcher_find(struct matcher *m, const struct reply_asked *asked)
{
	const struct memory *memory;
	const struct reply_row *reply;
	const struct code_row *code;

	make_question(m, asked);
	memory = recall(m, asked);
	reply = memory->rows.reply;
	code = memory->rows.code;
	m->meaning = (struct reply_meaning){ .provider = memory->rows.provider,
					     .list = bytes_of(memory->list, memory->list_len) };
	if (reply) {
		m->meaning.cause = reply->cause;
		m->meaning.meaning = reply->meaning;
		m->meaning.remedy = reply->remedy;
		m->meaning.source = reply->source;
		m->meaning.basis = bytes_str(reply->tier <= TIER_VENDOR ? "provider" : "text");
	} else if (code) {
		m->meaning.cause = code->cause;
		m->meaning.meaning = code->meaning;
		m->meaning.source = code->source;
		m->meaning.basis = bytes_str(code->enhanced.len > 1 ? "enhanced" : "code");
	}
	fill_advice(m, asked, &memory->rows);
	return &m->meaning;
}

static struct bytes
text_of(const struct facts *f, enum fact_id id)
{
	const struct fact *value = facts_get(f, id);

	return value ? value->text : bytes_of(NULL, 0);
}

static const enum fact_id told[] = {
	FACT_ID_SMTP_REPLY_CAUSE,    FACT_ID_SMTP_REPLY_BASIS,   FACT_ID_SMTP_REPLY_PROVIDER,
	FACT_ID_SMTP_REPLY_LIST,     FACT_ID_SMTP_REPLY_MEANING, FACT_ID_SMTP_REPLY_REMEDY,
	FACT_ID_SMTP_REPLY_WHO_ACTS, FACT_ID_SMTP_REPLY_RETRY,   FACT_ID_SMTP_REPLY_SOURCE,
};

/* Our reading of a packet is no evidence: these facts carry no packet number. */
static void
tell(struct facts *f, enum fact_id id, struct bytes text, struct when when)
{
	when.packet = 0;
	if (text.len > 0)
		facts_set_text(f, id, text, when);
	else
		facts_unset(f, id);
}

/* Rows are notes, texts are sentences. */
static void
tell_sentence(struct facts *f, enum fact_id id, struct bytes text, struct when when)
{
	uint8_t sentence[FACT_TEXT_MAX];

	if (text.len == 0 || text.len >= sizeof(sentence) || memchr(".!?", text.p[text.len - 1], 3)) {
		tell(f, id, text, when);
		return;
	}
	memcpy(sentence, text.p, text.len);
	sentence[text.len] = '.';
	tell(f, id, bytes_of(sentence, text.len + 1), when);
}

static void
tell_all(struct facts *f, const struct reply_meaning *meaning, struct when when)
{
	tell(f, FACT_ID_SMTP_REPLY_CAUSE, meaning->cause, when);
	tell(f, FACT_ID_SMTP_REPLY_BASIS, meaning->basis, when);
	tell(f, FACT_ID_SMTP_REPLY_PROVIDER, meaning->provider, when);
	tell(f, FACT_ID_SMTP_REPLY_LIST, meaning->list, when);
	tell_sentence(f, FACT_ID_SMTP_REPLY_MEANING, meaning->meaning, when);
	tell_sentence(f, FACT_ID_SMTP_REPLY_REMEDY, meaning->remedy, when);
	tell(f, FACT_ID_SMTP_REPLY_WHO_ACTS, meaning->who_acts, when);
	tell(f, FACT_ID_SMTP_REPLY_RETRY, meaning->retry, when);
	tell(f, FACT_ID_SMTP_REPLY_SOURCE, meaning->source, when);
}

void
matcher_set_facts(struct matcher *m, const struct session *s)
{
	struct facts *f = s->facts;
	const struct fact *code = facts_get(f, FACT_ID_SMTP_REPLY_CODE);
	struct reply_asked asked;
	struct when when;

	if (!code || !facts_get(f, FACT_ID_SMTP_REPLY_FAILURE)) {
		bool is_told = facts_get(f, FACT_ID_SMTP_REPLY_RETRY) != NULL; /* this one always is */

		for (size_t i = 0; is_told && i < ARRAY_LEN(told); i++)
			facts_unset(f, told[i]);
		return;
	}
	when = code->when;
	asked = (struct reply_asked){
		.code = (unsigned)code->number % 1000,
		.enhanced = text_of(f, FACT_ID_SMTP_REPLY_ENHANCED),
		.text = text_of(f, FACT_ID_SMTP_REPLY_TEXT),
		.phase = text_of(f, FACT_ID_SMTP_REPLY_PHASE),
		.greeting = text_of(f, FACT_ID_SMTP_GREETING_TEXT),
		.server_name = s->server_name,
		.recipient = text_of(f, FACT_ID_RECIPIENT_ADDRESS),
	};
	tell_all(f, matcher_find(m, &asked), when);
}

void
matcher_set_provider(struct matcher *m, const struct session *s)
{
	const struct fact *greeting = facts_get(s->facts, FACT_ID_SMTP_GREETING_TEXT);
	struct bytes provider;

	if (!greeting || !facts_get(s->facts, FACT_ID_SMTP_GREETING_NETWORKS))
		return;
	provider = search_provider(m->search, greeting->text, s->server_name, bytes_of(NULL, 0));
	tell(s->facts, FACT_ID_SERVER_PROVIDER, provider, greeting->when);
}
