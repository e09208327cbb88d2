/* In: bytes after 354 or BDAT. Out: where they end, and counts. Blocks of 64 bytes become bit masks, one bit per byte;
 * only a block with a dot at a line start is looked at byte by byte, which is rare. */
#include "decode/body.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/attr.h"

#define BLOCK 64

struct masks { /* bit i: byte i is a ... */
	uint64_t lf, cr, dot, nul, high;
};

void
body_start(struct body *b)
{
	*b = (struct body){ .state = BODY_START };
}

void
body_start_chunked(struct body *b)
{
	*b = (struct body){ .state = BODY_START, .is_chunked = true };
}

#ifdef __SSE2__
static inline uint64_t
equal_16(__m128i bytes, char c)
{
	return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

static inline struct masks
masks_of(const uint8_t *p)
{
	struct masks m = { 0, 0, 0, 0, 0 };

	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + i));

		m.lf |= equal_16(bytes, '\n') << i;
		m.cr |= equal_16(bytes, '\r') << i;
		m.dot |= equal_16(bytes, '.') << i;
		m.nul |= equal_16(bytes, '\0') << i;
		m.high |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << i;
	}
	return m;
}
#else
static inline struct masks
masks_of(const uint8_t *p)
{
	struct masks m = { 0, 0, 0, 0, 0 };

	for (unsigned i = 0; i < BLOCK; i++) {
		m.lf |= (uint64_t)(p[i] == '\n') << i;
		m.cr |= (uint64_t)(p[i] == '\r') << i;
		m.dot |= (uint64_t)(p[i] == '.') << i;
		m.nul |= (uint64_t)(p[i] == '\0') << i;
		m.high |= (uint64_t)(p[i] >> 7) << i;
	}
	return m;
}
#endif

/* Nearly always none; and without -mpopcnt counting is a function call. */
static inline unsigned
count_bits(uint64_t mask)
{
	return UNLIKELY(mask != 0) ? (unsigned)__builtin_popcountll(mask) : 0;
}

static inline void
note_line(struct body *b, uint64_t len)
{
	if (UNLIKELY(len > b->longest_line))
		b->longest_line = len;
	if (UNLIKELY(len > BODY_LINE_MAX))
		b->n_long_lines++;
}

static inline bool
is_line_start(enum body_state s)
{
	return s == BODY_START || s == BODY_START_LF;
}

/* Lengths of the lines that end in this block. Those that also begin in it are short: they are looked at only
 * as long as no longer line was seen. after_cr: bit i is set when byte i follows a CR. */
static inline void
measure_lines(struct body *b, uint64_t lf, uint64_t after_cr, unsigned n)
{
	unsigned first, last;

	if (lf == 0) {
		b->line_raw += n;
		return;
	}
	first = (unsigned)__builtin_ctzll(lf);
	last = 63 - (unsigned)__builtin_clzll(lf);
	note_line(b, b->line_raw + first - (after_cr >> first & 1));
	if (UNLIKELY(b->longest_line < BLOCK)) {
		unsigned start = first + 1;

		for (uint64_t rest = lf & (lf - 1); rest != 0; rest &= rest - 1) {
			unsigned at = (unsigned)__builtin_ctzll(rest);

			note_line(b, at - start - (after_cr >> at & 1));
			start = at + 1;
		}
	}
	b->line_raw = n - 1 - last;
}

/* A block without a dot at a line start. n: bytes that count, 1 to 64. */
static inline void
feed_block(struct body *b, const struct masks *m, unsigned n)
{
	uint64_t after_cr = m->cr << 1 | (b->state == BODY_CR);
	uint64_t valid = n == BLOCK ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
	uint64_t last = UINT64_C(1) << (n - 1);

	b->n_bare_lf += count_bits(m->lf & ~after_cr);
	b->n_bare_cr += count_bits(after_cr & ~m->lf & valid);
	b->n_high += count_bits(m->high);
	b->n_nul += count_bits(m->nul);
	measure_lines(b, m->lf, after_cr, n);
	if (m->cr & last)
		b->state = BODY_CR;
	else if (m->lf & last)
		b->state = after_cr & last ? BODY_START : BODY_START_LF;
	else
		b->state = BODY_TEXT;
}

static void
end_line(struct body *b, bool is_crlf)
{
	note_line(b, b->line_raw - 1 - is_crlf);
	b->line_raw = 0;
	b->n_bare_lf += !is_crlf;
	b->state = is_crlf ? BODY_START : BODY_START_LF;
}

/* A byte that is neither part of a line end nor a dot that matters. */
static void
plain_byte(struct body *b, uint8_t c)
{
	if (c == '\n')
		end_line(b, false);
	else
		b->state = c == '\r' ? BODY_CR : BODY_TEXT;
}

static void
byte_after_cr(struct body *b, uint8_t c)
{
	if (c == '\n') {
		end_line(b, true);
		return;
	}
	b->n_bare_cr++;
	if (c == '.')
		b->state = BODY_DOT_CR;
	else
		plain_byte(b, c);
}

static void
byte_after_dot(struct body *b, uint8_t c)
{
	if (c == '\r') {
		b->state += BODY_DOT_END - BODY_DOT;
		return;
	}
	b->n_smuggling += c == '\n';
	b->n_stuffed += b->state == BODY_DOT && c != '\n';
	plain_byte(b, c);
}

static void
byte_after_dot_cr(struct body *b, uint8_t c)
{
	if (b->state == BODY_DOT_END && c == '\n') {
		b->state = BODY_ENDED;
		return;
	}
	b->n_smuggling++;
	byte_after_cr(b, c);
}

static void
feed_byte(struct body *b, uint8_t c)
{
	b->n_nul += c == 0;
	b->n_high += c >> 7;
	b->line_raw++;
	if (b->state == BODY_CR)
		byte_after_cr(b, c);
	else if (b->state >= BODY_DOT_END)
		byte_after_dot_cr(b, c);
	else if (b->state >= BODY_DOT)
		byte_after_dot(b, c);
	else if (is_line_start(b->state) && c == '.')
		b->state = b->state == BODY_START ? BODY_DOT : BODY_DOT_LF;
	else
		plain_byte(b, c);
}

static size_t
feed_bytes(struct body *b, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		feed_byte(b, p[i]);
		if (b->state == BODY_ENDED)
			return i + 1;
	}
	return n;
}

/* Up to 64 bytes; returns how many belong to the body. */
static inline size_t
feed_some(struct body *b, const uint8_t *p, unsigned n)
{
	uint8_t padded[BLOCK];
	uint64_t after_end, valid = ~UINT64_C(0);
	struct masks m;

	if (n < BLOCK) {
		memset(padded, 'x', sizeof(padded));
		memcpy(padded, p, n);
		m = masks_of(padded);
		valid = (UINT64_C(1) << n) - 1;
	} else {
		m = masks_of(p);
	}
	after_end = (m.lf | m.cr) << 1 | (b->state != BODY_TEXT);
	if (UNLIKELY(!b->is_chunked && (b->state >= BODY_DOT || (m.dot & after_end & valid) != 0)))
		return feed_bytes(b, p, n);
	feed_block(b, &m, n);
	return n;
}

size_t
body_feed(struct body *b, struct bytes data)
{
	size_t at = 0;

	if (UNLIKELY(b->is_after_gap) && data.len > 0) {
		b->is_after_gap = false;
		if (data.p[0] == '\n') { /* most likely the second half of a CRLF */
			b->state = BODY_CR;
			b->line_raw = 1;
		}
	}
	while (at < data.len && b->state != BODY_ENDED) {
		size_t left = data.len - at;

		at += feed_some(b, data.p + at, left < BLOCK ? (unsigned)left : BLOCK);
	}
	b->n_raw += at;
	return at;
}

void
body_missing(struct body *b, uint64_t n)
{
	b->n_raw += n;
	b->line_raw = 0;
	b->state = BODY_TEXT;
	b->is_after_gap = true;
}

uint64_t
body_size(const struct body *b)
{
	uint64_t end = b->state == BODY_ENDED ? 3 : 0; /* ".", CR, LF */
	uint64_t not_message = b->n_stuffed + end;

	return b->n_raw > not_message ? b->n_raw - not_message : 0;
}
