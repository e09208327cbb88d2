/* Times for people, in UTC: a capture is read far from where it was taken; private to report/. */
#ifndef REPORT_CLOCK_H
#define REPORT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TEXT_MAX 48 /* with the terminating NUL */

const char *clock_time(int64_t time_ns, char text[CLOCK_TEXT_MAX]);     /* 14:02:03 */
const char *clock_precise(int64_t time_ns, char text[CLOCK_TEXT_MAX]);  /* 14:02:03.123456 */
const char *clock_date(int64_t time_ns, char text[CLOCK_TEXT_MAX]);     /* 2026-03-01 */
const char *clock_full(int64_t time_ns, char text[CLOCK_TEXT_MAX]);     /* 2026-03-01 14:02:03 UTC */
const char *clock_duration(int64_t took_ns, char text[CLOCK_TEXT_MAX]); /* 0.25 s, 12.1 s, 31 min */
const char *clock_span(int64_t took_ns, char text[CLOCK_TEXT_MAX]);     /* 0.2 ms, 48 ms, 12.1 s */
const char *clock_offset(int64_t after_ns, char text[CLOCK_TEXT_MAX]);  /* +0.025 s, +1234 s */
const char *clock_iso(int64_t time_ns, char text[CLOCK_TEXT_MAX]);      /* 2026-03-01T14:02:03.123456Z */
bool clock_is_same_day(int64_t a_ns, int64_t b_ns);

#endif
