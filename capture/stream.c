/* In: a file name or standard input. Out: its bytes, decompressed. Knows nothing of what they mean. */
#include "capture/stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "capture/codec.h"

#define BUFFER_SIZE (CAPTURE_READ_BUFFER + STREAM_PEEK_MAX)
#define STOP_CHECK_MS 200 /* a signal between the check and the wait is noticed that much later */

/* Where the bytes come from. */
struct source {
	int fd;
	bool is_stdin;
	bool is_regular; /* a file on disk: reads never wait */
	bool is_over;
	const volatile sig_atomic_t *stop;
	uint64_t n_read, size;
	struct codec *codec; /* NULL: stored as it is */
	uint8_t *raw;        /* with a codec: CAPTURE_READ_BUFFER bytes as stored */
	struct bytes raw_left;
	struct err damage;
};

/* Bytes as stored; 0 at the end, after an error, or when told to stop. */
static size_t
read_stored(struct source *src, uint8_t *to, size_t size)
{
	while (!*src->stop) {
		struct pollfd fd = { .fd = src->fd, .events = POLLIN };
		ssize_t n;

		if (!src->is_regular && poll(&fd, 1, STOP_CHECK_MS) <= 0)
			continue;
		n = read(src->fd, to, size);
		if (n >= 0) {
			src->n_read += (uint64_t)n;
			return (size_t)n;
		}
		if (errno == EINTR || errno == EAGAIN)
			continue;
		err_set(&src->damage, "reading failed: %s", strerror(errno));
		break;
	}
	return 0;
}

static bool
refill_raw(struct source *src)
{
	src->raw_left = bytes_of(src->raw, read_stored(src, src->raw, CAPTURE_READ_BUFFER));
	if (src->raw_left.len > 0)
		return true;
	if (!codec_is_complete(src->codec) && src->damage.text[0] == '\0')
		err_set(&src->damage, "the compressed data end too early");
	return false;
}

static size_t
read_decoded(struct source *src, uint8_t *to, size_t size)
{
	while (src->damage.text[0] == '\0') {
		size_t n;

		if (src->raw_left.len == 0 && !codec_has_more(src->codec) && !refill_raw(src))
			break;
		n = codec_decode(src->codec, &src->raw_left, to, size, &src->damage);
		if (n > 0)
			return n;
	}
	return 0;
}

/* Puts at least one more byte into the buffer; false at the end. */
static bool
refill(struct stream *s)
{
	struct source *src = s->source;
	uint8_t *to = s->buffer + s->end;
	size_t n, room = BUFFER_SIZE - s->end;

	if (src->is_over)
		return false;
	room = room < CAPTURE_READ_BUFFER ? room : CAPTURE_READ_BUFFER;
	n = src->codec ? read_decoded(src, to, room) : read_stored(src, to, room);
	src->is_over = n == 0;
	s->end += n;
	return n > 0;
}

struct bytes
stream_peek_slow(struct stream *s, size_t n)
{
	assert(n <= STREAM_PEEK_MAX);
	if (s->at > 0) {
		memmove(s->buffer, s->buffer + s->at, s->end - s->at);
		s->end -= s->at;
		s->dropped += s->at;
		s->at = 0;
	}
	while (s->end < n && refill(s))
		continue;
	return bytes_of(s->buffer, s->end);
}

bool
stream_skip_far(struct stream *s, uint64_t n)
{
	while (n > 0) {
		size_t len = stream_peek(s, 1).len;
		size_t step = len < n ? len : (size_t)n;

		if (step == 0)
			return false;
		stream_skip(s, step);
		n -= step;
	}
	return true;
}

/* Nothing is ever put back, so that pipes work: the bytes looked at go to the codec or into the buffer. */
static void
detect_codec(struct stream *s)
{
	struct source *src = s->source;
	struct bytes magic;
	size_t n;

	while (s->end < CODEC_MAGIC_LEN && (n = read_stored(src, s->buffer + s->end, CODEC_MAGIC_LEN - s->end)) > 0)
		s->end += n;
	magic = bytes_of(s->buffer, s->end);
	if (codec_of(magic) == CODEC_NONE)
		return;
	src->codec = codec_new(codec_of(magic));
	src->raw = mem_resize(NULL, CAPTURE_READ_BUFFER);
	memcpy(src->raw, magic.p, magic.len);
	src->raw_left = bytes_of(src->raw, magic.len);
	s->end = 0;
}

/* Why this can be no capture, before a byte is read; NULL when it can. */
static const char *
refuse(const struct source *src, const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return "is a directory";
	if (src->is_stdin && isatty(src->fd))
		return "is a terminal; give a file, or let tcpdump -w - write into this program";
	return NULL;
}

static bool
open_source(struct source *src, const char *name, struct err *e)
{
	struct stat st;
	const char *refusal;

	src->is_stdin = strcmp(name, "-") == 0;
	src->fd = src->is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	name = stream_label(name);
	if (src->fd < 0 || fstat(src->fd, &st) != 0) {
		err_set(e, "%s cannot be read: %s", name, strerror(errno));
		return false;
	}
	refusal = refuse(src, &st);
	if (refusal) {
		err_set(e, "%s %s", name, refusal);
		return false;
	}
	src->is_regular = S_ISREG(st.st_mode);
	src->size = src->is_regular ? (uint64_t)st.st_size : 0;
	return true;
}

struct stream *
stream_open(const char *name, const volatile sig_atomic_t *stop, struct err *e)
{
	struct stream *s = mem_new(sizeof(*s));

	s->source = mem_new(sizeof(*s->source));
	s->source->stop = stop;
	if (!open_source(s->source, name, e)) {
		stream_free(s);
		return NULL;
	}
	s->buffer = mem_resize(NULL, BUFFER_SIZE);
	detect_codec(s);
	return s;
}

void
stream_free(struct stream *s)
{
	if (!s)
		return;
	if (s->source->fd >= 0 && !s->source->is_stdin)
		close(s->source->fd);
	codec_free(s->source->codec);
	mem_free(s->source->raw);
	mem_free(s->source);
	mem_free(s->buffer);
	mem_free(s);
}

static ssize_t
read_cookie(void *stream, char *to, size_t size)
{
	struct stream *s = stream;
	struct bytes b = bytes_head(stream_peek(s, size < STREAM_PEEK_MAX ? size : STREAM_PEEK_MAX), size);

	if (b.len > 0)
		memcpy(to, b.p, b.len);
	stream_skip(s, b.len);
	return (ssize_t)b.len;
}

FILE *
stream_file(struct stream *s)
{
	FILE *f = fopencookie(s, "r", (cookie_io_functions_t){ .read = read_cookie });

	if (!f)
		return NULL;
	setvbuf(f, NULL, _IONBF, 0);            /* reads no further than asked; the buffer is ours */
	__fsetlocking(f, FSETLOCKING_BYCALLER); /* one thread: the locks were a quarter of the time per packet */
	return f;
}

const char *
stream_label(const char *name)
{
	return strcmp(name, "-") == 0 ? "standard input" : name;
}

const char *
stream_damage(const struct stream *s)
{
	return s->source->damage.text[0] != '\0' ? s->source->damage.text : NULL;
}

bool
stream_is_compressed(const struct stream *s)
{
	return s->source->codec != NULL;
}

bool
stream_can_reopen(const struct stream *s)
{
	return s->source->is_regular && !s->source->is_stdin;
}

uint64_t
stream_stored_read(const struct stream *s)
{
	return s->source->n_read;
}

uint64_t
stream_stored_size(const struct stream *s)
{
	return s->source->size;
}
