/* In: the text of a condition. Out: tokens with their offsets. Knows no facts and no types. */
#include "rules/lexer.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"

static const struct {
	const char *text;
	enum token_kind kind;
	enum relation relation;
} signs[] = {
	/* the longer ones first */
	{ "==", TOKEN_RELATION, IS_EQ },  { "!=", TOKEN_RELATION, IS_NE },  { "<=", TOKEN_RELATION, IS_LE },
	{ ">=", TOKEN_RELATION, IS_GE },  { "&&", TOKEN_AND, IS_TRUE },     { "||", TOKEN_OR, IS_TRUE },
	{ "..", TOKEN_TO, IS_TRUE },      { "<", TOKEN_RELATION, IS_LT },   { ">", TOKEN_RELATION, IS_GT },
	{ "~", TOKEN_RELATION, MATCHES }, { "!", TOKEN_NOT, IS_TRUE },      { "(", TOKEN_OPEN, IS_TRUE },
	{ ")", TOKEN_CLOSE, IS_TRUE },    { "{", TOKEN_SET_OPEN, IS_TRUE }, { "}", TOKEN_SET_CLOSE, IS_TRUE },
	{ ",", TOKEN_COMMA, IS_TRUE },
};

static const struct {
	const char *text;
	enum token_kind kind;
	enum relation relation;
} keywords[] = {
	{ "and", TOKEN_AND, IS_TRUE },
	{ "or", TOKEN_OR, IS_TRUE },
	{ "not", TOKEN_NOT, IS_TRUE },
	{ "in", TOKEN_RELATION, IS_IN },
	{ "contains", TOKEN_RELATION, CONTAINS },
	{ "matches", TOKEN_RELATION, MATCHES },
	{ "eq", TOKEN_RELATION, IS_EQ },
	{ "ne", TOKEN_RELATION, IS_NE },
	{ "lt", TOKEN_RELATION, IS_LT },
	{ "le", TOKEN_RELATION, IS_LE },
	{ "gt", TOKEN_RELATION, IS_GT },
	{ "ge", TOKEN_RELATION, IS_GE },
};

bool
expr_fail(struct expr_error *e, size_t offset, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->offset = offset;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return false;
}

struct lexer
lexer_over(struct bytes text, struct arena *arena, struct expr_error *error)
{
	return (struct lexer){ .text = text, .arena = arena, .error = error };
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
	       c == ':' || c == '/' || c == '-';
}

static bool
at_range(struct bytes rest)
{
	return rest.len >= 2 && rest.p[0] == '.' && rest.p[1] == '.';
}

/* Backslash takes the meaning only from a quote or another backslash, so that a regular expression reads as usual. */
static bool
lex_string(struct lexer *l, struct token *t)
{
	struct buf text;
	bool is_closed = false;
	size_t i = l->at + 1;

	buf_init(&text, RULE_FILE_MAX);
	while (i < l->text.len && !is_closed) {
		uint8_t c = l->text.p[i++];
		bool is_escape = c == '\\' && i < l->text.len && (l->text.p[i] == '"' || l->text.p[i] == '\\');

		if (is_escape)
			c = l->text.p[i++];
		else if (c == '"')
			is_closed = true;
		if (!is_closed)
			buf_add_u8(&text, c);
	}
	t->kind = TOKEN_STRING;
	t->text = arena_copy(l->arena, buf_bytes(&text));
	buf_fini(&text);
	l->at = i;
	return is_closed || expr_fail(l->error, t->offset, "the text has no closing \"");
}

static bool
lex_word(struct lexer *l, struct token *t)
{
	struct bytes rest = bytes_from(l->text, l->at);
	size_t n = 0;

	while (n < rest.len && is_word(rest.p[n]) && !at_range(bytes_from(rest, n)))
		n++;
	t->kind = TOKEN_WORD;
	t->text = bytes_head(rest, n);
	l->at += n;
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		if (bytes_eq_str(t->text, keywords[i].text)) {
			t->kind = keywords[i].kind;
			t->relation = keywords[i].relation;
		}
	}
	return true;
}

static bool
lex_sign(struct lexer *l, struct token *t)
{
	struct bytes rest = bytes_from(l->text, l->at);

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		struct bytes sign = bytes_str(signs[i].text);

		if (!bytes_eq(bytes_head(rest, sign.len), sign))
			continue;
		t->kind = signs[i].kind;
		t->relation = signs[i].relation;
		t->text = bytes_head(rest, sign.len);
		l->at += sign.len;
		return true;
	}
	if (rest.p[0] > ' ' && rest.p[0] < 0x7f)
		return expr_fail(l->error, l->at, "unexpected character %c", rest.p[0]);
	return expr_fail(l->error, l->at, "unexpected character 0x%02x", rest.p[0]);
}

bool
lexer_next(struct lexer *l, struct token *t)
{
	uint8_t c;

	while (l->at < l->text.len && is_blank(l->text.p[l->at]))
		l->at++;
	*t = (struct token){ .kind = TOKEN_END, .offset = l->at };
	if (l->at >= l->text.len)
		return true;
	c = l->text.p[l->at];
	if (c == '"')
		return lex_string(l, t);
	if (is_word(c) && !at_range(bytes_from(l->text, l->at)))
		return lex_word(l, t);
	return lex_sign(l, t);
}
