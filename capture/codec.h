/* Decompresses gzip (RFC 1952) and Zstandard (RFC 8878) piece by piece, also when several are joined.
 * Order: codec_of, new, decode*, free. */
#ifndef CAPTURE_CODEC_H
#define CAPTURE_CODEC_H

#include "base/bytes.h"
#include "base/err.h"

#define CODEC_MAGIC_LEN 4 /* bytes that codec_of needs to see */

enum codec_kind { CODEC_NONE, CODEC_GZIP, CODEC_ZSTD };

struct codec;

enum codec_kind codec_of(struct bytes head);
struct codec *codec_new(enum codec_kind kind); /* not for CODEC_NONE */
void codec_free(struct codec *c);              /* NULL is fine */
/* Writes up to size bytes to out and drops what it used from the front of *in. When nothing was written and
 * *in is empty it needs more. damage is filled when the data are broken: then do not call again. */
size_t codec_decode(struct codec *c, struct bytes *in, uint8_t *out, size_t size, struct err *damage);
bool codec_has_more(const struct codec *c);    /* it may write more without new input */
bool codec_is_complete(const struct codec *c); /* the data may end here */

#endif
