/* In: patterns and text. Out: does it match? Hides PCRE2. */
#include "rules/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/limits.h"

struct regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

static void
explain(char *message, size_t message_len, int error)
{
	if (pcre2_get_error_message(error, (PCRE2_UCHAR *)message, message_len) == PCRE2_ERROR_BADDATA &&
	    message_len > 0)
		message[0] = '\0';
}

struct regex *
regex_new(struct bytes pattern, char *message, size_t message_len, size_t *offset)
{
	struct regex *r;
	pcre2_code *code;
	PCRE2_SIZE at = 0;
	int error = PCRE2_ERROR_NOMEMORY;

	*offset = 0;
	if (pattern.len > REGEX_PATTERN_MAX) {
		explain(message, message_len, PCRE2_ERROR_BADDATA);
		return NULL;
	}
	code = pcre2_compile(pattern.len > 0 ? pattern.p : (PCRE2_SPTR) "", pattern.len,
			     PCRE2_CASELESS | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP, &error, &at, NULL);
	*offset = at;
	if (!code) {
		explain(message, message_len, error);
		return NULL;
	}
	r = mem_new(sizeof(*r));
	r->code = code;
	r->match = pcre2_match_data_create_from_pattern(code, NULL);
	r->limits = pcre2_match_context_create(NULL);
	if (r->limits) {
		pcre2_set_match_limit(r->limits, REGEX_STEPS_MAX);
		pcre2_set_depth_limit(r->limits, REGEX_STEPS_MAX);
	}
	/* Where the system forbids fresh code, matching falls back to the interpreter. */
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return r;
}

void
regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->match);
	pcre2_code_free(r->code);
	mem_free(r);
}

bool
regex_matches(struct regex *r, struct bytes text)
{
	if (!r->match || !r->limits)
		return false;
	return pcre2_match(r->code, text.len > 0 ? text.p : (PCRE2_SPTR) "", text.len, 0, 0, r->match, r->limits) >= 0;
}

struct bytes
regex_group(struct regex *r, struct bytes text, const char *name)
{
	int number = pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)name);
	PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->match);

	if (number <= 0 || (uint32_t)number >= pcre2_get_ovector_count(r->match))
		return bytes_of(NULL, 0);
	at += 2 * number;
	if (at[0] == PCRE2_UNSET || at[1] > text.len || at[0] > at[1])
		return bytes_of(NULL, 0);
	return bytes_of(text.p + at[0], at[1] - at[0]);
}

bool
regex_lazy_matches(struct lazy_regex *lazy, struct bytes pattern, struct bytes text)
{
	char message[200];
	size_t offset;

	if (!lazy->is_tried)
		lazy->regex = regex_new(pattern, message, sizeof(message), &offset);
	lazy->is_tried = true;
	return lazy->regex && regex_matches(lazy->regex, text);
}
