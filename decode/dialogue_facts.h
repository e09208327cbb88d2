/* The facts of a session are put together when somebody looks at them: all sessions share one store, which stays in the
 * cache, and a session that is still going on keeps only what they are made of. Private to decode/. */
#ifndef DECODE_DIALOGUE_FACTS_H
#define DECODE_DIALOGUE_FACTS_H

#include "base/limits.h"
#include "decode/facts.h"
#include "decode/smtp_command.h"

struct dialogue;

struct said { /* what the facts are made of, besides the rest of the dialogue; packet 0: nothing */
	struct when phase, last_command;
	enum smtp_verb verb;                   /* of the last command */
	uint8_t word_len, word[SMTP_VERB_MAX]; /* of VERB_OTHER */
	size_t mail;        /* the transaction whose MAIL was answered last, from 1; 0: its message is over */
	struct facts *kept; /* facts that few sessions have, ready to be told; NULL: none so far */
	struct when hello, starttls, greeting, size_offered;
	struct bytes hello_name; /* the last one that was not cut */
	const char *hello_form;  /* of that name, as domain_form has it */
	uint64_t size;
	int64_t greeting_delay_ns; /* < 0: not known */
	unsigned greeting_code;
};

/* Before the facts of one reply are set: nothing of other sessions or replies is left. */
void dialogue_facts_begin(struct dialogue *d);
/* Adds all that is known of the session by now. */
void dialogue_facts_add(struct dialogue *d);
/* For facts that few sessions have. */
struct facts *dialogue_facts_kept(struct dialogue *d);
/* The facts of the message stay after the reply that they were set for. */
void dialogue_facts_keep_message(struct dialogue *d);
/* The next message is another one. */
void dialogue_facts_forget_message(struct dialogue *d);

#endif
