/* In: names as people write them in greetings, EHLO and addresses. Out: what they look like. Asks no DNS. */
#include "decode/domain.h"

#include "base/attr.h"

static bool
ends_in(struct bytes name, const char *end)
{
	struct bytes last = bytes_str(end);
	size_t more;

	if (name.len < last.len)
		return false;
	more = name.len - last.len;
	return bytes_eq_nocase(bytes_from(name, more), last) && (more == 0 || name.p[more - 1] == '.');
}

/* RFC 5321 2.3.5 and 4.1.3 */
const char *
domain_form(struct bytes name)
{
	static const char *const local[] = {
		"localhost", "localdomain", "local", "lan", "home", "internal", "invalid"
	};
	size_t n_dots = 0;
	bool has_letter = false;

	if (name.len > 2 && name.p[0] == '[' && name.p[name.len - 1] == ']')
		return "address";
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.p[i], lower = c | 0x20;

		if (c == '.' && i > 0 && i + 1 < name.len && name.p[i - 1] != '.')
			n_dots++;
		else if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') && c != '-' && c != '_' &&
			 (c != '.' || i + 1 < name.len))
			return "bare";
		has_letter = has_letter || (lower >= 'a' && lower <= 'z');
	}
	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		if (ends_in(name, local[i]))
			return "local";
	return n_dots > 0 && has_letter ? "full" : "bare";
}

/* The last two labels: DMARC aligns all domains below the one that was registered (RFC 7489 3.1). Where names are
 * registered one label deeper this is too generous, rather than too strict. */
static struct bytes
registered(struct bytes domain)
{
	size_t at = domain.len, n_dots = 0;

	while (at > 0 && (n_dots += domain.p[at - 1] == '.') < 2)
		at--;
	return bytes_from(domain, at);
}

bool
domain_is_related(struct bytes a, struct bytes b)
{
	return bytes_eq_nocase(registered(a), registered(b));
}

struct bytes
domain_in_greeting(struct bytes greeting)
{
	struct bytes name = bytes_split(&greeting, ' ');

	return name.len <= DOMAIN_MAX && bytes_eq_str(bytes_str(domain_form(name)), "full") ? name : bytes_of(NULL, 0);
}
