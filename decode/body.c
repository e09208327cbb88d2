/* In: bytes after 354 or BDAT. Out: where they end, and counts. Most bytes are in groups of 256 that a glance shows to
 * be usual. The others are read in blocks of 64 bytes that become bit masks, one bit per byte; only a block with a dot
 * at a line start is looked at byte by byte. */
#include "decode/body.h"

#include <string.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "base/attr.h"

#define BLOCK 64
#define GROUP 256

struct masks { /* bit i: byte i is a ... */
	uint64_t lf, cr, dot;
	bool is_odd; /* some byte is NUL or above 0x7f */
};

#ifdef __SSE2__
static inline uint64_t
equal_16(__m128i bytes, char c)
{
	return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

static inline struct masks
masks_of(const uint8_t *p)
{
	struct masks m = { 0, 0, 0, false };
	__m128i odd = _mm_setzero_si128();

	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + i));

		m.lf |= equal_16(bytes, '\n') << i;
		m.cr |= equal_16(bytes, '\r') << i;
		m.dot |= equal_16(bytes, '.') << i;
		odd = _mm_or_si128(odd, _mm_or_si128(bytes, _mm_cmpeq_epi8(bytes, _mm_setzero_si128())));
	}
	m.is_odd = _mm_movemask_epi8(odd) != 0;
	return m;
}
#else
static inline struct masks
masks_of(const uint8_t *p)
{
	struct masks m = { 0, 0, 0, false };

	for (unsigned i = 0; i < BLOCK; i++) {
		m.lf |= (uint64_t)(p[i] == '\n') << i;
		m.cr |= (uint64_t)(p[i] == '\r') << i;
		m.dot |= (uint64_t)(p[i] == '.') << i;
		m.is_odd = m.is_odd || p[i] == 0 || p[i] > 0x7f;
	}
	return m;
}
#endif

/* A glance at a group of bytes, each with the one before it: is there anything to count? */
enum glance {
	GLANCE_USUAL, /* some line ends here, every LF follows a CR and every CR precedes one, no NUL, none above 0x7f
		       */
	GLANCE_DOTS,  /* the same, but a line begins with a dot */
	GLANCE_ODD,
};

#if defined(__SSE2__) && defined(__GNUC__)
#define HAS_WIDE_GLANCE
#define WIDE __attribute__((target("avx2,bmi,popcnt")))

WIDE static inline __m256i
load_32(const uint8_t *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

WIDE static inline enum glance
glance_wide(const uint8_t *p)
{
	const __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r'), dot = _mm256_set1_epi8('.');
	__m256i odd = _mm256_setzero_si256(), dots = odd, least = dot, lfs;

	UNROLL
	for (unsigned i = 0; i < GROUP; i += 32) {
		__m256i bytes = load_32(p + i), before = load_32(p + i - 1);
		__m256i is_lf = _mm256_cmpeq_epi8(bytes, lf), starts = _mm256_cmpeq_epi8(before, lf);

		odd = _mm256_or_si256(odd, _mm256_xor_si256(is_lf, _mm256_cmpeq_epi8(before, cr)));
		dots = _mm256_or_si256(dots, _mm256_and_si256(starts, _mm256_cmpeq_epi8(bytes, dot)));
		least = _mm256_min_epi8(least, bytes); /* as signed bytes: those above 0x7f are negative */
	}
	odd = _mm256_or_si256(odd, _mm256_cmpgt_epi8(_mm256_set1_epi8(1), least));
	lfs = _mm256_cmpeq_epi8(least, lf); /* hardly any text has a lower byte in the same place of all 32 */
	if (UNLIKELY(!_mm256_testz_si256(odd, odd) || _mm256_testz_si256(lfs, lfs)))
		return GLANCE_ODD;
	return LIKELY(_mm256_testz_si256(dots, dots)) ? GLANCE_USUAL : GLANCE_DOTS;
}
#endif

static inline enum glance
glance_plain(const uint8_t *p)
{
	uint8_t odd = 0, dots = 0, lfs = 0;

	for (unsigned i = 0; i < GROUP; i++) {
		uint8_t before = p[(int)i - 1], is_lf = p[i] == '\n', is_cr_before = before == '\r';

		odd |= (is_lf ^ is_cr_before) | (p[i] == 0) | p[i] >> 7;
		dots |= (before == '\n') & (p[i] == '.');
		lfs |= is_lf;
	}
	if (odd != 0 || lfs == 0)
		return GLANCE_ODD;
	return dots == 0 ? GLANCE_USUAL : GLANCE_DOTS;
}

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

static void
count_odd(struct body *b, const uint8_t *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		b->n_high += p[i] >> 7;
		b->n_nul += p[i] == 0;
	}
}

static inline bool
is_line_start(enum body_state s)
{
	return s == BODY_START || s == BODY_START_LF;
}

/* Does the first line that ends in this block exceed the limit? Those that begin in it, too, cannot. */
static inline ALWAYS_INLINE void
measure_lines(struct body *b, uint64_t lf, uint64_t after_cr, unsigned n)
{
	unsigned first;

	if (lf == 0) {
		b->line_raw += n;
		return;
	}
	first = (unsigned)__builtin_ctzll(lf);
	b->n_long_lines += b->line_raw + first - (after_cr >> first & 1) > BODY_LINE_MAX;
	b->line_raw = n - 1 - (63 - (unsigned)__builtin_clzll(lf));
}

/* A block without a dot at a line start. n: bytes that count, 1 to 64. */
static void
feed_block(struct body *b, const struct masks *m, const uint8_t *p, unsigned n)
{
	uint64_t after_cr = m->cr << 1 | (b->state == BODY_CR);
	uint64_t valid = n == BLOCK ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
	uint64_t last = UINT64_C(1) << (n - 1);

	b->is_lenient_end = false;
	b->n_bare_lf += (unsigned)__builtin_popcountll(m->lf & ~after_cr);
	b->n_bare_cr += (unsigned)__builtin_popcountll(after_cr & ~m->lf & valid);
	if (m->is_odd)
		count_odd(b, p, n);
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
	b->n_long_lines += b->line_raw - 1 - is_crlf > BODY_LINE_MAX;
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
	if (c == '.' && !b->is_chunked)
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
	b->is_lenient_end = c == '\n';
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
	b->is_lenient_end = c == '\n';
	byte_after_cr(b, c);
}

static void
feed_byte(struct body *b, uint8_t c)
{
	b->is_lenient_end = false;
	b->line_raw++;
	if (LIKELY(b->state == BODY_TEXT && c > '\r' && c < 0x80))
		return;
	b->n_nul += c == 0;
	b->n_high += c >> 7;
	if (b->state == BODY_CR)
		byte_after_cr(b, c);
	else if (b->state >= BODY_DOT_END)
		byte_after_dot_cr(b, c);
	else if (b->state >= BODY_DOT)
		byte_after_dot(b, c);
	else if (is_line_start(b->state) && c == '.' && !b->is_chunked)
		b->state = b->state == BODY_START ? BODY_DOT : BODY_DOT_LF;
	else
		plain_byte(b, c);
}

/* Dots at the beginning of a line: one of them may be the end. */
static inline uint64_t
dot_lines(const struct body *b, const struct masks *m)
{
	return m->dot & ((m->lf | m->cr) << 1 | (b->state != BODY_TEXT));
}

/* From a dot on that begins a line, until it is clear what it is. Returns how many bytes that took. */
static size_t
feed_dot(struct body *b, const uint8_t *p, size_t n)
{
	size_t at = 0;

	do
		feed_byte(b, p[at++]);
	while (at < n && b->state >= BODY_DOT && b->state != BODY_ENDED);
	return at;
}

/* What comes before the first dot, and the dot. n: bytes from p on, beyond this block too. */
static size_t
feed_dot_line(struct body *b, const struct masks *m, uint64_t dots, const uint8_t *p, size_t n)
{
	unsigned before = b->state < BODY_DOT ? (unsigned)__builtin_ctzll(dots) : 0;
	uint64_t valid = (UINT64_C(1) << before) - 1;
	struct masks head = { m->lf & valid, m->cr & valid, 0, m->is_odd };

	if (before > 0)
		feed_block(b, &head, p, before);
	return before + feed_dot(b, p + before, n - before);
}

/* One block, or less. n: bytes from p on. Returns how many of them belong to the body. */
static size_t
feed_masked(struct body *b, const struct masks *m, const uint8_t *p, size_t n)
{
	uint64_t dots = b->is_chunked ? 0 : dot_lines(b, m);

	if (UNLIKELY(b->state >= BODY_DOT || dots != 0))
		return feed_dot_line(b, m, dots, p, n);
	feed_block(b, m, p, n < BLOCK ? (unsigned)n : BLOCK);
	return n < BLOCK ? n : BLOCK;
}

/* Less than a block. */
static size_t
feed_rest(struct body *b, const uint8_t *p, size_t n)
{
	uint8_t padded[BLOCK];
	size_t at = 0;

	while (at < n && b->state != BODY_ENDED) {
		struct masks m;

		memset(padded, 'x', sizeof(padded));
		memcpy(padded, p + at, n - at);
		m = masks_of(padded);
		at += feed_masked(b, &m, p + at, n - at);
	}
	return at;
}

/* Dots that begin a line and hide another byte. False: one of them may be the end of the message. p: n bytes of a usual
 * group, one before and n_more after them. */
static bool
count_stuffed(struct body *b, const uint8_t *p, size_t n, size_t n_more)
{
	const uint8_t *end = p + n, *lf = p - 1;
	uint64_t n_dots = 0;

	for (; (lf = memchr(lf, '\n', (size_t)(end - 1 - lf))) != NULL; lf++) {
		if (lf[1] != '.')
			continue;
		if (lf + 2 == end + n_more || lf[2] == '\r' || lf[2] == '\n')
			return false;
		n_dots++;
	}
	b->n_stuffed += n_dots;
	return true;
}

/* Is the group usual that begins at offset first of the n bytes, of which all before at were taken? */
static inline ALWAYS_INLINE bool
is_usual(struct body *b, const uint8_t *p, size_t n, size_t first, size_t at, enum glance (*glance)(const uint8_t *))
{
	enum glance seen = glance(p + first);
	size_t end = first + GROUP;

	if (LIKELY(seen == GLANCE_USUAL))
		return true;
	return seen == GLANCE_DOTS && (b->is_chunked || count_stuffed(b, p + at, end - at, n - end));
}

/* Groups, as long as they are usual. The last one overlaps the one before it. p: the byte before it is in the body, and
 * the state is what follows from it. Returns how many bytes that were. */
static inline ALWAYS_INLINE size_t
feed_usual(struct body *b, const uint8_t *p, size_t n, enum glance (*glance)(const uint8_t *))
{
	size_t at = 0;

	if (n < GROUP || b->state >= BODY_START_LF || b->line_raw > BODY_LINE_MAX - GROUP)
		return 0;
	while (n - at >= GROUP && is_usual(b, p, n, at, at, glance))
		at += GROUP;
	if (n - at < GROUP && n > at && is_usual(b, p, n, n - GROUP, at, glance))
		at = n;
	if (at == 0)
		return 0;
	b->is_lenient_end = false;
	b->state = p[at - 1] == '\r' ? BODY_CR : p[at - 1] == '\n' ? BODY_START : BODY_TEXT;
	b->line_raw = (size_t)(p + at - 1 - (const uint8_t *)memrchr(p, '\n', at));
	return at;
}

/* All that belongs to the body, but for less than a block at the end. */
static inline ALWAYS_INLINE size_t
feed_blocks(struct body *b, const uint8_t *p, size_t n, enum glance (*glance)(const uint8_t *))
{
	size_t at = 1;

	feed_byte(b, p[0]);
	while (n - at >= BLOCK && b->state != BODY_ENDED) {
		size_t n_usual = feed_usual(b, p + at, n - at, glance), stop = at + n_usual + GROUP;

		at += n_usual;
		while (at < stop && n - at >= BLOCK && b->state != BODY_ENDED) {
			struct masks m = masks_of(p + at);

			at += feed_masked(b, &m, p + at, n - at);
		}
	}
	return at;
}

#ifdef HAS_WIDE_GLANCE
WIDE static size_t
feed_blocks_wide(struct body *b, const uint8_t *p, size_t n)
{
	return feed_blocks(b, p, n, glance_wide);
}
#endif

static size_t
feed_whole_blocks(struct body *b, const uint8_t *p, size_t n)
{
#ifdef HAS_WIDE_GLANCE
	if (LIKELY(__builtin_cpu_supports("avx2")))
		return feed_blocks_wide(b, p, n);
#endif
	return feed_blocks(b, p, n, glance_plain);
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
	if (data.len >= BLOCK)
		at = feed_whole_blocks(b, data.p, data.len);
	if (at < data.len && b->state != BODY_ENDED)
		at += feed_rest(b, data.p + at, data.len - at);
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
