/* The only way for text from the wire to get out: everything outside printable ASCII, and the backslash, is escaped.
 * So UTF-8 comes out as bytes (caf\xc3\xa9): no terminal escape, line break or right-to-left mark can pass, and
 * what is printed can be turned back into the bytes that were sent. JSON strings carry the same escapes. */
#ifndef REPORT_WIRE_H
#define REPORT_WIRE_H

#include <stdio.h>

#include "base/buf.h"

#define WIRE_UNIT_MAX 4 /* columns of one escaped byte: \x1b */

void print_wire(FILE *out, struct bytes text); /* "\x1b" and "\\" style escapes */
/* At most max columns; ends in "..." when cut. */
void print_wire_cut(FILE *out, struct bytes text, size_t max);
/* The same escapes, added to a buffer. */
void wire_escape(struct buf *to, struct bytes text);
/* Our own sentences with wire text in them: likewise, but the line breaks of rule files read as one blank. */
void wire_escape_prose(struct buf *to, struct bytes text);
/* How one byte is printed: 1, 2 or 4 characters, no NUL after them. */
size_t wire_unit(uint8_t byte, char unit[WIRE_UNIT_MAX]);

#endif
