/* Cuts a condition into tokens. Order: lexer_over, next*. */
#ifndef RULES_LEXER_H
#define RULES_LEXER_H

#include "rules/condition.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* a fact, a number, an address, a function */
	TOKEN_STRING, /* text: without quotes and escapes */
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_SET_OPEN,
	TOKEN_SET_CLOSE,
	TOKEN_COMMA,
	TOKEN_TO, /* .. */
	TOKEN_RELATION
};

struct token {
	enum token_kind kind;
	enum relation relation; /* of TOKEN_RELATION */
	size_t offset;
	struct bytes text; /* of words as written; of strings as meant, owned by the arena */
};

struct lexer {
	struct bytes text;
	size_t at;
	struct arena *arena;
	struct expr_error *error;
};

struct lexer lexer_over(struct bytes text, struct arena *arena, struct expr_error *error);
/* false: the error is set. At the end it gives TOKEN_END for ever. */
bool lexer_next(struct lexer *l, struct token *t) MUST_USE;
/* Sets the error and returns false. */
bool expr_fail(struct expr_error *e, size_t offset, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
