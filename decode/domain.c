/* In: names as people write them in greetings, EHLO and addresses. Out: what they look like. Asks no DNS. */
#include "decode/domain.h"

#include "base/attr.h"

#define WORD(word)                                                                                                     \
	{                                                                                                              \
		(const uint8_t *)(word), sizeof(word) - 1                                                              \
	}

/* Top-level names that are no public ones. */
static bool
is_local(struct bytes label)
{
	static const struct bytes local[] = { WORD("localhost"), WORD("localdomain"), WORD("local"),  WORD("lan"),
					      WORD("home"),      WORD("internal"),    WORD("invalid") };

	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		if (bytes_may_eq_nocase(label, local[i]) && bytes_eq_nocase(label, local[i]))
			return true;
	return false;
}

/* RFC 5321 2.3.5 and 4.1.3 */
const char *
domain_form(struct bytes name)
{
	size_t n_dots = 0, label = 0;
	bool has_letter = false;

	if (name.len > 2 && name.p[0] == '[' && name.p[name.len - 1] == ']')
		return "address";
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.p[i];

		if ((uint8_t)((c | 0x20) - 'a') < 26) {
			has_letter = true;
		} else if (c == '.') {
			if (i + 1 < name.len && (i == 0 || name.p[i - 1] == '.'))
				return "bare";
			n_dots += i + 1 < name.len;
			label = i + 1;
		} else if ((uint8_t)(c - '0') > 9 && c != '-' && c != '_') {
			return "bare";
		}
	}
	if (is_local(bytes_from(name, label)))
		return "local";
	return n_dots > 0 && has_letter ? "full" : "bare";
}

/* The last two labels: DMARC aligns all domains below the one that was registered (RFC 7489 3.1). Where names are
 * registered one label deeper this is too generous, rather than too strict. */
struct bytes
domain_registered(struct bytes domain)
{
	size_t at = domain.len, n_dots = 0;

	while (at > 0 && (n_dots += domain.p[at - 1] == '.') < 2)
		at--;
	return bytes_from(domain, at);
}

bool
domain_is_related(struct bytes a, struct bytes b)
{
	return bytes_eq(a, b) || bytes_eq_nocase(domain_registered(a), domain_registered(b));
}

struct bytes
domain_in_greeting(struct bytes greeting)
{
	struct bytes name = bytes_split(&greeting, ' ');

	return name.len <= DOMAIN_MAX && bytes_eq_str(bytes_str(domain_form(name)), "full") ? name : bytes_of(NULL, 0);
}
