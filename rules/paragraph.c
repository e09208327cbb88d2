/* In: words. Out: lines. A word that is longer than a line keeps its line to itself. */
#include "rules/paragraph.h"

#include <stdarg.h>

#define WIDTH 79 /* and one for what is glued to the last word */

void
paragraph_begin(struct paragraph *p, FILE *out, size_t first, size_t indent)
{
	*p = (struct paragraph){ .out = out, .width = WIDTH, .indent = indent, .column = first, .is_glued = true };
	fprintf(out, "%*s", (int)first, "");
}

static bool
is_plain(uint8_t c)
{
	return c > ' ' && c < 0x7f;
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
put_word(struct paragraph *p, struct bytes word)
{
	size_t blank = p->is_glued ? 0 : 1, columns = 0;

	for (size_t i = 0; i < word.len; i++)
		columns += is_plain(word.p[i]) ? 1 : 4;
	if (p->column + blank + columns > p->width && !p->is_glued) {
		fprintf(p->out, "\n%*s", (int)p->indent, "");
		p->column = p->indent;
	} else {
		fprintf(p->out, "%*s", (int)blank, "");
		p->column += blank;
	}
	for (size_t i = 0; i < word.len; i++)
		fprintf(p->out, is_plain(word.p[i]) ? "%c" : "\\x%02x", word.p[i]);
	p->column += columns;
	p->is_glued = false;
}

void
paragraph_add(struct paragraph *p, struct bytes text)
{
	while (text.len > 0) {
		size_t n = 0;

		while (n < text.len && !is_blank(text.p[n]))
			n++;
		if (n > 0)
			put_word(p, bytes_head(text, n));
		text = bytes_from(text, n + 1);
	}
}

void
paragraph_str(struct paragraph *p, const char *text)
{
	paragraph_add(p, bytes_str(text));
}

void
paragraph_strf(struct paragraph *p, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	paragraph_str(p, text);
}

void
paragraph_glue(struct paragraph *p, const char *text)
{
	p->is_glued = true;
	paragraph_str(p, text);
}

void
paragraph_end(struct paragraph *p)
{
	fputc('\n', p->out);
}
