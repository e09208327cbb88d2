/* In: one word of a condition. Out: its value in the type that is wanted. */
#include "rules/constant.h"

#include <math.h>
#include <string.h>

#include "base/attr.h"

#define DIGITS_MAX 15 /* fits a double and an int64_t exactly */

struct unit {
	const char *name;
	double factor;
};

static const struct unit sizes[] = {
	{ "", 1 },     { "B", 1 },        { "kB", 1e3 },        { "KB", 1e3 },           { "MB", 1e6 },
	{ "GB", 1e9 }, { "KiB", 1024.0 }, { "MiB", 1048576.0 }, { "GiB", 1073741824.0 },
};
static const struct unit times[] = {
	{ "", 1 }, { "s", 1 }, { "ms", 1e-3 }, { "us", 1e-6 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 },
};

static bool
unit_factor(const struct unit *units, size_t n, struct bytes name, double *factor)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes_eq_str(name, units[i].name)) {
			*factor = units[i].factor;
			return true;
		}
	}
	return false;
}

/* -?digits(.digits)? and leaves what follows in *rest. */
static bool
decimal(struct bytes word, double *value, bool *is_whole, struct bytes *rest)
{
	double scale = 1, sum = 0;
	size_t i = 0, n_digits = 0;
	bool is_negative = word.len > 0 && word.p[0] == '-';

	*is_whole = true;
	for (i = is_negative ? 1 : 0; i < word.len; i++) {
		uint8_t c = word.p[i];

		if (c == '.' && *is_whole) {
			*is_whole = false;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		sum = sum * 10 + (c - '0');
		scale *= *is_whole ? 1 : 10;
		n_digits++;
	}
	*value = (is_negative ? -sum : sum) / scale;
	*rest = bytes_from(word, i);
	return n_digits > 0 && n_digits <= DIGITS_MAX;
}

bool
constant_number(struct bytes word, int64_t *number)
{
	double value = 0, factor = 1;
	struct bytes unit;
	bool is_whole;

	if (!decimal(word, &value, &is_whole, &unit) || !unit_factor(sizes, ARRAY_LEN(sizes), unit, &factor))
		return false;
	if (!is_whole && factor <= 1)
		return false;
	value *= factor;
	if (fabs(value) > 9e18)
		return false;
	*number = (int64_t)value;
	return true;
}

bool
constant_seconds(struct bytes word, double *seconds)
{
	double factor = 1;
	struct bytes unit;
	bool is_whole;

	if (!decimal(word, seconds, &is_whole, &unit) || !unit_factor(times, ARRAY_LEN(times), unit, &factor))
		return false;
	*seconds *= factor;
	return true;
}

bool
constant_address(struct bytes word, struct address *a, unsigned *n_bits)
{
	char text[ADDRESS_TEXT_MAX];
	bool has_bits = bytes_find(word, '/') < word.len;
	struct bytes host = bytes_split(&word, '/');
	uint64_t bits = 0;

	if (host.len >= sizeof(text) || host.len == 0)
		return false;
	memcpy(text, host.p, host.len);
	text[host.len] = '\0';
	if (!address_parse(text, a))
		return false;
	*n_bits = a->family == 4 ? 32 : 128;
	if (!has_bits)
		return true;
	if (!bytes_to_u64(word, *n_bits, &bits))
		return false;
	*n_bits = (unsigned)bits;
	return true;
}

bool
constant_truth(struct bytes word, bool *truth)
{
	*truth = bytes_eq_str(word, "true") || bytes_eq_str(word, "1");
	return *truth || bytes_eq_str(word, "false") || bytes_eq_str(word, "0");
}
