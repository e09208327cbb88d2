/* The states of both sides, and the odd things that are told once; private to smtp*.c. */
#ifndef DECODE_SMTP_STATES_H
#define DECODE_SMTP_STATES_H

enum client_state {
	CLIENT_COMMANDS,     /* lines of the dialogue */
	CLIENT_HELD,         /* after DATA or STARTTLS: the reply decides what the bytes are */
	CLIENT_BODY,         /* after 354, until the final dot */
	CLIENT_CHUNK,        /* after BDAT: a known number of bytes */
	CLIENT_LOST,         /* bytes are missing, or we came late: commands, or a message? */
	CLIENT_TLS_DUE,      /* STARTTLS was accepted, nothing came yet */
	CLIENT_TLS,          /* opaque */
	CLIENT_TUNNEL,       /* talks to an HTTP proxy first */
	CLIENT_SOCKS,        /* ... to a SOCKS proxy */
	CLIENT_PROXY_HEADER, /* a proxy speaks for it */
	CLIENT_OTHER,        /* no SMTP, or nothing we can follow */
};

enum server_state {
	SERVER_REPLIES,
	SERVER_LOST,          /* looks for a line that is a reply */
	SERVER_TLS,           /* opaque */
	SERVER_TUNNEL,        /* a proxy answers first */
	SERVER_TUNNEL_HEADER, /* it opened the tunnel; its header ends with an empty line */
	SERVER_SOCKS,
	SERVER_REFUSED, /* it did not; the client may ask again */
	SERVER_OTHER,
};

enum odd {
#define ODD(id, word) ODD_##id,
#include "decode/smtp_odd.def"
#undef ODD
};

#endif
