/* The bytes of a file or of standard input, decompressed, in one big buffer that its reader may look into.
 * Order: open, (peek, skip)* or reads of stream_file, free. */
#ifndef CAPTURE_STREAM_H
#define CAPTURE_STREAM_H

#include <signal.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"

#define STREAM_PEEK_MAX (CAPTURE_SNAPLEN + 64) /* a packet of the maximal size and its header */

struct stream {
	uint8_t *buffer;
	size_t at, end;   /* bytes not taken yet */
	uint64_t dropped; /* bytes that were taken and are no longer in the buffer */
	struct source *source;
};

/* "-" is standard input. When *stop becomes non-zero, the stream ends; it must outlive the stream. */
struct stream *stream_open(const char *name, const volatile sig_atomic_t *stop, struct err *e);
void stream_free(struct stream *s); /* NULL is fine */
/* Waits for n bytes, n <= STREAM_PEEK_MAX. Fewer come back only where the stream ends. */
struct bytes stream_peek_slow(struct stream *s, size_t n);
/* The same bytes for a library that wants to read a FILE, unbuffered. The caller closes it before the stream. */
FILE *stream_file(struct stream *s);

const char *stream_label(const char *name);        /* the name as messages say it */
const char *stream_damage(const struct stream *s); /* NULL, or why the stream ended too early */
bool stream_is_compressed(const struct stream *s);
bool stream_can_reopen(const struct stream *s);
uint64_t stream_stored_read(const struct stream *s); /* bytes as stored, for progress */
uint64_t stream_stored_size(const struct stream *s); /* 0 = unknown */

/* Takes the next n bytes, however many; false when there are fewer. */
bool stream_skip_far(struct stream *s, uint64_t n) MUST_USE;

/* Inline: twice per packet. */
static inline struct bytes
stream_peek(struct stream *s, size_t n)
{
	if (LIKELY(s->end - s->at >= n))
		return (struct bytes){ s->buffer + s->at, s->end - s->at };
	return stream_peek_slow(s, n);
}

/* Takes n bytes that were peeked at. */
static inline void
stream_skip(struct stream *s, size_t n)
{
	s->at += n;
}

#endif
