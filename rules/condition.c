/* In: the text of -Y. Out: does a session match? */
#include "rules/condition.h"

#include "base/alloc.h"
#include "rules/rules.h"
#include "rules/wanted.h"

#define NEAR_MAX 24 /* bytes of the condition that an error repeats */

struct condition {
	struct expr *when;
};

static void
fail(struct err *e, struct bytes text, const struct expr_error *wrong)
{
	struct bytes near = bytes_head(bytes_from(text, wrong->offset), NEAR_MAX);

	if (near.len == 0)
		err_set(e, "condition ends too early: %s", wrong->text);
	else
		err_set(e, "condition, character %zu, at '%.*s%s': %s", wrong->offset + 1, (int)near.len,
			(const char *)near.p, wrong->offset + near.len < text.len ? "..." : "", wrong->text);
}

struct condition *
condition_new(const char *text, struct err *e)
{
	static const struct expr_scope scope = { .scopes = 1U << SCOPE_SESSION, .judged = "a session" };
	struct expr_error wrong;
	struct expr *when = expr_new(bytes_str(text), &scope, &wrong);
	struct condition *c;

	if (!when) {
		fail(e, bytes_str(text), &wrong);
		return NULL;
	}
	c = mem_new(sizeof(*c));
	c->when = when;
	return c;
}

void
condition_wants(const struct condition *c, uint64_t *words)
{
	wanted_by_expr(c->when, words);
}

bool
condition_holds(const struct condition *c, const struct facts *f)
{
	return facts_cover(facts_present(f), c->when->need) && expr_holds(c->when, f, NULL);
}

void
condition_free(struct condition *c)
{
	if (!c)
		return;
	expr_free(c->when);
	mem_free(c);
}
