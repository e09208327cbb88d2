/* Lines of words that stay within a width. All text passes the escapes of wire.h on its way; private to report/. */
#ifndef REPORT_WRAP_H
#define REPORT_WRAP_H

#include <stdio.h>

#include "base/attr.h"
#include "base/bytes.h"

enum style { STYLE_PLAIN, STYLE_HEADING, STYLE_GOOD, STYLE_WARNING, STYLE_BAD, STYLE_DIM };

struct wrap {
	FILE *out;
	size_t width;  /* columns, at least WRAP_WIDTH_MIN */
	size_t indent; /* of continued lines */
	size_t column; /* columns used on this line */
	bool use_colour;
	bool is_glued; /* the next word follows without a blank */
};

#define WRAP_WIDTH_MIN 40

void wrap_init(struct wrap *w, FILE *out, size_t width, bool use_colour);
/* Begins a line at column first; later lines of it begin at column indent. */
void wrap_begin(struct wrap *w, size_t first, size_t indent);
void wrap_words(struct wrap *w, struct bytes text);                     /* blanks, tabs and line breaks part words */
void wrap_str(struct wrap *w, const char *text);                        /* our own text, likewise */
void wrap_strf(struct wrap *w, const char *fmt, ...) PRINTF_LIKE(2, 3); /* at most 500 bytes, no wire text */
void wrap_heading(struct wrap *w, const char *text);                    /* after an empty line */
void wrap_glue(struct wrap *w, const char *text);                       /* our own text, without a blank before it */
void wrap_raw(struct wrap *w, struct bytes text); /* as one word, blanks and all, if it fits; cut with "..." if not */
/* Blanks up to the column; a new line when that column was passed already. */
void wrap_to(struct wrap *w, size_t column);
void wrap_style(struct wrap *w, enum style style); /* takes no columns */
void wrap_end(struct wrap *w);                     /* ends the line and the style */
void wrap_blank(struct wrap *w);                   /* an empty line */

#endif
