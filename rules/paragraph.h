/* Words in lines of at most 80 columns, for pages about rules. Order: begin, (add | str | strf | glue)*, end. */
#ifndef RULES_PARAGRAPH_H
#define RULES_PARAGRAPH_H

#include <stdio.h>

#include "base/attr.h"
#include "base/bytes.h"

struct paragraph {
	FILE *out;
	size_t width, indent; /* indent: of continued lines */
	size_t column;
	bool is_glued; /* the next word follows without a blank */
};

void paragraph_begin(struct paragraph *p, FILE *out, size_t first, size_t indent);
/* Blanks and line breaks part words; bytes outside printable ASCII come out as \xNN. */
void paragraph_add(struct paragraph *p, struct bytes text);
void paragraph_str(struct paragraph *p, const char *text);
void paragraph_strf(struct paragraph *p, const char *fmt, ...) PRINTF_LIKE(2, 3); /* at most 200 bytes */
void paragraph_glue(struct paragraph *p, const char *text);
void paragraph_end(struct paragraph *p);

#endif
