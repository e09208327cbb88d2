/* Packets of a pipe or a device, kept in a file without a name until it is known which of them are wanted.
 * Order: new, add*, (rewind, next*)*, free. */
#ifndef CAPTURE_PACKET_SPOOL_H
#define CAPTURE_PACKET_SPOOL_H

#include "capture/origin.h"

struct packet_spool;

struct packet_spool *packet_spool_new(struct err *e); /* NULL: e says why */
void packet_spool_free(struct packet_spool *s);       /* NULL is fine */
/* Copies it. What comes after PACKET_SPOOL_MAX bytes, or when the disk is full, is left out. */
void packet_spool_add(struct packet_spool *s, const struct packet *p, const struct capture_interface *i);
void packet_spool_rewind(struct packet_spool *s);
/* False at the end. p and i borrow from s until the next call. */
bool packet_spool_next(struct packet_spool *s, struct packet *p, struct capture_interface *i);
/* NULL, or why packets were left out; *first is the number of the first of them. */
const char *packet_spool_damage(const struct packet_spool *s, uint64_t *first);

#endif
