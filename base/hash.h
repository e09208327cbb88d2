/* A number for a hash table, the same in every run. Not for what must withstand an enemy: tables are bounded. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/bytes.h"

uint64_t hash_bytes(struct bytes b);

#endif
