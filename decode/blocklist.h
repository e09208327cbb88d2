/* What the answer of a blocklist means when it is no listing. Private to decode/. */
#ifndef DECODE_BLOCKLIST_H
#define DECODE_BLOCKLIST_H

#include "base/address.h"

/* NULL: it is a listing, as far as is known. */
const char *blocklist_meaning(struct bytes zone, const struct address *answer);

#endif
