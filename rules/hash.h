/* FNV-1a, 64 bit: for tables, not against anyone who looks for collisions. */
#ifndef RULES_HASH_H
#define RULES_HASH_H

#include "base/bytes.h"

uint64_t hash_bytes(struct bytes b);

#endif
