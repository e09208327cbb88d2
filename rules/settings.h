/* What should be on the wire: the settings file of -e (docs/SETTINGS.md). Read once, then only asked.
 * Who judges by it: judge_expect. */
#ifndef RULES_SETTINGS_H
#define RULES_SETTINGS_H

#include "base/bytes.h"
#include "base/err.h"

struct settings;

/* NULL: e says file, line, column and what is wrong. */
struct settings *settings_read(const char *path, struct err *e);
struct settings *settings_read_text(const char *name, struct bytes yaml, struct err *e);
void settings_free(struct settings *s); /* NULL is fine */

/* own_domains: is there any, and is this one of them or below one of them? */
bool settings_has_own_domains(const struct settings *s);
bool settings_owns_domain(const struct settings *s, struct bytes domain);

#endif
