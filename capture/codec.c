/* In: compressed bytes as they come. Out: the bytes that were compressed. Reads no files. */
#include "capture/codec.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/limits.h"

#define GZIP_WINDOW (15 + 16) /* the largest window; 16 more asks zlib for the gzip wrapping */

struct codec {
	enum codec_kind kind;
	bool is_inside; /* a member or frame has begun and not ended */
	bool has_more;  /* the last output was filled to the brim */
	z_stream gzip;
	ZSTD_DStream *zstd;
};

/* 0x184D2A50 to 5F are frames to be skipped (RFC 8878 3.1.2); parallel packers write one first. */
static bool
is_zstd(struct bytes head)
{
	if (head.len < CODEC_MAGIC_LEN)
		return false;
	if (memcmp(head.p, "\x28\xb5\x2f\xfd", 4) == 0)
		return true;
	return (head.p[0] & 0xf0) == 0x50 && memcmp(head.p + 1, "\x2a\x4d\x18", 3) == 0;
}

enum codec_kind
codec_of(struct bytes head)
{
	if (head.len >= 3 && memcmp(head.p, "\x1f\x8b\x08", 3) == 0)
		return CODEC_GZIP;
	return is_zstd(head) ? CODEC_ZSTD : CODEC_NONE;
}

static void *
zlib_alloc(void *unused, unsigned n, unsigned size)
{
	(void)unused;
	return mem_new_array(n, size);
}

static void
zlib_free(void *unused, void *p)
{
	(void)unused;
	mem_free(p);
}

struct codec *
codec_new(enum codec_kind kind)
{
	struct codec *c = mem_new(sizeof(*c));
	bool is_ready; /* the libraries refuse only nonsense, so anything else is our mistake */

	assert(kind != CODEC_NONE);
	c->kind = kind;
	if (kind == CODEC_GZIP) {
		c->gzip.zalloc = zlib_alloc;
		c->gzip.zfree = zlib_free;
		is_ready = inflateInit2(&c->gzip, GZIP_WINDOW) == Z_OK;
	} else {
		c->zstd = ZSTD_createDStream();
		is_ready = c->zstd &&
			   !ZSTD_isError(ZSTD_DCtx_setParameter(c->zstd, ZSTD_d_windowLogMax, CAPTURE_ZSTD_WINDOW_LOG));
	}
	assert(is_ready);
	(void)is_ready;
	return c;
}

void
codec_free(struct codec *c)
{
	if (!c)
		return;
	if (c->kind == CODEC_GZIP)
		inflateEnd(&c->gzip);
	ZSTD_freeDStream(c->zstd);
	mem_free(c);
}

/* Between two members: false when what follows is not another one. Zeros are the padding of tapes and blocks. */
static bool
begin_member(struct codec *c, struct bytes *in, struct err *damage)
{
	while (in->len > 0 && in->p[0] == 0)
		*in = bytes_from(*in, 1);
	if (in->len == 0)
		return false;
	if (in->p[0] != 0x1f) {
		err_set(damage, "bytes that are not gzip follow the gzip data");
		return false;
	}
	inflateReset(&c->gzip);
	c->is_inside = true;
	return true;
}

static size_t
decode_gzip(struct codec *c, struct bytes *in, uint8_t *out, size_t size, struct err *damage)
{
	z_stream *z = &c->gzip;
	int result;

	if (!c->is_inside && !begin_member(c, in, damage))
		return 0;
	z->next_in = in->p;
	z->avail_in = (unsigned)in->len;
	z->next_out = out;
	z->avail_out = (unsigned)size;
	result = inflate(z, Z_SYNC_FLUSH);
	*in = bytes_from(*in, in->len - z->avail_in);
	c->has_more = z->avail_out == 0 && result != Z_STREAM_END;
	if (result == Z_STREAM_END)
		c->is_inside = false;
	else if (result != Z_OK && result != Z_BUF_ERROR)
		err_set(damage, "the gzip data are corrupt");
	return size - z->avail_out;
}

static size_t
decode_zstd(struct codec *c, struct bytes *in, uint8_t *out, size_t size, struct err *damage)
{
	ZSTD_inBuffer from = { in->p, in->len, 0 };
	ZSTD_outBuffer to = { out, size, 0 };
	size_t result = ZSTD_decompressStream(c->zstd, &to, &from);

	*in = bytes_from(*in, from.pos);
	c->is_inside = result != 0;
	c->has_more = to.pos == size && result != 0;
	if (ZSTD_isError(result)) {
		err_set(damage, "the zstd data are corrupt (%s)", ZSTD_getErrorName(result));
		c->has_more = false;
	}
	return to.pos;
}

size_t
codec_decode(struct codec *c, struct bytes *in, uint8_t *out, size_t size, struct err *damage)
{
	assert(in->len <= UINT_MAX && size <= UINT_MAX); /* both are buffers of ours */
	c->has_more = false;
	if (c->kind == CODEC_GZIP)
		return decode_gzip(c, in, out, size, damage);
	return decode_zstd(c, in, out, size, damage);
}

bool
codec_has_more(const struct codec *c)
{
	return c->has_more;
}

bool
codec_is_complete(const struct codec *c)
{
	return !c->is_inside;
}
