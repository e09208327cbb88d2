/* What a file is that turned out to be no capture, for the one line that the user gets. */
#ifndef CAPTURE_KIND_H
#define CAPTURE_KIND_H

#include "base/bytes.h"

/* "is a text file, not a packet capture", or NULL when the bytes say nothing. name is only asked for its ending. */
const char *kind_of_refused(const char *name, struct bytes head);

#endif
