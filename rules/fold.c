/* In: the text of a reply. Out: the same with addresses and long numbers blotted out, so that names of users cannot
 * look like causes and so that equal replies are equal. */
#include "rules/fold.h"

#define LONG_NUMBER 5 /* codes in replies have up to four digits: S3150, TSS04 */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Length of <...@...> at the begin of b; 0 when it is something else. */
static size_t
bracketed_len(struct bytes b)
{
	size_t end = bytes_find(b, '>');
	struct bytes inside = bytes_head(b, end);

	if (end == b.len || bytes_find(inside, '@') == end || bytes_find(inside, ' ') != end)
		return 0;
	return end + 1;
}

static size_t
digits_len(struct bytes b)
{
	size_t n = 0;

	while (n < b.len && is_digit(b.p[n]))
		n++;
	return n;
}

static size_t
recipient_len(struct bytes b, struct bytes recipient)
{
	bool has_at = bytes_find(recipient, '@') < recipient.len;

	return has_at && bytes_eq_nocase(bytes_head(b, recipient.len), recipient) ? recipient.len : 0;
}

/* Length of the address at the begin of b, and what stands for it; else 0. */
static size_t
address_len(struct bytes b, struct bytes recipient, const char **blot)
{
	uint8_t first = recipient.len > 0 ? recipient.p[0] | 0x20 : 0;

	*blot = "<*@*>";
	if (b.p[0] == '<')
		return bracketed_len(b);
	*blot = "*@*";
	return (b.p[0] | 0x20) == first ? recipient_len(b, recipient) : 0;
}

void
reply_fold(struct bytes text, struct bytes recipient, struct buf *out)
{
	uint8_t first = recipient.len > 0 ? recipient.p[0] | 0x20 : '<';
	size_t n_plain = 0; /* at the begin of text; copied as one run */

	while (n_plain < text.len) {
		uint8_t c = text.p[n_plain];
		struct bytes rest = bytes_from(text, n_plain);
		const char *blot = NULL;
		size_t n_digits, n = 0;

		if (!is_digit(c) && c != '<' && (c | 0x20) != first) { /* nearly always */
			n_plain++;
			continue;
		}
		n_digits = digits_len(rest);
		if (n_digits < LONG_NUMBER)
			n = address_len(rest, recipient, &blot);
		if (n == 0 && n_digits < LONG_NUMBER) {
			n_plain += n_digits > 0 ? n_digits : 1;
			continue;
		}
		buf_add(out, bytes_head(text, n_plain));
		if (n > 0)
			buf_add_str(out, blot);
		for (size_t i = 0; n == 0 && i < n_digits; i++)
			buf_add_u8(out, '0');
		text = bytes_from(rest, n > 0 ? n : n_digits);
		n_plain = 0;
	}
	buf_add(out, text);
}
