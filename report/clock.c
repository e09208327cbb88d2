/* In: nanoseconds. Out: text. Never asks what time it is now. */
#include "report/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/when.h"

#define NS_PER_DAY (86400 * NS_PER_S)

/* Rounds down also before 1970, where a damaged capture may point. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static struct tm
utc(int64_t time_ns)
{
	time_t seconds = (time_t)floor_div(time_ns, NS_PER_S);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm); /* 64 bits of nanoseconds stay within the years 1677 to 2262 */
	return tm;
}

const char *
clock_time(int64_t time_ns, char text[CLOCK_TEXT_MAX])
{
	struct tm tm = utc(time_ns);

	strftime(text, CLOCK_TEXT_MAX, "%H:%M:%S", &tm);
	return text;
}

const char *
clock_precise(int64_t time_ns, char text[CLOCK_TEXT_MAX])
{
	char seconds[CLOCK_TEXT_MAX];
	int64_t below = time_ns - floor_div(time_ns, NS_PER_S) * NS_PER_S;

	snprintf(text, CLOCK_TEXT_MAX, "%.30s.%06d", clock_time(time_ns, seconds), (int)(below / 1000));
	return text;
}

const char *
clock_date(int64_t time_ns, char text[CLOCK_TEXT_MAX])
{
	struct tm tm = utc(time_ns);

	strftime(text, CLOCK_TEXT_MAX, "%Y-%m-%d", &tm);
	return text;
}

const char *
clock_full(int64_t time_ns, char text[CLOCK_TEXT_MAX])
{
	struct tm tm = utc(time_ns);

	strftime(text, CLOCK_TEXT_MAX, "%Y-%m-%d %H:%M:%S UTC", &tm);
	return text;
}

const char *
clock_duration(int64_t took_ns, char text[CLOCK_TEXT_MAX])
{
	double s = (double)took_ns / (double)NS_PER_S;

	if (s < 10)
		snprintf(text, CLOCK_TEXT_MAX, "%.2f s", s);
	else if (s < 120)
		snprintf(text, CLOCK_TEXT_MAX, "%.1f s", s);
	else
		snprintf(text, CLOCK_TEXT_MAX, "%.0f min", s / 60);
	return text;
}

const char *
clock_span(int64_t took_ns, char text[CLOCK_TEXT_MAX])
{
	double ms = (double)took_ns * 1000 / (double)NS_PER_S;

	if (took_ns >= NS_PER_S)
		return clock_duration(took_ns, text);
	snprintf(text, CLOCK_TEXT_MAX, took_ns != 0 && ms < 9.95 ? "%.1f ms" : "%.0f ms", ms);
	return text;
}

const char *
clock_offset(int64_t after_ns, char text[CLOCK_TEXT_MAX])
{
	double s = (double)after_ns / (double)NS_PER_S;

	snprintf(text, CLOCK_TEXT_MAX, s < 1000 ? "%+.3f s" : "%+.0f s", s);
	return text;
}

const char *
clock_iso(int64_t time_ns, char text[CLOCK_TEXT_MAX])
{
	char date[CLOCK_TEXT_MAX], precise[CLOCK_TEXT_MAX];

	snprintf(text, CLOCK_TEXT_MAX, "%.12sT%.20sZ", clock_date(time_ns, date), clock_precise(time_ns, precise));
	return text;
}

bool
clock_is_same_day(int64_t a_ns, int64_t b_ns)
{
	return floor_div(a_ns, NS_PER_DAY) == floor_div(b_ns, NS_PER_DAY);
}
