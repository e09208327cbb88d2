/* A file without a name, for what must wait on disk: it is gone when it is closed, or when the program ends. */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

#include <stdio.h>

#include "base/err.h"

const char *temporary_folder(void);  /* TMPDIR, or /tmp */
FILE *temporary_file(struct err *e); /* for reading and writing; NULL: e says what to do */

#endif
