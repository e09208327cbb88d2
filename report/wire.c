/* In: bytes from the wire. Out: printable ASCII. Does not know where the bytes came from or where they go. */
#include "report/wire.h"

static bool
is_plain(uint8_t byte)
{
	return byte >= ' ' && byte <= '~' && byte != '\\';
}

size_t
wire_unit(uint8_t byte, char unit[WIRE_UNIT_MAX])
{
	static const char hex[] = "0123456789abcdef";

	unit[0] = '\\';
	if (is_plain(byte)) {
		unit[0] = (char)byte;
		return 1;
	}
	if (byte == '\\') {
		unit[1] = '\\';
		return 2;
	}
	unit[1] = 'x';
	unit[2] = hex[byte >> 4];
	unit[3] = hex[byte & 15];
	return WIRE_UNIT_MAX;
}

static size_t
plain_run(struct bytes text)
{
	size_t n = 0;

	while (n < text.len && is_plain(text.p[n]))
		n++;
	return n;
}

void
print_wire(FILE *out, struct bytes text)
{
	char unit[WIRE_UNIT_MAX];

	while (text.len > 0) {
		size_t n = plain_run(text);

		if (n > 0) {
			fwrite(text.p, 1, n, out);
		} else {
			fwrite(unit, 1, wire_unit(text.p[0], unit), out);
			n = 1;
		}
		text = bytes_from(text, n);
	}
}

void
wire_escape(struct buf *to, struct bytes text)
{
	char unit[WIRE_UNIT_MAX];

	while (text.len > 0) {
		size_t n = plain_run(text);

		if (n > 0) {
			buf_add(to, bytes_head(text, n));
		} else {
			buf_add(to, bytes_of(unit, wire_unit(text.p[0], unit)));
			n = 1;
		}
		text = bytes_from(text, n);
	}
}

void
wire_escape_prose(struct buf *to, struct bytes text)
{
	while (text.len > 0) {
		struct bytes line = bytes_trim(bytes_split(&text, '\n'));

		if (line.len > 0 && to->len > 0)
			buf_add_u8(to, ' ');
		wire_escape(to, line);
	}
}

/* How many bytes of text fit into max columns; *all says whether that is all of them. */
static size_t
fitting(struct bytes text, size_t max, bool *all)
{
	char unit[WIRE_UNIT_MAX];
	size_t columns = 0, n = 0;

	while (n < text.len && columns + wire_unit(text.p[n], unit) <= max)
		columns += wire_unit(text.p[n++], unit);
	*all = n == text.len;
	return n;
}

void
print_wire_cut(FILE *out, struct bytes text, size_t max)
{
	size_t dots = max < 3 ? max : 3;
	bool is_all;
	size_t n = fitting(text, max, &is_all);

	if (is_all) {
		print_wire(out, text);
		return;
	}
	n = fitting(text, max - dots, &is_all);
	print_wire(out, bytes_head(text, n));
	fprintf(out, "%.*s", (int)dots, "...");
}
