/* What decode/ does with fact stores beyond facts.h. */
#ifndef DECODE_FACTS_STORE_H
#define DECODE_FACTS_STORE_H

#include "decode/facts.h"

void facts_clear(struct facts *f);        /* no fact is present; the memory stays for the next session */
size_t facts_size(const struct facts *f); /* bytes it occupies */

#endif
