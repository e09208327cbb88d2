/* The only way for text into HTML and SVG: all of it passes the escapes of wire.h, then <>&"' become references. So
 * text from the wire stays text, in elements and in quoted attributes. Private to report/. */
#ifndef REPORT_HTML_WRITE_H
#define REPORT_HTML_WRITE_H

#include <stdio.h>

#include "base/attr.h"
#include "base/address.h"
#include "base/bytes.h"

void html_text(FILE *out, struct bytes wire);
/* At most max characters; ends in "..." when cut. */
void html_text_cut(FILE *out, struct bytes wire, size_t max);
void html_prose(FILE *out, struct bytes text);                       /* line breaks read as one blank */
void html_printf(FILE *out, const char *fmt, ...) PRINTF_LIKE(2, 3); /* our own text, escaped as well; 500 bytes */
void html_endpoint(FILE *out, const struct endpoint *end);           /* "[2001:db8::1]:25", "?" */
const char *html_endpoint_text(const struct endpoint *end, char text[64]);

#endif
