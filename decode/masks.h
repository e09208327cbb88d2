/* Words that a device on the way wrote over with X: EHLO keywords and commands, same length as before. Private to
 * decode/. */
#ifndef DECODE_MASKS_H
#define DECODE_MASKS_H

#include "decode/event.h"
#include "decode/facts.h"

#define MASKED_MAX 4 /* keywords of one answer that are looked at */

enum ehlo_keyword {
#define KEYWORD(id, word) KEYWORD_##id,
#include "decode/ehlo_keywords.def"
#undef KEYWORD
	KEYWORD_OTHER
};

struct masks_seen {
	uint64_t offered; /* bits of ehlo_keywords.def: keywords that came through */
	uint8_t masked_len[MASKED_MAX];
	size_t n_masked;
	struct when when; /* of the first masked one */
};

/* A line of the answer: a keyword, then perhaps more. Returns which one it is. */
enum ehlo_keyword masks_note_keyword(struct masks_seen *m, struct bytes line, struct when when);
/* The answer to EHLO is complete: what can the masked keywords have been? */
void masks_facts(const struct masks_seen *m, struct facts *f);
/* A reply says it does not know a command, and quotes it as X's: the word, as long as the verb that was sent, or as the
 * whole line (line_len bytes); else empty. */
struct bytes masks_quoted(struct bytes verb, size_t line_len, struct bytes text);

#endif
