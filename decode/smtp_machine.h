/* The inside of struct smtp, shared by the files smtp*.c only. */
#ifndef DECODE_SMTP_MACHINE_H
#define DECODE_SMTP_MACHINE_H

#include "decode/body.h"
#include "decode/header.h"
#include "decode/smtp.h"
#include "decode/smtp_auth.h"
#include "decode/smtp_client.h"
#include "decode/smtp_proxy.h"
#include "decode/smtp_queue.h"
#include "decode/smtp_reply.h"
#include "decode/smtp_states.h"

struct smtp { /* a thousand of them are in use by turns: what every packet needs stands first, big arrays last */
	enum client_state client; /* written by smtp_enter_client only */
	enum server_state server; /* written by smtp_enter_server only */
	struct when when;         /* of the bytes that are being read */
	bool has_spoken[2];       /* that side sent a byte */
	bool is_fragment;         /* the beginning of the client's current line may be missing */
	bool is_in_message, is_message_lossy;
	bool is_lmtp; /* RFC 2033: one reply per accepted recipient after the dot */
	bool is_last_chunk;
	struct body body;
	struct line server_line;
	struct header header; /* so far what a message needs */
	struct line client_line;
	uint64_t n_replies, n_commands, n_accepted;
	struct smtp_start how;
	struct queue queue;
	uint64_t early_replies; /* to the message, before its end was seen */
	struct reply_builder reply;
	uint64_t odd_said; /* each odd word is told once: bits of enum odd */
	uint64_t chunk_left;
	/* CLIENT_HELD */
	struct line held;
	struct when held_since;
	/* CLIENT_LOST */
	struct candidate *candidates; /* SMTP_CANDIDATES_MAX; NULL until the first gap */
	size_t n_candidates;
	uint64_t n_lost_bytes; /* since then, missing ones included */
	uint64_t n_lost_looked_at, n_lost_control;
	struct auth auth;
	struct socks socks;
};

/* smtp.c */
void smtp_enter_client(struct smtp *m, enum client_state next);
void smtp_enter_server(struct smtp *m, enum server_state next);
void smtp_emit(struct smtp *m, enum event_type type, enum side from, struct bytes text, uint64_t number);
void smtp_tell_tls(struct smtp *m, enum side from, struct bytes data, uint64_t missing);
void smtp_odd(struct smtp *m, enum side from, enum odd what);                   /* once per dialogue */
void smtp_odd_count(struct smtp *m, enum side from, enum odd what, uint64_t n); /* silent when n is 0 */

#endif
