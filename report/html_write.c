/* In: text. Out: the same text in HTML. Knows nothing of the report. */
#include "report/html_write.h"

#include <stdarg.h>

#include "report/wire.h"

static void
put(FILE *out, char c)
{
	switch (c) {
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '&':
		fputs("&amp;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\'':
		fputs("&#39;", out);
		break;
	default:
		fputc(c, out);
	}
}

void
html_text(FILE *out, struct bytes wire)
{
	char unit[WIRE_UNIT_MAX];

	for (size_t i = 0; i < wire.len; i++) {
		size_t n = wire_unit(wire.p[i], unit);

		for (size_t k = 0; k < n; k++)
			put(out, unit[k]);
	}
}

void
html_text_cut(FILE *out, struct bytes wire, size_t max)
{
	char unit[WIRE_UNIT_MAX];
	size_t columns = 0, n = 0, room = max > 3 ? max - 3 : 0;

	for (size_t i = 0; i < wire.len && columns <= max; i++) {
		columns += wire_unit(wire.p[i], unit);
		if (columns <= room)
			n = i + 1;
	}
	if (columns <= max) {
		html_text(out, wire);
		return;
	}
	html_text(out, bytes_head(wire, n));
	fputs("...", out);
}

void
html_prose(FILE *out, struct bytes text)
{
	bool is_first = true;

	while (text.len > 0) {
		struct bytes line = bytes_trim(bytes_split(&text, '\n'));

		if (line.len == 0)
			continue;
		if (!is_first)
			fputc(' ', out);
		html_text(out, line);
		is_first = false;
	}
}

void
html_printf(FILE *out, const char *fmt, ...)
{
	char text[500];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	html_text(out, bytes_str(text));
}

const char *
html_endpoint_text(const struct endpoint *end, char text[64])
{
	char address[ADDRESS_TEXT_MAX];

	if (end->address.family == 0)
		snprintf(text, 64, "?");
	else if (end->port == 0)
		snprintf(text, 64, "%s", address_text(&end->address, address));
	else
		snprintf(text, 64, end->address.family == 6 ? "[%s]:%u" : "%s:%u", address_text(&end->address, address),
			 end->port);
	return text;
}

void
html_endpoint(FILE *out, const struct endpoint *end)
{
	char text[64];

	html_text(out, bytes_str(html_endpoint_text(end, text)));
}
