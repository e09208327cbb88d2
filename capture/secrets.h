/* Key logs that lie inside captures, on their way to whoever wants them (pcapng, Decryption Secrets Block). What comes
 * before somebody does waits, CAPTURE_SECRETS_MAX bytes of it. Private to capture/. Order: init, (tell, set)*, fini. */
#ifndef CAPTURE_SECRETS_H
#define CAPTURE_SECRETS_H

#include "base/buf.h"

struct secrets {
	void (*add)(void *user, struct bytes text); /* NULL: nobody wants them yet */
	void *user;
	struct buf waiting;
	struct buf names; /* records of name resolution, see origin.h */
};

void secrets_init(struct secrets *s);
void secrets_fini(struct secrets *s);                    /* wipes */
void secrets_tell(struct secrets *s, struct bytes text); /* whole lines; borrowed for the call */
void secrets_note_name(struct secrets *s, uint16_t type, struct bytes value);
void secrets_set(struct secrets *s, void (*add)(void *user, struct bytes text), void *user);

#endif
