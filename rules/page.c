/* In: rules. Out: a list of them, and one of them as a page for people. Prints text of rule files only, and of that
 * nothing that a terminal would obey. */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "rules/catalogue.h"
#include "rules/paragraph.h"

#define INDENT 2
#define TEXT_AT 4

static const char *
severity_word(const struct rule *r)
{
	int worst = 0;

	for (size_t i = 0; i < r->n_severity; i++)
		worst = r->severity[i].value > worst ? r->severity[i].value : worst;
	return severity_name((enum severity)worst);
}

void
rules_list(const struct rules *r, FILE *out)
{
	size_t width = 0;

	for (size_t i = 0; i < r->n; i++)
		width = strlen(r->rule[i]->id) > width ? strlen(r->rule[i]->id) : width;
	for (size_t i = 0; i < r->n; i++) {
		const struct rule *one = r->rule[i];
		const char *fault = one->n_fault > 1 ? "depends" : fault_names[one->fault[0].value];
		struct paragraph p;

		fprintf(out, "%-*s  %-7s  %-9s  ", (int)width, one->id, severity_word(one), fault);
		paragraph_begin(&p, out, 0, 0);
		p.width = SIZE_MAX; /* a line per rule: this list is for grep */
		paragraph_add(&p, template_source(one->title));
		paragraph_end(&p);
	}
}

static void
print_heading(FILE *out, const char *heading)
{
	fprintf(out, "\n%*s%s\n", INDENT, "", heading);
}

static void
print_text(FILE *out, const char *heading, struct bytes text)
{
	struct paragraph p;

	if (bytes_trim(text).len == 0)
		return;
	print_heading(out, heading);
	paragraph_begin(&p, out, TEXT_AT, TEXT_AT);
	paragraph_add(&p, text);
	paragraph_end(&p);
}

static void
print_over(FILE *out, const struct rule *r)
{
	static const char *const words[OVER_COUNT] = {
		[OVER_SESSION] = "looks at each attempt (TCP connection) when it has ended",
		[OVER_REPLY] = "looks at each reply of a server",
		[OVER_RECIPIENT] = "looks at each recipient when the server has answered",
		[OVER_MESSAGE] = "looks at each message when the server has answered",
		[OVER_DIFFERENCE] = "looks at each difference between an attempt and the settings (-e)",
		[OVER_CAPTURE] = "looks at the capture as a whole",
		[OVER_FINDING] =
		    "looks at what failures of a finding share alone; its title is said under that finding",
		[OVER_GROUP] = "looks at all attempts that have the same",
	};
	struct paragraph p;

	fputc('\n', out);
	paragraph_begin(&p, out, INDENT, TEXT_AT);
	paragraph_str(&p, words[r->over]);
	for (size_t i = 0; i < r->group_by.n; i++) {
		paragraph_glue(&p, i > 0 && i + 1 < r->group_by.n ? "," : "");
		p.is_glued = false;
		paragraph_str(&p, i > 0 && i + 1 == r->group_by.n ? "and" : "");
		paragraph_str(&p, fact_infos[r->group_by.id[i]].name);
	}
	if (r->is_last_resort)
		paragraph_str(&p, "(only where no other rule finds something wrong)");
	if (r->is_remark)
		paragraph_str(&p, "(a remark: it is not why mail does not go out)");
	if (r->shows_device)
		paragraph_str(&p, "(shows a device between client and server)");
	paragraph_end(&p);
}

static void
print_signs(FILE *out, const struct rule *r)
{
	if (r->n_signs == 0)
		return;
	print_heading(out, "Signs, each with its weight");
	for (size_t i = 0; i < r->n_signs; i++) {
		const struct sign *s = &r->signs[i];
		struct paragraph p;

		paragraph_begin(&p, out, TEXT_AT, TEXT_AT + 5);
		paragraph_strf(&p, "%+4d", s->weight);
		paragraph_add(&p, s->when->text);
		paragraph_end(&p);
		if (!s->say || template_is_empty(s->say))
			continue;
		paragraph_begin(&p, out, TEXT_AT + 5, TEXT_AT + 5);
		paragraph_strf(&p, "says: \"");
		p.is_glued = true;
		paragraph_add(&p, template_source(s->say));
		p.is_glued = true;
		paragraph_str(&p, "\"");
		paragraph_end(&p);
	}
}

static void
print_certainty(struct paragraph *p, const struct rule *r)
{
	const char *mark = "";

	paragraph_str(p, "Certainty:");
	for (int level = CERTAINTY_PROVEN; level >= CERTAINTY_POSSIBLE; level--) {
		if (r->threshold[level] == INT_MAX)
			continue;
		paragraph_strf(p, "%s%s", mark, certainty_name((enum certainty)level));
		if (r->threshold[level] != INT_MIN)
			paragraph_strf(p, "from %d points", r->threshold[level]);
		mark = "or ";
	}
}

static void
print_choices(FILE *out, const char *label, const struct choice *choices, size_t n, const char *(*name)(int value))
{
	struct paragraph p;

	paragraph_begin(&p, out, INDENT, TEXT_AT);
	paragraph_str(&p, label);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && !choices[i].when)
			paragraph_str(&p, "else");
		paragraph_str(&p, name(choices[i].value));
		if (choices[i].when) {
			paragraph_str(&p, "if");
			paragraph_add(&p, choices[i].when->text);
			paragraph_glue(&p, ";");
		}
	}
	paragraph_end(&p);
}

static const char *
name_of_severity(int value)
{
	return severity_name((enum severity)value);
}

static const char *
name_of_fault(int value)
{
	return fault_names[value];
}

static void
print_judgement(FILE *out, const struct rule *r)
{
	struct paragraph p;

	fputc('\n', out);
	paragraph_begin(&p, out, INDENT, TEXT_AT);
	print_certainty(&p, r);
	paragraph_end(&p);
	print_choices(out, "Severity:", r->severity, r->n_severity, name_of_severity);
	print_choices(out, "Has to act:", r->fault, r->n_fault, name_of_fault);
}

static bool
explains(const struct rule *r, const char *id)
{
	for (size_t i = 0; i < r->n_explains; i++) {
		if (strcmp(r->explains[i].id, id) == 0)
			return true;
	}
	return false;
}

static void
print_relations(FILE *out, const struct rules *all, const struct rule *r)
{
	struct paragraph p;
	size_t n = 0;

	if (r->n_explains > 0) {
		print_heading(out, "Explains");
		paragraph_begin(&p, out, TEXT_AT, TEXT_AT);
		for (size_t i = 0; i < r->n_explains; i++) {
			paragraph_str(&p, r->explains[i].id);
			paragraph_glue(&p, i + 1 < r->n_explains ? "," : "");
		}
		paragraph_end(&p);
	}
	for (size_t i = 0; i < all->n; i++) {
		if (!explains(all->rule[i], r->id))
			continue;
		if (n++ == 0) {
			print_heading(out, "May be explained by");
			paragraph_begin(&p, out, TEXT_AT, TEXT_AT);
		} else {
			paragraph_glue(&p, ",");
		}
		paragraph_str(&p, all->rule[i]->id);
	}
	if (n > 0)
		paragraph_end(&p);
}

bool
rules_print(const struct rules *r, const char *id, FILE *out)
{
	const struct rule *one = rules_find(r, id);
	struct paragraph p;

	if (!one)
		return false;
	fprintf(out, "%s\n", one->id);
	paragraph_begin(&p, out, INDENT, INDENT);
	paragraph_add(&p, template_source(one->title));
	paragraph_end(&p);
	print_over(out, one);
	print_judgement(out, one);
	print_text(out, "Holds when", one->when->text);
	print_signs(out, one);
	print_text(out, "What it means", template_source(one->means));
	print_text(out, "What it does not prove", template_source(one->not_proven));
	print_text(out, "What to do", template_source(one->remedy));
	print_relations(out, r, one);
	print_text(out, "Source", one->source);
	return true;
}
