/* Records that wait for the end of the capture, in an unlinked temporary file so that memory does not grow.
 * Order: new, add*, rewind, next*, failed, free. */
#ifndef REPORT_SPOOL_H
#define REPORT_SPOOL_H

#include "base/buf.h"
#include "base/err.h"

struct spool;

struct spool *spool_new(struct err *e); /* in $TMPDIR or /tmp; NULL: e says why */
void spool_add(struct spool *s, uint64_t id, struct bytes record);
/* From now on records are read: by ascending id while there are at most SPOOL_SORTED_MAX, else as they were added.
 * Again: from the first one on. */
void spool_rewind(struct spool *s);
/* The next record; false after the last one or on an error. */
bool spool_next(struct spool *s, uint64_t *id, struct buf *record) MUST_USE;
/* Did anything go wrong so far? Then e says what. */
bool spool_failed(const struct spool *s, struct err *e) MUST_USE;
void spool_free(struct spool *s); /* NULL is fine */

#endif
