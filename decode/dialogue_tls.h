/* The TLS inside a dialogue: its bytes, its keys, its end. Private to decode/. */
#ifndef DECODE_DIALOGUE_TLS_H
#define DECODE_DIALOGUE_TLS_H

#include "decode/dialogue.h"

/* The hook of struct smtp_start. */
void dialogue_tls(void *dialogue, enum side from, struct bytes data, uint64_t missing, struct when when);
void dialogue_tls_finish(struct dialogue *d); /* the last try with the keys that there are, then pub.tls is final */
bool dialogue_tls_waits(const struct dialogue *d); /* for keys that may still be written */
void dialogue_tls_clear(struct dialogue *d);
/* What reads the dialogue now: the machine under TLS once there is one. */
struct smtp *dialogue_smtp(const struct dialogue *d);

#endif
