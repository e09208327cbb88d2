/* One capture file, packet by packet. Order: open, next*, free. */
#ifndef CAPTURE_SAVEFILE_H
#define CAPTURE_SAVEFILE_H

#include "capture/origin.h"
#include "capture/secrets.h"
#include "capture/stream.h"

struct savefile;

/* NULL: it cannot be read or is no capture; e names the file. stop as in stream_open; secrets are borrowed. */
struct savefile *savefile_open(const char *name, const volatile sig_atomic_t *stop, struct secrets *secrets,
			       struct err *e);
void savefile_free(struct savefile *f); /* NULL is fine */
/* False at the end. Fills all of p but the packet number. */
bool savefile_next(struct savefile *f, struct packet *p);
struct capture_interface savefile_interface(const struct savefile *f); /* of the last packet */
int savefile_link_type(const struct savefile *f);      /* of the first packet, or of the file when it has none */
const char *savefile_damage(const struct savefile *f); /* NULL, or why its end could not be read */
const struct stream *savefile_stream(const struct savefile *f);

#endif
