/* The settings that a good capture shows. Order: new, session*, write, free. */
#ifndef RULES_LEARN_H
#define RULES_LEARN_H

#include "base/buf.h"
#include "base/err.h"
#include "decode/session.h"

struct learn;

struct learn *learn_new(void);
void learn_free(struct learn *l);  /* NULL is fine */
void learn_wants(uint64_t *words); /* as judge_wants */
/* Sessions that delivered, logged in, or talked under TLS to the end are learnt from; the others are passed by. */
void learn_session(struct learn *l, const struct session *s);
/* A settings file for -e. false: e says why there is none. */
bool learn_write(const struct learn *l, struct buf *yaml, struct err *e) MUST_USE;

#endif
