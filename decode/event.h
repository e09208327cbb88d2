/* One thing that happened in the dialogue, in wire order. Secrets never get here: the argument of AUTH is
 * reduced to mechanism and user name, message bodies to counts. */
#ifndef DECODE_EVENT_H
#define DECODE_EVENT_H

#include "base/bytes.h"
#include "base/when.h"
#include "flow/flow.h"

enum event_type {
	EVENT_GREETING,    /* code, enhanced, text */
	EVENT_COMMAND,     /* verb, text = argument (no secret) */
	EVENT_REPLY,       /* code, enhanced, text, verb = what it answers */
	EVENT_CAPABILITY,  /* text = one EHLO keyword line */
	EVENT_HEADER,      /* verb = field name, text = value (only of the fields that rules need) */
	EVENT_MESSAGE_END, /* number = bytes of the message */
	EVENT_TLS_START,   /* from here on the bytes are TLS */
	EVENT_MISSING,     /* from, number = bytes that are not in the capture */
	EVENT_RESYNC,      /* from: decoding found its place again after missing bytes or a late start */
	EVENT_NOT_SMTP,    /* from: the bytes are no SMTP; text = what they look like, or empty */
	EVENT_ODD, /* text = one of our own words: "bare-lf", "command-cut", "reply-unexpected", ...; number = how many
		    */
	EVENT_AUTH_RESPONSE, /* verb = mechanism, text = user name if it revealed one, number = which response, from 1
			      */
	EVENT_PROXY, /* verb = kind; from the client: text = target, or the ends in a PROXY header; from the server:
		      * code, text = what it answers: "request", "login", "method" */
};

struct event {
	enum event_type type;
	enum side from;
	struct when when;
	struct bytes verb; /* borrowed for the call, like text and enhanced */
	unsigned row;      /* verb as a number: COMMAND and REPLY of smtp_commands.def, HEADER of headers.def */
	struct bytes text;
	struct bytes enhanced;
	unsigned code;
	uint64_t number;
	uint64_t serial; /* COMMAND: its number in the dialogue, from 1; REPLY: that of what it answers; 0 = unknown */
	struct when asked; /* REPLY: when that was asked */
};

#endif
