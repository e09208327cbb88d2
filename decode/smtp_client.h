/* What the client sends; private to smtp*.c. */
#ifndef DECODE_SMTP_CLIENT_H
#define DECODE_SMTP_CLIENT_H

#include "decode/line.h"
#include "decode/smtp_command.h"
#include "decode/smtp_queue.h"

struct smtp;
struct reply_builder;

struct candidate { /* a line of CLIENT_LOST that looks like a command; VERB_MESSAGE: a final dot */
	enum smtp_verb verb;
	struct when when;
	struct line argument; /* without secrets */
};

/* smtp_client.c */
void smtp_client_feed(struct smtp *m, struct bytes data);
void smtp_client_missing(struct smtp *m, uint64_t n);
void smtp_client_finish(struct smtp *m);
/* The reply came: the bytes that were held are read again, now that it is known what they are. */
void smtp_client_release(struct smtp *m);

/* smtp_command_asked.c, smtp_command_replied.c */
void smtp_command_take(struct smtp *m, enum smtp_verb verb, struct bytes word, struct bytes argument);
void smtp_command_replied(struct smtp *m, const struct pending *p, const struct reply_builder *r);
void smtp_auth_line(struct smtp *m, struct bytes line);

/* smtp_message.c */
void smtp_message_begin(struct smtp *m);
size_t smtp_message_feed(struct smtp *m, struct bytes data); /* returns how many bytes belong to it */
void smtp_message_feed_chunk(struct smtp *m, struct bytes data);
void smtp_message_missing(struct smtp *m, uint64_t n);
void smtp_message_end(struct smtp *m); /* tells its size */
/* It was answered: if its end is not in the capture, or one that only a lenient server takes, this is its end. */
void smtp_message_settle(struct smtp *m);
void smtp_message_abort(struct smtp *m); /* RSET, or the server refused to go on */

/* smtp_resync.c: CLIENT_LOST */
void smtp_lost_enter(struct smtp *m);
void smtp_lost_line(struct smtp *m, struct bytes line, bool is_whole_line);
void smtp_lost_cut_line(struct smtp *m, struct bytes line);
void smtp_lost_forget(struct smtp *m);
/* The server replied: which of the last lines were commands? */
void smtp_lost_confirm(struct smtp *m, const struct reply_builder *r);

#endif
