/* Packets of a network device. Order: open, next*, free. */
#ifndef CAPTURE_LIVE_H
#define CAPTURE_LIVE_H

#include <signal.h>

#include "capture/origin.h"

struct live;

/* Opens the device and drops privileges. stop: non-zero ends the capture. */
struct live *live_open(const struct capture_live *how, const volatile sig_atomic_t *stop, struct err *e);
void live_free(struct live *l); /* NULL is fine */
enum capture_result live_next(struct live *l, struct packet *p);
void live_interrupt(struct live *l); /* async-signal-safe: a waiting live_next returns */
struct capture_interface live_interface(const struct live *l);
/* Sets link_type, n_dropped and damage. */
void live_fill_info(struct live *l, struct capture_info *info);

#endif
