/* In: the bytes of a YAML file. Out: document nodes, and messages "FILE:LINE:COLUMN: what". Knows no rules. */
#include "rules/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool
fail_at(struct err *e, struct place at, const char *message)
{
	err_set(e, "%s:%u:%u: %s", at.file, at.line, at.column, message);
	return false;
}

bool
yaml_open(struct yaml *y, const char *name, struct bytes text, struct err *e)
{
	*y = (struct yaml){ .name = name, .text = text, .error = e };
	if (text.len > RULE_FILE_MAX) {
		err_set(e, "%s: larger than %d bytes", name, RULE_FILE_MAX);
		return false;
	}
	if (!yaml_parser_initialize(&y->parser)) {
		err_set(e, "%s: out of memory", name);
		return false;
	}
	yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&y->parser, text.p ? text.p : (const unsigned char *)"", text.len);
	return true;
}

/* "when: !fact" is a tag to YAML, and what follows it is not what it seems. */
static bool
has_bare_negation(const struct yaml *y, unsigned line)
{
	struct bytes rest = y->text, text = y->text;

	for (unsigned i = 0; i < line; i++)
		text = bytes_split(&rest, '\n');
	return bytes_find_str(text, ": !") < text.len;
}

static bool
fail_syntax(const struct yaml *y)
{
	const yaml_parser_t *p = &y->parser;
	struct place at = { y->name, (unsigned)p->problem_mark.line + 1, (unsigned)p->problem_mark.column + 1 };
	char text[256];

	if (p->error == YAML_READER_ERROR) {
		struct bytes before = bytes_head(y->text, p->problem_offset);

		at.line = 1;
		at.column = (unsigned)before.len + 1;
		for (size_t i = 0; i < before.len; i++) {
			if (before.p[i] != '\n')
				continue;
			at.line++;
			at.column = (unsigned)(before.len - i);
		}
	}
	snprintf(text, sizeof(text), "not YAML: %s%s", p->problem ? p->problem : "cannot be read",
		 has_bare_negation(y, at.line) ? "; a condition that begins with ! needs quotes" : "");
	return fail_at(y->error, at, text);
}

bool
yaml_next(struct yaml *y, yaml_node_t **root)
{
	if (y->has_document)
		yaml_document_delete(&y->document);
	y->has_document = false;
	*root = NULL;
	if (!yaml_parser_load(&y->parser, &y->document))
		return fail_syntax(y);
	y->has_document = true;
	*root = yaml_document_get_root_node(&y->document);
	return true;
}

void
yaml_close(struct yaml *y)
{
	if (y->has_document)
		yaml_document_delete(&y->document);
	yaml_parser_delete(&y->parser);
}

yaml_node_t *
yaml_node(struct yaml *y, int index)
{
	return yaml_document_get_node(&y->document, index);
}

struct bytes
yaml_text(const yaml_node_t *scalar)
{
	return bytes_of(scalar->data.scalar.value, scalar->data.scalar.length);
}

struct place
yaml_place(const struct yaml *y, const yaml_node_t *n)
{
	return (struct place){ y->name, (unsigned)n->start_mark.line + 1, (unsigned)n->start_mark.column + 1 };
}

/* Walks over the file beside the value of a scalar. */
struct walk {
	struct bytes file;
	size_t at; /* in file */
	struct place place;
};

static uint8_t
walk_byte(const struct walk *w)
{
	return w->at < w->file.len ? w->file.p[w->at] : 0;
}

static void
walk_step(struct walk *w)
{
	uint8_t c = walk_byte(w);

	if (w->at >= w->file.len)
		return;
	w->at++;
	if (c == '\n') {
		w->place.line++;
		w->place.column = 1;
	} else if ((walk_byte(w) & 0xc0) != 0x80) {
		w->place.column++; /* columns count characters, not bytes */
	}
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct walk
walk_to(const struct yaml *y, yaml_mark_t mark)
{
	struct walk w = { y->text, 0, { y->name, 1, 1 } };

	if (y->text.len >= 3 && memcmp(y->text.p, "\xef\xbb\xbf", 3) == 0)
		w.at = 3;
	while (w.at < w.file.len && (w.place.line <= mark.line || w.place.column <= mark.column)) {
		if (w.place.line > mark.line + 1)
			break;
		walk_step(&w);
	}
	return w;
}

/* Blanks and line ends of the file are folded in the value: one run of them goes with one run. */
static size_t
walk_blanks(struct walk *w, struct bytes value, size_t i)
{
	bool has_line_end = false;
	size_t n = 0;

	for (struct walk ahead = *w; is_blank(walk_byte(&ahead)); walk_step(&ahead))
		has_line_end = has_line_end || walk_byte(&ahead) == '\n';
	if (!has_line_end) {
		walk_step(w);
		return 1;
	}
	while (is_blank(walk_byte(w)))
		walk_step(w);
	while (i + n < value.len && is_blank(value.p[i + n]))
		n++;
	return n;
}

struct place
yaml_place_in(const struct yaml *y, const yaml_node_t *scalar, size_t offset)
{
	struct walk w = walk_to(y, scalar->start_mark);
	struct bytes value = yaml_text(scalar);
	yaml_scalar_style_t style = scalar->data.scalar.style;
	size_t i = 0;

	if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE) {
		while (w.at < w.file.len && walk_byte(&w) != '\n')
			walk_step(&w);
		while (is_blank(walk_byte(&w)))
			walk_step(&w);
		while (i < offset && i < value.len && is_blank(value.p[i]))
			i++;
	} else if (style != YAML_PLAIN_SCALAR_STYLE) {
		walk_step(&w);
	}
	while (i < offset && i < value.len && w.at < w.file.len) {
		uint8_t c = walk_byte(&w);

		if (is_blank(c) && is_blank(value.p[i])) {
			i += walk_blanks(&w, value, i);
			continue;
		}
		if ((style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && c == '\\') ||
		    (style == YAML_SINGLE_QUOTED_SCALAR_STYLE && c == '\''))
			walk_step(&w);
		walk_step(&w);
		i++;
	}
	return w.place;
}

bool
yaml_fail(const struct yaml *y, const yaml_node_t *n, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fail_at(y->error, yaml_place(y, n), text);
}

bool
yaml_fail_at(const struct yaml *y, const yaml_node_t *scalar, const struct expr_error *e)
{
	return fail_at(y->error, yaml_place_in(y, scalar, e->offset), e->text);
}

bool
yaml_want(const struct yaml *y, const yaml_node_t *n, yaml_node_type_t type, const char *what)
{
	if (n->tag && n->tag[0] == '!')
		return yaml_fail(y, n, "YAML takes the ! for a tag: put this in quotes");
	return n->type == type || yaml_fail(y, n, "%s is expected here", what);
}
