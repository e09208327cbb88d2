/* In: ticks or seconds from a file. Out: nanoseconds in a range that is safe to calculate with. */
#include "capture/filetime.h"

#include "base/attr.h"
#include "base/when.h"

#define OFFSET_MAX_S ((int64_t)1 << 32)
#define IS_BINARY 0x80

static uint64_t
power_of_ten(unsigned n)
{
	uint64_t power = 1;

	while (n-- > 0)
		power *= 10;
	return power;
}

void
filetime_set_resolution(struct filetime_unit *u, uint8_t resolution)
{
	unsigned digits = resolution & (IS_BINARY - 1);

	u->ns_per_tick = u->ticks_per_ns = 0;
	u->binary_digits = 0;
	if (resolution & IS_BINARY)
		u->binary_digits = digits < 63 ? digits : 63;
	else if (digits <= 9)
		u->ns_per_tick = power_of_ten(9 - digits);
	else
		u->ticks_per_ns = power_of_ten((digits < 28 ? digits : 28) - 9);
	if (resolution == IS_BINARY) /* 2^0: whole seconds */
		u->ns_per_tick = NS_PER_S;
}

void
filetime_set_offset(struct filetime_unit *u, uint32_t seconds_high, uint32_t seconds_low)
{
	int64_t seconds = (int64_t)((uint64_t)seconds_high << 32 | seconds_low);

	if (seconds > -OFFSET_MAX_S && seconds < OFFSET_MAX_S)
		u->offset_ns = seconds * NS_PER_S;
}

/* 2^-n seconds; the lowest digits go before a product could overflow. */
static uint64_t
binary_ns(uint64_t ticks, unsigned digits)
{
	uint64_t seconds = ticks >> digits;
	uint64_t fraction = ticks & (((uint64_t)1 << digits) - 1);
	unsigned kept = digits < 33 ? digits : 33;

	if (seconds > FILETIME_MAX_NS / NS_PER_S)
		return FILETIME_MAX_NS;
	return seconds * NS_PER_S + ((fraction >> (digits - kept)) * NS_PER_S >> kept);
}

static int64_t
clamp(int64_t ns)
{
	if (ns < 0)
		return 0;
	return ns < FILETIME_MAX_NS ? ns : FILETIME_MAX_NS;
}

int64_t
filetime_ns(const struct filetime_unit *u, uint32_t high, uint32_t low)
{
	uint64_t ticks = (uint64_t)high << 32 | low;
	uint64_t ns;

	if (LIKELY(u->ns_per_tick > 0))
		ns = ticks <= FILETIME_MAX_NS / u->ns_per_tick ? ticks * u->ns_per_tick : FILETIME_MAX_NS;
	else if (u->ticks_per_ns > 0)
		ns = ticks / u->ticks_per_ns;
	else
		ns = binary_ns(ticks, u->binary_digits);
	return clamp((int64_t)(ns < FILETIME_MAX_NS ? ns : FILETIME_MAX_NS) + u->offset_ns);
}

int64_t
filetime_of(int64_t seconds, int64_t fraction_ns)
{
	if (UNLIKELY(seconds < 0 && seconds >= INT32_MIN))
		seconds += (int64_t)1 << 32; /* libpcap takes the 32 bits of the file as signed */
	if (UNLIKELY(seconds < 0 || seconds > FILETIME_MAX_NS / NS_PER_S))
		return seconds < 0 ? 0 : FILETIME_MAX_NS;
	return clamp(seconds * NS_PER_S + fraction_ns % FILETIME_MAX_NS);
}
