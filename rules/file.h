/* Whole files of the user: rules, tables, settings. */
#ifndef RULES_FILE_H
#define RULES_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* false: e names the file and the reason; so it is when the file is larger than the limit of text. */
bool file_read(const char *path, struct buf *text, struct err *e) MUST_USE;

#endif
