/* The queue id in a final reply, by the habits of common servers. Private to decode/. */
#ifndef DECODE_QUEUE_ID_H
#define DECODE_QUEUE_ID_H

#include "base/bytes.h"

struct bytes queue_id_of(struct bytes text); /* part of text; empty: none is recognised */

#endif
