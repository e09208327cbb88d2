/* The first bytes of a connection on a port where anything may be spoken, until it is clear what it is. Private to
 * decode/. Order: new, add*, then replay once or not, free. */
#ifndef DECODE_FIRST_BYTES_H
#define DECODE_FIRST_BYTES_H

#include "decode/detect.h"
#include "decode/smtp.h"

struct first_bytes;

struct first_bytes *first_bytes_new(void);
/* DETECT_MAYBE: more is needed. Bytes beyond DETECT_HELD_MAX of one side are never needed: then it is DETECT_NO. */
enum detected first_bytes_add(struct first_bytes *f, const struct chunk *c, const uint16_t *mail_ports,
			      size_t n_mail_ports);
void first_bytes_replay(const struct first_bytes *f, struct smtp *m);
void first_bytes_free(struct first_bytes *f); /* NULL is fine */

#endif
