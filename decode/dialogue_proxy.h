/* What a dialogue shows of proxies on its way. Private to decode/; dialogue_proxy.c works on it. */
#ifndef DECODE_DIALOGUE_PROXY_H
#define DECODE_DIALOGUE_PROXY_H

#include "base/when.h"
#include "decode/event.h"

struct dialogue;
struct reply;

struct proxied {
	struct when opened;  /* the client was let through to the mail server: its greeting is due from here on */
	struct when refused; /* the last answer of the proxy was no */
	bool is_header_refused;
	bool is_through; /* the client spoke to a proxy: the address is not that of the mail server */
};

void dialogue_proxy(struct dialogue *d, const struct event *e); /* EVENT_PROXY */
/* A server answers the header of a PROXY protocol: it does not understand it. */
void proxy_header_replied(struct dialogue *d, const struct event *e, const struct reply *r);
/* XCLIENT and XFORWARD (Postfix): whose mail this is. */
void proxy_client_asked(struct dialogue *d, const struct event *e);
void proxy_client_replied(struct dialogue *d, const struct event *e, const struct reply *r);

#endif
