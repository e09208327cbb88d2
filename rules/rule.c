/* What a rule is made of: names of its enums, and its end. */
#include "rules/rule.h"

#include "base/alloc.h"

const char *const rule_over_names[OVER_COUNT] = {
	[OVER_SESSION] = "session", [OVER_REPLY] = "reply",           [OVER_RECIPIENT] = "recipient",
	[OVER_MESSAGE] = "message", [OVER_DIFFERENCE] = "difference", [OVER_CAPTURE] = "capture",
	[OVER_FINDING] = "finding", [OVER_GROUP] = "group",
};
const char *const fault_names[] = {
	"unknown", "client", "path", "server", "provider", "recipient", "sender", "capture", NULL,
};

static void
free_choices(struct choice *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expr_free(c[i].when);
	mem_free(c);
}

void
rule_free(struct rule *r)
{
	if (!r)
		return;
	expr_free(r->when);
	for (size_t i = 0; i < r->n_signs; i++) {
		expr_free(r->signs[i].when);
		template_free(r->signs[i].say);
	}
	for (size_t i = 0; i < r->n_notes; i++)
		template_free(r->notes[i].say);
	mem_free(r->signs);
	mem_free(r->notes);
	mem_free(r->labels);
	mem_free(r->explains);
	free_choices(r->severity, r->n_severity);
	free_choices(r->fault, r->n_fault);
	template_free(r->title);
	template_free(r->means);
	template_free(r->not_proven);
	template_free(r->remedy);
	arena_fini(&r->arena);
	mem_free(r);
}
