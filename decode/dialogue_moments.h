/* The list of moments of a session. Private to decode/. */
#ifndef DECODE_DIALOGUE_MOMENTS_H
#define DECODE_DIALOGUE_MOMENTS_H

#include "base/attr.h"
#include "decode/dialogue.h"

/* Tells whoever asked: the list, and the sink. */
RARE void moments_tell(struct dialogue *d, const struct event *e);

#endif
