/* One thing of a dialogue that is no reply: what a ladder shows between the replies. A plain record in wire order; the
 * bytes are borrowed from the session that holds it. As in events, there are no secrets in it. */
#ifndef DECODE_MOMENT_H
#define DECODE_MOMENT_H

#include "decode/event.h"

struct moment {
	struct when when;
	enum event_type type; /* COMMAND, AUTH_RESPONSE, MESSAGE_END, TLS_START, MISSING, NOT_SMTP or PROXY */
	enum side from;
	struct bytes verb, text; /* as in the event */
	unsigned code;
	uint64_t number;
};

#endif
