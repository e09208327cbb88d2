/* In: lines of the server. Out: code, enhanced code and text. Knows no commands. */
#include "decode/smtp_reply.h"

#include <string.h>

#include "base/attr.h"

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* class "." subject "." detail: digits, at most 1, 3 and 3 of them (RFC 3463 section 2). 0: it is none. */
static size_t
enhanced_len(struct bytes text, unsigned code)
{
	size_t at = 1;

	if (text.len < 5 || text.p[0] != (uint8_t)('0' + code / 100) || code / 100 == 3 || code / 100 < 2 ||
	    code >= 600)
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t start;

		if (at >= text.len || text.p[at] != '.')
			return 0;
		start = ++at;
		while (at < text.len && at - start < 3 && is_digit(text.p[at]))
			at++;
		if (at == start)
			return 0;
	}
	return at == text.len || text.p[at] == ' ' || text.p[at] == '\t' ? at : 0;
}

static bool
has_code(const uint8_t *p)
{
	return is_digit(p[0]) && is_digit(p[1]) && is_digit(p[2]);
}

static unsigned
code_of(const uint8_t *p)
{
	return p[0] * 100U + p[1] * 10U + p[2] - '0' * 111U;
}

struct reply_line
reply_line_parse(struct bytes line)
{
	struct reply_line r = { .text = line };
	const uint8_t *p = line.p;
	size_t n;

	if (line.len < 3 || !has_code(p))
		return r;
	r.has_code = true;
	r.code = code_of(p);
	r.is_last = line.len == 3 || p[3] != '-';
	r.is_well_formed = line.len == 3 || p[3] == '-' || bytes_is_blank(p[3]);
	r.text = bytes_trim(bytes_from(line, r.is_well_formed ? 4 : 3));
	if (r.text.len < 2 || r.text.p[0] != p[0] || r.text.p[1] != '.')
		return r;
	n = enhanced_len(r.text, r.code);
	r.enhanced = bytes_head(r.text, n);
	r.text = bytes_trim(bytes_from(r.text, n));
	return r;
}

void
reply_init(struct reply_builder *r)
{
	memset(r, 0, offsetof(struct reply_builder, starts));
	line_init(&r->text, SMTP_REPLY_TEXT_MAX);
}

void
reply_clear(struct reply_builder *r)
{
	memset(r, 0, offsetof(struct reply_builder, text));
	r->text.len = 0; /* keeps the memory for the next one */
	r->text.n_cut = 0;
}

static void
keep_code(struct reply_builder *r, const struct reply_line *line)
{
	r->code = line->has_code ? line->code : r->code;
	if (r->enhanced_len == 0 && line->enhanced.len > 0 && line->enhanced.len <= sizeof(r->enhanced)) {
		memcpy(r->enhanced, line->enhanced.p, line->enhanced.len);
		r->enhanced_len = (uint8_t)line->enhanced.len;
	}
}

static void
add_text(struct reply_builder *r, struct bytes text)
{
	if (r->text.len > 0 && text.len > 0)
		line_add_u8(&r->text, ' ');
	if (r->n_lines < SMTP_REPLY_LINES_MAX)
		r->starts[r->n_lines] = (uint16_t)r->text.len;
	line_add(&r->text, text);
	r->n_lines++;
}

void
reply_add(struct reply_builder *r, const struct reply_line *line)
{
	keep_code(r, line);
	add_text(r, line->text);
}

bool
reply_add_next(struct reply_builder *r, struct bytes line)
{
	struct bytes text;

	if (r->code == 0 || r->has_gap || line.len <= 4 || line.p[3] != '-' || !has_code(line.p) ||
	    code_of(line.p) != r->code)
		return false;
	text = bytes_trim(bytes_from(line, 4));
	if (text.len > 0 && text.p[0] == line.p[0]) /* an enhanced code, perhaps */
		return false;
	add_text(r, text);
	return true;
}

void
reply_lend(struct reply_builder *r, const struct reply_line *line)
{
	keep_code(r, line);
	r->only = bytes_head(line->text, SMTP_REPLY_TEXT_MAX);
	r->starts[0] = 0;
	r->n_lines = 1;
}

struct bytes
reply_text(const struct reply_builder *r)
{
	return r->only.len > 0 ? r->only : line_bytes(&r->text);
}

struct bytes
reply_enhanced(const struct reply_builder *r)
{
	return bytes_of(r->enhanced, r->enhanced_len);
}

struct bytes
reply_text_line(const struct reply_builder *r, size_t i)
{
	struct bytes text = reply_text(r);
	size_t end = text.len;

	if (i >= r->n_lines || i >= SMTP_REPLY_LINES_MAX)
		return bytes_of(NULL, 0);
	if (i + 1 < r->n_lines && i + 1 < SMTP_REPLY_LINES_MAX)
		end = r->starts[i + 1];
	if (end > r->starts[i] && text.p[end - 1] == ' ')
		end--; /* it joins them */
	return bytes_trim(bytes_from(bytes_head(text, end), r->starts[i]));
}

bool
reply_is_capability(struct bytes line)
{
	static const char *const keywords[] = {
		"PIPELINING", "SIZE",    "STARTTLS", "AUTH", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING",  "DSN",
		"SMTPUTF8",   "HELP",    "VRFY",     "ETRN", "EXPN",     "BINARYMIME",          "DELIVERBY", "LIMITS",
		"REQUIRETLS", "XCLIENT", "XFORWARD"
	};
	struct bytes word = bytes_split(&line, ' ');

	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		if (bytes_is_word(word, keywords[i]))
			return true;
	return false;
}

bool
reply_accepts_message(struct bytes text)
{
	static const char *const words[] = { "queued", "OK id=", "for delivery", "Message accepted" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (bytes_contains_nocase(text, words[i]))
			return true;
	return false;
}
