/* Blocks of 64 bytes as bit masks, with what the processor has for it. Private to body.c. */
#ifndef DECODE_BODY_MASKS_H
#define DECODE_BODY_MASKS_H

#include <stdbool.h>
#include <stdint.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#define BLOCK 64

struct masks { /* bit i: byte i is a ... */
	uint64_t lf, cr, dot;
	bool is_odd; /* some byte is NUL or above 0x7f */
};

#if defined(__SSE2__) && defined(__GNUC__)
#define HAS_WIDE_MASKS
#define WIDE __attribute__((target("avx2,bmi,popcnt")))

WIDE static inline uint64_t
equal_64(__m256i low, __m256i high, char c)
{
	__m256i wanted = _mm256_set1_epi8(c);

	return (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) << 32;
}

WIDE static inline struct masks
masks_of_wide(const uint8_t *p)
{
	__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
	__m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
	__m256i odd = _mm256_or_si256(_mm256_or_si256(low, high),
				      _mm256_cmpeq_epi8(_mm256_min_epu8(low, high), _mm256_setzero_si256()));

	return (struct masks){ equal_64(low, high, '\n'), equal_64(low, high, '\r'), equal_64(low, high, '.'),
			       _mm256_movemask_epi8(odd) != 0 };
}
#endif

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

#endif
