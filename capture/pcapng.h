/* The blocks of a pcapng file (draft-ietf-opsawg-pcapng). Our own reader, since libpcap gives up at the second
 * interface when its link type or snapshot length is another. Order: open, next*, free. */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include "capture/origin.h"
#include "capture/secrets.h"
#include "capture/stream.h"

struct pcapng;

bool pcapng_is(struct bytes head);
/* Reads on to the first interface. NULL: there is none; e says why. Borrows the stream and secrets, which are told key
 * logs that lie in the file. */
struct pcapng *pcapng_open(struct stream *s, struct secrets *secrets, struct err *e);
void pcapng_free(struct pcapng *ng);                                /* NULL is fine */
struct capture_interface pcapng_interface(const struct pcapng *ng); /* of the last packet */
int pcapng_link_type(const struct pcapng *ng);                      /* of the first interface */
/* false at the end; damage is filled when that is not where the file should end. p->when.packet is not set. */
bool pcapng_next(struct pcapng *ng, struct packet *p, struct err *damage);

#endif
