/* Values of facts as bytes that tell them apart. */
#ifndef RULES_KEY_H
#define RULES_KEY_H

#include "base/buf.h"
#include "decode/facts.h"

void key_add_value(enum fact_type type, const struct fact *value, struct buf *key);

#endif
