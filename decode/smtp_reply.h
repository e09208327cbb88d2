/* Replies of the server (RFC 5321 4.2), put together from their lines. Private to decode/. */
#ifndef DECODE_SMTP_REPLY_H
#define DECODE_SMTP_REPLY_H

#include "base/limits.h"
#include "base/when.h"
#include "decode/line.h"

struct smtp;

struct reply_line {
	unsigned code;
	bool has_code;         /* three digits */
	bool is_last;          /* no hyphen after them */
	bool is_well_formed;   /* a blank, a hyphen or nothing after them */
	struct bytes enhanced; /* RFC 3463, when its class fits the code */
	struct bytes text;
};

struct reply_builder {
	unsigned code; /* 0: nothing yet */
	bool has_gap;  /* some of its lines may be missing */
	size_t n_lines;
	uint8_t enhanced_len;
	char enhanced[12];                     /* "5.123.123" */
	struct bytes only;                     /* text of a reply that is one line, borrowed: nearly all are */
	struct line text;                      /* of the others: lines joined by one blank */
	uint16_t starts[SMTP_REPLY_LINES_MAX]; /* where in text each line begins */
};

struct reply_line reply_line_parse(struct bytes line);
void reply_init(struct reply_builder *r);
void reply_clear(struct reply_builder *r);
void reply_add(struct reply_builder *r, const struct reply_line *line);
/* Instead of parsing and reply_add, for a line in the middle of a reply that has nothing but text behind its code, as
 * those that list capabilities. False: it is no such line. */
bool reply_add_next(struct reply_builder *r, struct bytes line);
/* Instead of reply_add, when it is the first line and the last one. Its text stays valid until reply_clear. */
void reply_lend(struct reply_builder *r, const struct reply_line *line);
struct bytes reply_text(const struct reply_builder *r);
struct bytes reply_enhanced(const struct reply_builder *r);
/* Line i of the text; empty beyond those that are kept. */
struct bytes reply_text_line(const struct reply_builder *r, size_t i);
/* Does it look like the keyword line of an EHLO answer, one that is in the IANA registry or in common use? */
bool reply_is_capability(struct bytes line);
/* Words that only the answer to a whole message has: a queue id, "accepted for delivery". */
bool reply_accepts_message(struct bytes text);

/* smtp_server.c */
void smtp_server_feed(struct smtp *m, struct bytes data);
void smtp_server_missing(struct smtp *m, uint64_t n);
void smtp_server_finish(struct smtp *m);
/* The client speaks: a line that ended in a lone CR is over, and so is a reply with a hole. */
void smtp_server_settle(struct smtp *m);

#endif
