/* Gives up root and all capabilities, for good. */
#ifndef CAPTURE_PRIVILEGES_H
#define CAPTURE_PRIVILEGES_H

#include <stdbool.h>

#include "base/err.h"

/* Root becomes the user who called sudo or a set-uid program, else nobody. False: something could not be given up,
 * or could be taken back; the caller must not go on. */
bool privileges_drop(struct err *e) MUST_USE;

#endif
