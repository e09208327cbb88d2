/* The inside of a settings file, for what reads it and what compares with it: a profile per YAML document, each a way
 * out for mail. Plain records, owned by their struct settings. */
#ifndef RULES_PROFILE_H
#define RULES_PROFILE_H

#include "base/arena.h"
#include "rules/rule.h"
#include "rules/settings.h"

enum setting_id {
#define SETTING(id, name, read, is_list) SETTING_##id,
#include "rules/settings.def"
#undef SETTING
	SETTING_COUNT
};

struct setting_value {
	struct bytes text;  /* as written, without quotes */
	struct address net; /* family 0: the value is no address */
	unsigned n_bits;    /* of net, CIDR */
	int64_t number;     /* of a port, a version, a TLS mode */
};
struct setting {
	struct setting_value *values;
	size_t n;                 /* 0: the key is not there */
	struct bytes text, place; /* "a or b", "FILE:LINE" */
};
struct profile {
	struct setting of[SETTING_COUNT];
};
struct settings {
	struct profile *profiles;
	size_t n;
	struct arena arena;
};

#define VERSION_FIRST 0x301 /* TLS 1.0 as it is sent */

enum tls_mode {
	TLS_MODE_NONE,
	TLS_MODE_STARTTLS,
	TLS_MODE_IMPLICIT,
	TLS_MODE_REQUIRED,    /* one of the two before; the last that can be written */
	TLS_MODE_CLEAR_FIRST, /* only seen: it may become starttls, but is not implicit */
};
extern const char *const tls_mode_names[]; /* NULL at the end */
extern const char *const setting_names[];  /* likewise */
bool setting_has_address(const struct setting *s, const struct address *a);
/* Is the name one of the values? A value "*.example.com" is every name below example.com. */
bool setting_has_name(const struct setting *s, struct bytes name);
bool name_is(struct bytes name, struct bytes pattern); /* for one of them, case and a final dot aside */

#endif
