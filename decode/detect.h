/* What a stream is, by its first bytes. Private to decode/. */
#ifndef DECODE_DETECT_H
#define DECODE_DETECT_H

#include "flow/flow.h"

enum detected {
	DETECT_NO,    /* not mail */
	DETECT_MAYBE, /* could be: needs the first line of the other side, or more bytes */
	DETECT_YES,
};

/* first[side]: what that side said so far, from its first byte on. */
enum detected detect_smtp(const struct bytes first[2], const uint16_t *mail_ports, size_t n_mail_ports);
/* A name for what the line belongs to when it is no SMTP: "http", "ssh", "tls", ...; "" when it is not known. */
const char *detect_protocol(struct bytes line);

#endif
