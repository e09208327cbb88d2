/* A session while it is built: the public record, the machine that reads it, and what has no reply yet. Private to
 * decode/. Order: new, (begin, feed the machine, end)*, free. */
#ifndef DECODE_DIALOGUE_H
#define DECODE_DIALOGUE_H

#include "decode/decode.h"
#include "decode/dialogue_context.h"
#include "decode/dialogue_facts.h"
#include "decode/dialogue_inside.h"
#include "decode/dialogue_message.h"
#include "decode/dialogue_proxy.h"
#include "decode/dialogue_rooms.h"
#include "decode/masks.h"
#include "decode/smtp.h"

struct hosts;
struct unanswered; /* of dialogue_mail.c */
struct dialogue {  /* a thousand of them are in use by turns: what every reply needs stands first */
	struct dialogue_context *context;
	struct smtp *smtp;      /* of dialogue.c */
	enum phase current;     /* may go back, unlike pub.phase */
	bool is_blind;          /* the server's packets may not have been captured */
	bool is_in_transaction; /* MAIL was sent, and neither a final reply nor RSET came */
	bool is_kept;           /* ... and there was room for it: the last of the list */
	bool has_replies, is_lmtp, offers_pipelining, has_listing;
	int64_t slowest_ns, asked_ns, entered_ns;
	uint64_t last_asked, last_replied; /* serials of commands */
	size_t line_len;                   /* of the last command */
	uint32_t n_again;                  /* retransmissions of both sides, when the last command came */
	struct unanswered *unanswered;     /* from first_unanswered on */
	size_t first_unanswered, n_unanswered;
	struct session pub;
	struct said said;
	struct recipient *recipients;              /* of all transactions, in their order */
	size_t n_recipients, n_counted, lmtp_next; /* LMTP: the recipient that the next reply after the dot is for */
	uint64_t n_transactions, n_accepted, n_recipients_accepted, n_recipients_refused; /* beyond the limits, too */
	int64_t phase_ns[PHASE_QUIT + 1];
	bool was_in[PHASE_QUIT + 1];
	struct event hello;    /* a refused EHLO that HELO may still mend; code 0: none */
	struct reply blocking; /* what kept the client from MAIL, or the server from going on; code 0: nothing */
	struct rooms rooms;
	struct inside inside;       /* TLS, and what is under it */
	struct message_notes notes; /* on the message that was sent last */
	struct proxied proxy;
	struct masks_seen masks;
	struct reply goodbye;                              /* 221 or 421; code 0: none */
	struct when quit, tls_hello[2], other_protocol[2]; /* the last: that side does not speak SMTP */
};

struct dialogue *dialogue_new(void);
void dialogue_free(struct dialogue *d); /* NULL is fine */
void dialogue_begin(struct dialogue *d, uint64_t id, const struct tcp_facts *tcp, struct dialogue_context *context);
/* Makes everything final and calls the sink. hosts: what all connections showed of them. */
void dialogue_end(struct dialogue *d, const struct hosts *hosts);
size_t dialogue_size(const struct dialogue *d); /* bytes that grow with what was said */
void dialogue_event(void *dialogue, const struct event *e);
void dialogue_settle(struct dialogue *d); /* nothing comes any more: tells what was held back */
void dialogue_enter(struct dialogue *d, enum phase phase, struct when when);

#endif
