/* The text of a reply without the names in it: a host called spam-filter or a page about relays tells no cause. */
#ifndef RULES_MASK_H
#define RULES_MASK_H

#include "base/buf.h"

/* Addresses, host names and URLs with a * for each letter, digit and hyphen; elsewhere _ is a blank. As long as text,
 * so that places are the same. */
void reply_mask(struct bytes text, struct buf *out);

#endif
