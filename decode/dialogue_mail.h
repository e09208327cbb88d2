/* Transactions (RFC 5321 3.3): which MAIL, RCPT and message a reply is about. Private to decode/. */
#ifndef DECODE_DIALOGUE_MAIL_H
#define DECODE_DIALOGUE_MAIL_H

#include "decode/dialogue.h"

/* Commands, as they are sent. */
void mail_asked(struct dialogue *d, const struct event *e);
void rcpt_asked(struct dialogue *d, const struct event *e);
void mail_message_end(struct dialogue *d, uint64_t n_bytes);
void mail_abandon(struct dialogue *d); /* RSET, EHLO: the server forgets what it had */

bool mail_has_nobody(struct dialogue *d); /* recipients were named, and all of them refused */

/* Replies; r is kept by the session. They set the facts of recipient and message. */
void mail_replied(struct dialogue *d, const struct event *e, const struct reply *r);
/* NULL: it is not known which recipient, or there was no room for it. */
void rcpt_replied(struct dialogue *d, const struct event *e, const struct reply *r);
/* The last word on the message, or a refusal of DATA or of a chunk. */
void message_replied(struct dialogue *d, const struct reply *r);
/* 421 in the middle of a transaction: its end. */
void mail_goodbye(struct dialogue *d, const struct reply *r);

/* The dialogue is over: n_bytes of a message whose end did not come. */
void mail_finish(struct dialogue *d, uint64_t n_bytes);
/* The transaction that is open, if there was room for it; else NULL. */
struct transaction *mail_open(struct dialogue *d);

#endif
