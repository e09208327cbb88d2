/* What other connections of the capture say about the machines of this one. Private to decode/. */
#ifndef DECODE_DIALOGUE_IDENTITY_H
#define DECODE_DIALOGUE_IDENTITY_H

#include "decode/dialogue.h"

/* Sets the facts, and remembers this session for those that end later. After dialogue_tcp_end. */
void dialogue_identity_end(struct dialogue *d);

#endif
