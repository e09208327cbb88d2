/* Times of capture files, in whatever unit, as nanoseconds since 1970. Impossible ones become possible: all results
 * are from 0 to FILETIME_MAX_NS, so that differences and sums with time-outs cannot overflow. */
#ifndef CAPTURE_FILETIME_H
#define CAPTURE_FILETIME_H

#include <stdint.h>

#define FILETIME_MAX_NS (INT64_MAX / 2) /* the year 2116; seconds of 32 bits end in 2106 */
#define FILETIME_MICROSECONDS 6         /* the resolution of pcapng unless it says otherwise */

struct filetime_unit {
	uint64_t ns_per_tick;   /* decimal, down to nanoseconds */
	uint64_t ticks_per_ns;  /* finer than nanoseconds; 0 = not so */
	unsigned binary_digits; /* 2^-n seconds; 0 = not so */
	int64_t offset_ns;
};

/* As in if_tsresol: 10^-n seconds, or with the highest bit 2^-n. */
void filetime_set_resolution(struct filetime_unit *u, uint8_t resolution);
void filetime_set_offset(struct filetime_unit *u, uint32_t seconds_high, uint32_t seconds_low);
int64_t filetime_ns(const struct filetime_unit *u, uint32_t high, uint32_t low);
/* Of seconds and a fraction, as struct timeval has them. */
int64_t filetime_of(int64_t seconds, int64_t fraction_ns);

#endif
