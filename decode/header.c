/* In: the bytes of a message. Out: the fields of headers.def. Decodes no MIME words and judges nothing. */
#include "decode/header.h"

#include "base/attr.h"
#include "base/limits.h"

enum keep { KEEP_NOTHING, KEEP_TEXT, KEEP_ADDRESS, KEEP_COUNT, KEEP_DKIM_DOMAIN };

static const struct {
	struct bytes name;
	enum keep keep;
} fields[] = {
#define HEADER(id, name, keep) { { (const uint8_t *)(name), sizeof(name) - 1 }, KEEP_##keep },
#include "decode/headers.def"
#undef HEADER
};

#define NO_FIELD ARRAY_LEN(fields)

void
header_init(struct header *h)
{
	*h = (struct header){ .field = NO_FIELD };
	line_init(&h->line, SMTP_HEADER_VALUE_MAX);
	line_init(&h->value, SMTP_HEADER_VALUE_MAX);
}

void
header_fini(struct header *h)
{
	line_fini(&h->line);
	line_fini(&h->value);
}

void
header_abort(struct header *h)
{
	line_wipe(&h->line);
	line_wipe(&h->value);
	h->field = NO_FIELD;
	h->is_open = false;
}

void
header_start(struct header *h)
{
	header_abort(h);
	h->is_open = true;
}

/* "Name <a@b>" or "a@b (Name)": the address. */
static struct bytes
address_in_value(struct bytes value)
{
	size_t open = bytes_find(value, '<');

	if (open < value.len) {
		struct bytes rest = bytes_from(value, open + 1);

		return bytes_head(rest, bytes_find(rest, '>'));
	}
	return bytes_split(&value, ' ');
}

/* The d= tag (RFC 6376 section 3.5). */
static struct bytes
dkim_domain(struct bytes value)
{
	while (value.len > 0) {
		struct bytes tag = bytes_trim(bytes_split(&value, ';'));
		struct bytes name = bytes_trim(bytes_split(&tag, '='));

		if (bytes_is_word(name, "d"))
			return bytes_trim(tag);
	}
	return value;
}

static uint64_t
count_addresses(struct bytes value)
{
	uint64_t n = 0;
	bool is_quoted = false, is_filled = false;

	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '"')
			is_quoted = !is_quoted;
		if (value.p[i] == ',' && !is_quoted) {
			n += is_filled;
			is_filled = false;
		} else if (value.p[i] != ' ') {
			is_filled = true;
		}
	}
	return n + is_filled;
}

static void
end_field(struct header *h, const struct header_sink *sink)
{
	struct bytes value = bytes_trim(line_bytes(&h->value)), kept = { NULL, 0 };
	uint64_t n = 0;

	if (h->field == NO_FIELD)
		return;
	switch (fields[h->field].keep) {
	case KEEP_NOTHING:
		break;
	case KEEP_TEXT:
		kept = value;
		break;
	case KEEP_ADDRESS:
		kept = address_in_value(value);
		break;
	case KEEP_COUNT:
		n = count_addresses(value);
		break;
	case KEEP_DKIM_DOMAIN:
		kept = dkim_domain(value);
		break;
	}
	sink->field(sink->user, h->field, fields[h->field].name, kept, n);
	line_wipe(&h->value);
	h->field = NO_FIELD;
}

static void
keep_value(struct header *h, struct bytes more)
{
	if (h->field == NO_FIELD || fields[h->field].keep == KEEP_NOTHING)
		return;
	if (h->value.len > 0)
		line_add_u8(&h->value, ' ');
	line_add(&h->value, bytes_trim(more));
}

static unsigned
find_field(struct bytes name)
{
	for (unsigned i = 0; i < ARRAY_LEN(fields); i++)
		if (bytes_may_eq_nocase(name, fields[i].name) && bytes_eq_nocase(name, fields[i].name))
			return i;
	return NO_FIELD;
}

static void
take_line(struct header *h, struct bytes line, const struct header_sink *sink)
{
	struct bytes name, value;

	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	if (line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t')) {
		keep_value(h, line);
		return;
	}
	end_field(h, sink);
	value = line;
	name = bytes_split(&value, ':');
	if (line.len == 0 || name.len == line.len) { /* the empty line, or the body began without one */
		h->is_open = false;
		return;
	}
	if (value.len > 0 && value.p[0] == ' ') /* nearly always */
		value = bytes_from(value, 1);
	h->field = find_field(bytes_trim(name));
	keep_value(h, value);
}

void
header_feed(struct header *h, struct bytes data, const struct header_sink *sink)
{
	while (h->is_open && data.len > 0) {
		struct bytes line;
		bool is_whole = true;
		size_t used = line_plain(&h->line, data, &line);

		if (UNLIKELY(used == 0))
			used = line_take(&h->line, data, &line, &is_whole);
		if (!is_whole)
			return;
		take_line(h, line, sink);
		line_wipe(&h->line);
		data = bytes_from(data, used);
	}
}

void
header_finish(struct header *h, const struct header_sink *sink)
{
	end_field(h, sink);
	h->is_open = false;
	line_wipe(&h->line);
}
