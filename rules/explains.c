/* In: rules and what each says it explains. Out: an error for ids that nobody has and for circles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rules/catalogue.h"
#include "rules/suggest.h"

struct named {
	const char *id;
	size_t index;
};

static int
by_id(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static bool
fail_at(struct err *e, const struct place *at, const char *message, const char *id)
{
	err_set(e, "%s:%u:%u: %s%s", at->file, at->line, at->column, message, id);
	return false;
}

static bool
fail_unknown(struct rule *const *rule, size_t n, const struct reference *ref, struct err *e)
{
	struct suggestion near = suggest_for(bytes_str(ref->id));
	char hint[128], text[256];

	for (size_t i = 0; i < n; i++)
		suggest_try(&near, rule[i]->id);
	snprintf(text, sizeof(text), "%.64s%s", ref->id, suggest_text(&near, hint, sizeof(hint)));
	return fail_at(e, &ref->place, "explains names the unknown rule ", text);
}

/* Strikes out rules that explain only struck out ones, until nothing changes: what is left goes in circles. */
static bool
check_circles(struct rule *const *rule, size_t n, const size_t *target, struct err *e)
{
	bool *is_done = mem_new_array(n, sizeof(*is_done));
	bool has_changed = true;
	const struct reference *left = NULL;

	while (has_changed) {
		const size_t *next = target;

		has_changed = false;
		left = NULL;
		for (size_t i = 0; i < n; i++) {
			const struct reference *waits_for = NULL;

			for (size_t k = 0; k < rule[i]->n_explains; k++, next++)
				waits_for = is_done[*next] ? waits_for : &rule[i]->explains[k];
			left = waits_for ? waits_for : left;
			has_changed = has_changed || (!waits_for && !is_done[i]);
			is_done[i] = !waits_for;
		}
	}
	mem_free(is_done);
	return !left || fail_at(e, &left->place, "explains goes in a circle through ", left->id);
}

bool
explains_check(struct rule *const *rule, size_t n, struct err *e)
{
	struct named *names = mem_new_array(n, sizeof(*names));
	size_t *target, n_refs = 0, at = 0;
	bool is_ok = true;

	for (size_t i = 0; i < n; i++) {
		names[i] = (struct named){ rule[i]->id, i };
		n_refs += rule[i]->n_explains;
	}
	qsort(names, n, sizeof(*names), by_id);
	target = mem_new_array(n_refs, sizeof(*target));
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; is_ok && k < rule[i]->n_explains; k++) {
			struct named wanted = { rule[i]->explains[k].id, 0 };
			const struct named *found = bsearch(&wanted, names, n, sizeof(*names), by_id);

			if (found)
				target[at++] = found->index;
			else
				is_ok = fail_unknown(rule, n, &rule[i]->explains[k], e);
		}
	}
	is_ok = is_ok && check_circles(rule, n, target, e);
	mem_free(target);
	mem_free(names);
	return is_ok;
}
