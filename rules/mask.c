/* In: the folded text of a reply. Out: the same with stars for the letters and digits of names. Addresses of IP stay:
 * they tell that a host is meant. */
#include "rules/mask.h"

#include "base/attr.h"

static bool
is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_name_byte(uint8_t c)
{
	return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Ends of addresses and URLs in running text */
static bool
is_end(uint8_t c)
{
	return c <= ' ' || c == '<' || c == '>' || c == '"' || c == '(' || c == ')' || c == '[' || c == ']' ||
	       c == ',' || c == ';';
}

/* What has no blank in it */
static struct bytes
word_of(struct bytes text)
{
	size_t n = 0;

	while (n < text.len && !is_end(text.p[n]))
		n++;
	return bytes_head(text, n);
}

static bool
is_url(struct bytes word)
{
	size_t colon = bytes_find(word, ':');

	if (bytes_starts_nocase(word, "www."))
		return true;
	return colon > 1 && colon + 2 < word.len && word.p[colon + 1] == '/' && word.p[colon + 2] == '/';
}

/* "bob@example.com:blocked" is an address and a word. */
static size_t
address_len(struct bytes word)
{
	size_t at = bytes_find(word, '@');

	return at + bytes_find(bytes_from(word, at), ':');
}

/* Labels with dots between them; the last dot of a sentence is not of them. */
static size_t
labels_len(struct bytes word)
{
	size_t n = 0;

	while (n < word.len && (is_name_byte(word.p[n]) || word.p[n] == '.'))
		n++;
	while (n > 0 && !is_name_byte(word.p[n - 1]))
		n--;
	return n;
}

/* mx.example.com and MX.EXAMPLE.COM are hosts; 192.0.2.1, Virus.Name and "denied.Please" are not. */
static bool
is_host(struct bytes labels)
{
	size_t n_lower = 0, n_upper = 0, n = labels.len;

	while (n > 0 && labels.p[n - 1] != '.') {
		n_lower += is_lower(labels.p[n - 1]);
		n_upper += is_upper(labels.p[n - 1]);
		n--;
	}
	if (n < 2 || n_lower + n_upper < 2 || n_lower + n_upper < labels.len - n)
		return false;
	for (size_t i = 0; i < n && n_upper > 0; i++)
		n_lower += is_lower(labels.p[i]);
	return n_lower == 0 || n_upper == 0;
}

static void
add_stars(struct bytes name, struct buf *out)
{
	for (size_t i = 0; i < name.len; i++)
		buf_add_u8(out, is_name_byte(name.p[i]) ? '*' : name.p[i]);
}

/* BAD_RECIPIENT is two words. */
static void
add_words(struct bytes words, struct buf *out)
{
	for (size_t i = 0; i < words.len; i++)
		buf_add_u8(out, words.p[i] == '_' ? ' ' : words.p[i]);
}

void
reply_mask(struct bytes text, struct buf *out)
{
	while (text.len > 0) {
		struct bytes word = word_of(text);
		size_t n = labels_len(word);

		if (is_url(word) || bytes_find(word, '@') < word.len) {
			n = is_url(word) ? word.len : address_len(word);
			add_stars(bytes_head(word, n), out);
		} else if (is_host(bytes_head(word, n))) {
			add_stars(bytes_head(word, n), out);
		} else {
			n = n > 0 ? n : 1;
			add_words(bytes_head(text, n), out);
		}
		text = bytes_from(text, n);
	}
}
