/* In: what a dialogue has seen so far. Out: the facts of its session, in the store that all sessions share. */
#include "decode/dialogue_facts.h"

#include "decode/dialogue.h"
#include "decode/facts_store.h"

void
dialogue_facts_begin(struct dialogue *d)
{
	facts_clear(d->pub.facts);
}

struct facts *
dialogue_facts_kept(struct dialogue *d)
{
	if (!d->said.kept)
		d->said.kept = facts_new();
	return d->said.kept;
}

void
dialogue_facts_keep_message(struct dialogue *d)
{
	facts_add_scope(dialogue_facts_kept(d), d->pub.facts, SCOPE_MESSAGE);
}

void
dialogue_facts_forget_message(struct dialogue *d)
{
	d->said.mail = 0;
	if (d->said.kept)
		facts_clear_scope(d->said.kept, SCOPE_MESSAGE);
}

static void
add_ends(const struct dialogue *d, struct facts *f)
{
	const struct tcp_facts *t = d->pub.tcp;
	struct when when = d->pub.started;

	facts_set_address(f, FACT_ID_CLIENT_ADDRESS, &t->end[SIDE_CLIENT].address, when);
	facts_set_int(f, FACT_ID_CLIENT_PORT, t->end[SIDE_CLIENT].port, when);
	facts_set_address(f, FACT_ID_SERVER_ADDRESS, &t->end[SIDE_SERVER].address, when);
	facts_set_int(f, FACT_ID_SERVER_PORT, t->end[SIDE_SERVER].port, when);
	if (d->pub.server_name.len > 0)
		facts_lend_text(f, FACT_ID_SERVER_NAME, d->pub.server_name, when);
	facts_set_int(f, FACT_ID_TCP_STREAM, (int64_t)t->stream, when);
}

static void
add_greeting(const struct dialogue *d, struct facts *f)
{
	const struct said *s = &d->said;

	if (s->greeting.packet == 0)
		return;
	facts_set_int(f, FACT_ID_SMTP_GREETING_CODE, s->greeting_code, s->greeting);
	facts_lend_text(f, FACT_ID_SMTP_GREETING_TEXT, d->pub.greeting, s->greeting);
	if (s->greeting_delay_ns >= 0)
		facts_set_seconds(f, FACT_ID_SMTP_GREETING_DELAY, (double)s->greeting_delay_ns / NS_PER_S, s->greeting);
}

static void
add_hello(const struct said *s, struct facts *f)
{
	if (s->hello.packet == 0)
		return;
	facts_lend_text(f, FACT_ID_SMTP_EHLO_NAME, s->hello_name, s->hello);
	facts_lend_text(f, FACT_ID_SMTP_EHLO_FORM, bytes_str(s->hello_form), s->hello);
}

static void
add_dialogue(const struct dialogue *d, struct facts *f)
{
	static const char *const words[] = {
		[STARTTLS_NONE] = "none",
		[STARTTLS_OFFERED] = "offered",
		[STARTTLS_REFUSED] = "refused",
		[STARTTLS_DONE] = "done",
	};
	const struct said *s = &d->said;

	facts_lend_text(f, FACT_ID_SMTP_PHASE, bytes_str(phase_name(d->pub.phase)), s->phase);
	if (s->last_command.packet != 0)
		facts_lend_text(f, FACT_ID_SMTP_LAST_COMMAND,
				s->verb == VERB_OTHER ? bytes_of(s->word, s->word_len) : smtp_verb_word(s->verb),
				s->last_command);
	if (d->pub.starttls != STARTTLS_UNKNOWN)
		facts_lend_text(f, FACT_ID_SMTP_STARTTLS, bytes_str(words[d->pub.starttls]), s->starttls);
	if (s->size_offered.packet != 0)
		facts_set_int(f, FACT_ID_SMTP_SIZE_OFFERED, (int64_t)s->size, s->size_offered);
	if (d->quit.packet != 0)
		facts_set_bool(f, FACT_ID_SMTP_QUIT, true, d->quit);
	if (d->goodbye.code != 0)
		facts_set_int(f, FACT_ID_SMTP_GOODBYE, d->goodbye.code, d->goodbye.when);
}

static void
add_mail(const struct dialogue *d, struct facts *f)
{
	const struct transaction *t;

	if (d->said.mail == 0)
		return;
	t = &d->pub.transactions[d->said.mail - 1];
	facts_lend_text(f, FACT_ID_MESSAGE_SENDER, t->mail_from, t->when);
	if (t->size_declared > 0)
		facts_set_int(f, FACT_ID_MESSAGE_SIZE_DECLARED, (int64_t)t->size_declared, t->when);
}

void
dialogue_facts_add(struct dialogue *d)
{
	struct facts *f = d->pub.facts;

	add_ends(d, f);
	add_greeting(d, f);
	add_hello(&d->said, f);
	add_dialogue(d, f);
	add_mail(d, f);
	if (d->said.kept)
		facts_add_all(f, d->said.kept);
}
