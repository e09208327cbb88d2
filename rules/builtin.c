/* The generated arrays, behind three functions. */
#include "rules/builtin.h"

#include "base/attr.h"

struct builtin {
	const char *name;
	const unsigned char *bytes;
	size_t len;
};

#include "rules_builtin.inc"

size_t
builtin_count(void)
{
	return ARRAY_LEN(builtins);
}

const char *
builtin_name(size_t i)
{
	return builtins[i].name;
}

struct bytes
builtin_text(size_t i)
{
	return bytes_of(builtins[i].bytes, builtins[i].len);
}
