/* In: values of settings and what was seen. Out: is it one of them? */
#include "rules/profile.h"

static struct bytes
without_dot(struct bytes name)
{
	return name.len > 0 && name.p[name.len - 1] == '.' ? bytes_head(name, name.len - 1) : name;
}

/* "mx.example.com" is below "example.com"; so is "a.mx.example.com". */
static bool
is_below(struct bytes name, struct bytes domain)
{
	size_t more = name.len - domain.len;

	return name.len > domain.len && name.p[more - 1] == '.' && bytes_eq_nocase(bytes_from(name, more), domain);
}

bool
name_is(struct bytes name, struct bytes pattern)
{
	name = without_dot(name);
	pattern = without_dot(pattern);
	if (bytes_starts_nocase(pattern, "*."))
		return is_below(name, bytes_from(pattern, 2));
	return name.len > 0 && bytes_eq_nocase(name, pattern);
}

bool
setting_has_name(const struct setting *s, struct bytes name)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->values[i].net.family == 0 && name_is(name, s->values[i].text))
			return true;
	return false;
}

bool
setting_has_address(const struct setting *s, const struct address *a)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->values[i].net.family != 0 && address_in(a, &s->values[i].net, s->values[i].n_bits))
			return true;
	return false;
}

bool
settings_has_own_domains(const struct settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->profiles[i].of[SETTING_OWN_DOMAINS].n > 0)
			return true;
	return false;
}

bool
settings_owns_domain(const struct settings *s, struct bytes domain)
{
	domain = without_dot(domain);
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *own = &s->profiles[i].of[SETTING_OWN_DOMAINS];

		for (size_t k = 0; k < own->n; k++) {
			struct bytes one = without_dot(own->values[k].text);

			if (one.len > 0 && (bytes_eq_nocase(domain, one) || is_below(domain, one)))
				return true;
		}
	}
	return false;
}
