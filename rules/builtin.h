/* The files of rules/catalogue and rules/knowledge, as they were when the program was built. */
#ifndef RULES_BUILTIN_H
#define RULES_BUILTIN_H

#include "base/bytes.h"

size_t builtin_count(void);
const char *builtin_name(size_t i); /* "reach.yaml" */
struct bytes builtin_text(size_t i);

#endif
