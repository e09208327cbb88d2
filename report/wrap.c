/* In: words. Out: lines no longer than the width. A word longer than a line is broken, because a longer line would be
 * broken by the terminal, where it hides the indent. */
#include "report/wrap.h"

#include <stdarg.h>

#include "report/wire.h"

void
wrap_init(struct wrap *w, FILE *out, size_t width, bool use_colour)
{
	*w = (struct wrap){ .out = out,
			    .width = width > WRAP_WIDTH_MIN ? width : WRAP_WIDTH_MIN,
			    .use_colour = use_colour,
			    .is_glued = true };
}

static void
put_blanks(struct wrap *w, size_t n)
{
	fprintf(w->out, "%*s", (int)n, "");
	w->column += n;
}

static void
continue_line(struct wrap *w)
{
	fputc('\n', w->out);
	w->column = 0;
	put_blanks(w, w->indent);
	w->is_glued = true;
}

void
wrap_begin(struct wrap *w, size_t first, size_t indent)
{
	w->column = 0;
	w->indent = indent;
	w->is_glued = true;
	put_blanks(w, first);
}

static size_t
columns_of(struct bytes word)
{
	char unit[WIRE_UNIT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < word.len; i++)
		n += wire_unit(word.p[i], unit);
	return n;
}

static void
put_word(struct wrap *w, struct bytes word)
{
	size_t blank = w->is_glued ? 0 : 1;
	char unit[WIRE_UNIT_MAX];

	if (w->column + blank + columns_of(word) > w->width && w->column > w->indent)
		continue_line(w);
	else
		put_blanks(w, blank);
	for (size_t i = 0; i < word.len; i++) {
		size_t n = wire_unit(word.p[i], unit);

		if (w->column + n > w->width)
			continue_line(w);
		fwrite(unit, 1, n, w->out);
		w->column += n;
	}
	w->is_glued = false;
}

static bool
parts_words(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

void
wrap_words(struct wrap *w, struct bytes text)
{
	while (text.len > 0) {
		size_t n = 0;

		while (n < text.len && !parts_words(text.p[n]))
			n++;
		if (n > 0)
			put_word(w, bytes_head(text, n));
		text = bytes_from(text, n + 1);
	}
}

void
wrap_str(struct wrap *w, const char *text)
{
	wrap_words(w, bytes_str(text));
}

void
wrap_glue(struct wrap *w, const char *text)
{
	w->is_glued = true;
	wrap_str(w, text);
}

void
wrap_strf(struct wrap *w, const char *fmt, ...)
{
	char text[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wrap_str(w, text);
}

void
wrap_raw(struct wrap *w, struct bytes text)
{
	size_t blank = w->is_glued ? 0 : 1;
	size_t columns = columns_of(text), room;

	if (w->column + blank + columns > w->width && w->column > w->indent)
		continue_line(w);
	else
		put_blanks(w, blank);
	room = w->width > w->column ? w->width - w->column : 0;
	print_wire_cut(w->out, text, room);
	w->column += columns < room ? columns : room;
	w->is_glued = false;
}

void
wrap_to(struct wrap *w, size_t column)
{
	if (w->column > column) {
		fputc('\n', w->out);
		w->column = 0;
	}
	put_blanks(w, column - w->column);
	w->is_glued = true;
}

void
wrap_style(struct wrap *w, enum style style)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "0",      [STYLE_HEADING] = "1", [STYLE_GOOD] = "1;32",
		[STYLE_WARNING] = "1;33", [STYLE_BAD] = "1;31",  [STYLE_DIM] = "2",
	};

	if (w->use_colour)
		fprintf(w->out, "\033[%sm", codes[style]);
}

void
wrap_end(struct wrap *w)
{
	fputc('\n', w->out);
	w->column = 0;
	w->is_glued = true;
}

void
wrap_blank(struct wrap *w)
{
	wrap_end(w);
}

void
wrap_heading(struct wrap *w, const char *text)
{
	wrap_blank(w);
	wrap_begin(w, 0, 2);
	wrap_style(w, STYLE_HEADING);
	wrap_str(w, text);
	wrap_style(w, STYLE_PLAIN);
	wrap_end(w);
}
