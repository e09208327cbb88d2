/* In: text with names of facts in braces. Out: the same with their values. Escapes nothing: report/ does. */
#include "rules/template.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "rules/check.h"

#define ALTERNATIVES_MAX 4
#define DAY_S 86400.0

struct piece {
	struct bytes literal; /* stands before the fact */
	enum fact_id facts[ALTERNATIVES_MAX];
	size_t n_facts;
	struct bytes otherwise;
};

struct template
{
	struct bytes source; /* all bytes point into it */
	struct arena arena;
	struct piece *pieces;
	size_t n_pieces;
};

static struct piece *
add_piece(struct template *t, struct bytes literal)
{
	t->pieces = mem_resize(t->pieces, (t->n_pieces + 1) * sizeof(t->pieces[0]));
	t->pieces[t->n_pieces] = (struct piece){ .literal = literal };
	return &t->pieces[t->n_pieces++];
}

static bool
add_alternative(struct piece *piece, struct bytes word, size_t offset, const struct checker *c)
{
	struct token token = { .kind = TOKEN_WORD, .offset = offset, .text = word };
	struct operand fact = { 0 };

	if (word.len >= 2 && word.p[0] == '"' && word.p[word.len - 1] == '"') {
		piece->otherwise = bytes_head(bytes_from(word, 1), word.len - 2);
		return true;
	}
	if (piece->n_facts == ALTERNATIVES_MAX)
		return expr_fail(c->error, offset, "too many alternatives");
	if (!check_fact(c, &token, &fact))
		return false;
	piece->facts[piece->n_facts++] = (enum fact_id)fact.index;
	return true;
}

/* The text between { and }. */
static bool
add_hole(struct piece *piece, struct bytes hole, size_t offset, const struct checker *c)
{
	if (hole.len == 0)
		return expr_fail(c->error, offset, "a fact is missing between { and }");
	while (hole.len > 0) {
		size_t before = hole.len;
		struct bytes word = bytes_split(&hole, '|');

		if (!add_alternative(piece, word, offset, c))
			return false;
		offset += before - hole.len;
	}
	return true;
}

static bool
cut_into_pieces(struct template *t, const struct checker *c)
{
	size_t begin = 0, i = 0;

	while (i < t->source.len) {
		struct bytes hole = bytes_from(t->source, i + 1);
		size_t end;

		if (t->source.p[i] != '{') {
			i++;
			continue;
		}
		if (hole.len > 0 && hole.p[0] == '{') {
			add_piece(t, bytes_head(bytes_from(t->source, begin), i + 1 - begin));
			begin = i += 2;
			continue;
		}
		end = bytes_find(hole, '}');
		if (end == hole.len)
			return expr_fail(c->error, i, "this { is never closed; write {{ for a brace");
		if (!add_hole(add_piece(t, bytes_head(bytes_from(t->source, begin), i - begin)), bytes_head(hole, end),
			      i + 1, c))
			return false;
		begin = i = i + end + 2;
	}
	if (begin < t->source.len)
		add_piece(t, bytes_from(t->source, begin));
	return true;
}

struct template *
template_new(struct bytes text, const struct expr_scope *scope, struct expr_error *e)
{
	struct template *t = mem_new(sizeof(*t));
	struct checker c = { scope, &t->arena, e };

	*e = (struct expr_error){ 0 };
	arena_init(&t->arena, RULE_FILE_MAX);
	t->source = arena_copy(&t->arena, text);
	if (cut_into_pieces(t, &c))
		return t;
	template_free(t);
	return NULL;
}

void
template_free(struct template *t)
{
	if (!t)
		return;
	arena_fini(&t->arena);
	mem_free(t->pieces);
	mem_free(t);
}

void
fact_print(enum fact_type type, const struct fact *value, struct buf *out)
{
	char text[ADDRESS_TEXT_MAX];

	switch (type) {
	case FACT_BOOL:
		buf_add_str(out, value->truth ? "yes" : "no");
		break;
	case FACT_INT:
		buf_addf(out, "%" PRId64, value->number);
		break;
	case FACT_SECONDS:
		if (value->seconds < 1)
			buf_addf(out, "%.0f ms", value->seconds * 1000);
		else
			buf_addf(out,
				 value->seconds < 100         ? "%.1f s"
				 : value->seconds < 2 * DAY_S ? "%.0f s"
							      : "%.0f days",
				 value->seconds < 2 * DAY_S ? value->seconds : value->seconds / DAY_S);
		break;
	case FACT_TEXT:
		buf_add(out, value->text);
		break;
	case FACT_ADDRESS:
		buf_add_str(out, address_text(&value->address, text));
		break;
	}
}

static bool
ends_blank(const struct buf *out)
{
	return out->len == 0 || out->p[out->len - 1] == ' ';
}

/* Returns whether anything was written. */
static bool
fill_hole(const struct piece *piece, const struct facts *f, struct buf *out)
{
	size_t before = out->len;

	for (size_t i = 0; i < piece->n_facts; i++) {
		const struct fact *value = facts_get(f, piece->facts[i]);

		if (!value)
			continue;
		fact_print(fact_infos[piece->facts[i]].type, value, out);
		return out->len > before;
	}
	buf_add(out, piece->otherwise);
	return out->len > before;
}

void
template_fill(const struct template *t, const struct facts *f, struct buf *out)
{
	bool is_gap = false; /* a hole stayed empty after a blank */

	for (size_t i = 0; i < t->n_pieces; i++) {
		const struct piece *piece = &t->pieces[i];
		struct bytes literal = piece->literal;

		if (is_gap && literal.len > 0 && literal.p[0] == ' ')
			literal = bytes_from(literal, 1);
		buf_add(out, literal);
		is_gap = false;
		if (piece->n_facts > 0 || piece->otherwise.len > 0)
			is_gap = !fill_hole(piece, f, out) && ends_blank(out);
	}
}

struct bytes
template_source(const struct template *t)
{
	return t->source;
}

bool
template_is_empty(const struct template *t)
{
	return t->source.len == 0;
}

void
template_facts(const struct template *t, void (*see)(void *user, enum fact_id id), void *user)
{
	for (size_t i = 0; i < t->n_pieces; i++) {
		for (size_t k = 0; k < t->pieces[i].n_facts; k++)
			see(user, t->pieces[i].facts[k]);
	}
}
