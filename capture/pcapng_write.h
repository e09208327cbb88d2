/* Writes a pcapng file (draft-ietf-opsawg-pcapng) of this machine's byte order. Order: new, (interface | names |
 * secrets | packet)*, free. What goes wrong shows in ferror(out). */
#ifndef CAPTURE_PCAPNG_WRITE_H
#define CAPTURE_PCAPNG_WRITE_H

#include <stdio.h>

#include "capture/origin.h"

struct pcapng_writer;

struct pcapng_writer *pcapng_writer_new(FILE *out); /* borrows out; begins the section */
void pcapng_writer_free(struct pcapng_writer *w);   /* NULL is fine */
/* The number of an interface like this one; it is described when it is new. */
uint32_t pcapng_writer_interface(struct pcapng_writer *w, const struct capture_interface *i);
/* Records as capture_names has them. */
void pcapng_writer_names(struct pcapng_writer *w, struct bytes records);
void pcapng_writer_secrets(struct pcapng_writer *w, struct bytes key_log);
/* Each comment becomes one of the packet's own; all are text without NUL. */
void pcapng_writer_packet(struct pcapng_writer *w, uint32_t interface, const struct packet *p,
			  const struct bytes *comments, size_t n_comments);

#endif
