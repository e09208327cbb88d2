/* Why something in the world could not be done: one line for the user, which
 * only cli/ prints. Functions that fill it return false or NULL. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"

struct err {
	char text[512]; /* no newline at the end; empty when nothing is wrong */
};

void err_set(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
