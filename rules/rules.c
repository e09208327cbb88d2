/* In: built-in and user files. Out: the rules in force; a user's rule replaces the one with its id. */
#include "rules/rules.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "rules/builtin.h"
#include "rules/catalogue.h"
#include "rules/file.h"

const struct rule *
rules_find(const struct rules *r, const char *id)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->rule[i]->id, id) == 0)
			return r->rule[i];
	}
	return NULL;
}

static const char *
keep(struct rules *r, struct bytes text)
{
	char *copy = mem_new(text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.p, text.len);
	r->kept = mem_resize(r->kept, (r->n_kept + 1) * sizeof(r->kept[0]));
	r->kept[r->n_kept++] = copy;
	return copy;
}

/* The rules that would be in force: the old ones, each in its place replaced by a new one of the same id. */
static struct rule **
overlay(const struct rules *r, const struct batch *b, size_t *n)
{
	struct rule **all = mem_new_array(r->n + b->n, sizeof(*all));

	*n = r->n;
	if (r->n > 0)
		memcpy(all, r->rule, r->n * sizeof(*all));
	for (size_t i = 0; i < b->n; i++) {
		size_t at = 0;

		while (at < r->n && strcmp(r->rule[at]->id, b->rule[i]->id) != 0)
			at++;
		all[at < r->n ? at : (*n)++] = b->rule[i];
	}
	return all;
}

/* Takes the rules of the batch, or drops them. */
static bool
put_in_force(struct rules *r, struct batch *b, struct err *e)
{
	size_t n = 0;
	struct rule **all = overlay(r, b, &n);

	if (n > RULES_MAX)
		err_set(e, "%s: more than %d rules", b->rule[0]->place.file, RULES_MAX);
	if (n > RULES_MAX || !explains_check(all, n, e)) {
		mem_free(all);
		batch_drop(b);
		return false;
	}
	for (size_t i = 0; i < r->n; i++) {
		if (all[i] != r->rule[i])
			rule_free(r->rule[i]);
	}
	mem_free(r->rule);
	mem_free(b->rule);
	*b = (struct batch){ 0 };
	r->rule = all;
	r->n = n;
	return true;
}

static bool
has_ending(const char *name, const char *ending)
{
	size_t len = strlen(name), n = strlen(ending);

	return len > n && strcmp(name + len - n, ending) == 0;
}

struct rules *
rules_new_builtin(void)
{
	struct rules *r = mem_new(sizeof(*r));
	struct batch b = { 0 };
	struct err e = { "" };
	bool is_ok = true;

	r->knowledge = knowledge_new();
	for (size_t i = 0; i < builtin_count() && is_ok; i++) {
		if (has_ending(builtin_name(i), ".tsv"))
			is_ok = knowledge_add(r->knowledge, builtin_name(i), builtin_text(i), false, &e);
		else
			is_ok = batch_read(&b, builtin_name(i), builtin_text(i), &e);
	}
	is_ok = is_ok && put_in_force(r, &b, &e);
	assert(is_ok && "the built-in rules are checked by the tests");
	return r;
}

bool
rules_load_text(struct rules *r, const char *name, struct bytes yaml, struct err *e)
{
	struct batch b = { 0 };
	const char *kept = keep(r, bytes_str(name));

	if (batch_read(&b, kept, yaml, e))
		return put_in_force(r, &b, e);
	batch_drop(&b);
	return false;
}

/* A table goes into force at once: its rows only add to the others. */
static bool
read_one(struct rules *r, struct batch *b, const char *path, struct err *e)
{
	struct buf text;
	const char *name = keep(r, bytes_str(path));
	bool is_ok;

	buf_init(&text, RULE_FILE_MAX);
	is_ok = file_read(path, &text, e);
	if (is_ok && has_ending(path, ".tsv")) {
		const char *kept = keep(r, buf_bytes(&text));

		is_ok = knowledge_add(r->knowledge, name, bytes_of(kept, text.len), true, e);
	} else if (is_ok) {
		is_ok = batch_read(b, name, buf_bytes(&text), e);
	}
	buf_fini(&text);
	return is_ok;
}

static int
is_rule_file(const struct dirent *d)
{
	return d->d_name[0] != '.' && (has_ending(d->d_name, ".yaml") || has_ending(d->d_name, ".tsv"));
}

static bool
read_directory(struct rules *r, struct batch *b, const char *path, struct err *e)
{
	struct dirent **entries = NULL;
	struct buf file;
	int n = scandir(path, &entries, is_rule_file, alphasort);
	bool is_ok = n > 0;

	if (n < 0)
		err_set(e, "%s: %s", path, strerror(errno));
	else if (n == 0)
		err_set(e, "%s: no *.yaml and no *.tsv here", path);
	buf_init(&file, RULE_FILE_MAX);
	for (int i = 0; i < n; i++) {
		buf_clear(&file);
		buf_addf(&file, "%s/%s", path, entries[i]->d_name);
		is_ok = is_ok && read_one(r, b, buf_str(&file), e);
		free(entries[i]);
	}
	free(entries);
	buf_fini(&file);
	return is_ok;
}

bool
rules_load(struct rules *r, const char *path, struct err *e)
{
	struct batch b = { 0 };
	struct stat info;
	bool is_ok;

	if (stat(path, &info) != 0) {
		err_set(e, "%s: %s", path, strerror(errno));
		return false;
	}
	is_ok = S_ISDIR(info.st_mode) ? read_directory(r, &b, path, e) : read_one(r, &b, path, e);
	if (is_ok && b.n > 0)
		return put_in_force(r, &b, e);
	batch_drop(&b);
	return is_ok;
}

void
rules_free(struct rules *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		rule_free(r->rule[i]);
	for (size_t i = 0; i < r->n_kept; i++)
		mem_free(r->kept[i]);
	mem_free(r->rule);
	mem_free(r->kept);
	knowledge_free(r->knowledge);
	mem_free(r);
}
