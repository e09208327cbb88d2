/* What a message looked like, as far as rules ask: header fields that are there, line ends, eight bits. Private to
 * decode/. */
#ifndef DECODE_DIALOGUE_MESSAGE_H
#define DECODE_DIALOGUE_MESSAGE_H

#include "base/arena.h"
#include "decode/event.h"
#include "decode/facts.h"
#include "decode/transaction.h"

struct message_notes {
	uint64_t fields; /* bits of headers.def */
	struct bytes from, dkim_domain;
	struct when from_when, dkim_when;
	uint64_t n_bare_lf, n_smuggling, n_long_lines, n_eight_bit, n_nul;
	struct when odd_when;
	bool is_lossy; /* bytes of it are missing: what was not seen is not known */
};

void message_notes_clear(struct message_notes *n);
void message_note_header(struct message_notes *n, struct arena *arena, const struct event *e);
void message_note_odd(struct message_notes *n, const struct event *e);
/* The facts of scope message that come from its content. */
void message_notes_facts(const struct message_notes *n, const struct transaction *t, struct facts *f);

#endif
