/* Commands that wait for their reply, oldest first (RFC 2920), and which of them a reply answers when some of the
 * dialogue is missing. Private to smtp*.c. */
#ifndef DECODE_SMTP_QUEUE_H
#define DECODE_SMTP_QUEUE_H

#include "base/limits.h"
#include "base/when.h"
#include "decode/smtp_command.h"

struct reply_builder;

struct pending {
	enum smtp_verb verb;
	uint32_t n_replies; /* still to come: LMTP messages have several */
	uint64_t serial;    /* of the command; 0 for VERB_GREETING and VERB_UNSEEN */
	struct when when;
	uint8_t word_len;
	uint8_t word[SMTP_VERB_MAX]; /* VERB_OTHER: in upper case */
};

struct queue {
	struct pending *ring;
	size_t capacity, first, n;
	bool has_lost_replies; /* the oldest ones may have been answered in bytes that are missing */
	bool was_pipelined;    /* when they were lost, more than one command waited */
};

enum fit { FIT_NO, FIT_MAYBE, FIT_SURE };

void queue_clear(struct queue *q);
void queue_free(struct queue *q);
/* False: the queue was full and its oldest entry is gone. */
bool queue_push(struct queue *q, const struct pending *p);
const struct pending *queue_at(const struct queue *q, size_t i); /* 0: the oldest; NULL beyond the end */
void queue_drop(struct queue *q, size_t n);
void queue_drop_last(struct queue *q);
/* Commands are missing here: replies may come that answer none of those we know. */
void queue_note_unseen(struct queue *q, struct when when);
/* Replies are missing here. */
void queue_note_lost_replies(struct queue *q);
/* The client goes on: if it waits for replies, those that were lost were all it waited for. */
void queue_note_progress(struct queue *q);
/* If the oldest entry is a message: it is owed n replies, one per accepted recipient (RFC 2033). */
void queue_set_owed(struct queue *q, uint64_t n);
/* How well a reply fits the verb, by code, enhanced code and text. */
enum fit queue_fit(enum smtp_verb verb, const struct reply_builder *r);
/* Copies the command that the reply answers to *p and takes it off the queue unless it is owed more replies.
 * False: it answers nothing that we know. */
bool queue_answer(struct queue *q, const struct reply_builder *r, struct pending *p);

#endif
