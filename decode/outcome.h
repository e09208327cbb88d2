/* What became of an attempt, in one word. Private to decode/. */
#ifndef DECODE_OUTCOME_H
#define DECODE_OUTCOME_H

#include "decode/dialogue.h"

/* refused, deferred: by a reply of the server; failed: never got to a transaction; cut: lost inside one; unknown: the
 * capture does not show it. */
enum outcome outcome_of(const struct dialogue *d);

#endif
