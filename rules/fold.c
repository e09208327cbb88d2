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

void
reply_fold(struct bytes text, struct bytes recipient, struct buf *out)
{
	uint8_t first = recipient.len > 0 ? recipient.p[0] | 0x20 : 0;

	while (text.len > 0) {
		uint8_t c = text.p[0];
		size_t n = 1;

		if (c == '<' && (n = bracketed_len(text)) > 0) {
			buf_add_str(out, "<*@*>");
		} else if (is_digit(c) && (n = digits_len(text)) >= LONG_NUMBER) {
			for (size_t i = 0; i < n; i++)
				buf_add_u8(out, '0');
		} else if ((c | 0x20) == first && (n = recipient_len(text, recipient)) > 0) {
			buf_add_str(out, "*@*");
		} else {
			n = n > 0 ? n : 1;
			if (!is_digit(c))
				n = 1;
			buf_add(out, bytes_head(text, n));
		}
		text = bytes_from(text, n);
	}
}
