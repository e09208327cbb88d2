/* A dialogue of tests/smtp/: what both sides send, then the events that must come of it.
 *
 *   @ midstream              the first line begins in the middle of a dialogue
 *   S: text                  the server sends the text and CRLF
 *   C: text                  the client does
 *   S| text                  without CRLF. Escapes everywhere: \r \n \t \\ \xHH
 *   C: <missing 30>          30 bytes of the client are not in the capture
 *   C: <repeat 100 text\n>   the text 100 times
 *   --
 *   greeting 220             one event per line; " : text" at the end also compares the text
 */
#ifndef TESTS_TRANSCRIPT_H
#define TESTS_TRANSCRIPT_H

#include "base/buf.h"
#include "decode/smtp.h"

#define TRANSCRIPT_STEPS_MAX 400
#define TRANSCRIPT_EVENTS_MAX 400

struct step {
	enum side from;
	struct buf bytes;
	uint64_t n_missing;
};

struct transcript {
	bool is_midstream;
	size_t n_steps, n_events;
	struct step steps[TRANSCRIPT_STEPS_MAX];
	char *events[TRANSCRIPT_EVENTS_MAX];
};

struct transcript *transcript_load(const char *path); /* ends the program when it cannot */
void transcript_free(struct transcript *t);

#endif
