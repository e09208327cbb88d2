/* In: keywords of an EHLO answer, texts of replies. Out: facts about what was written over. A keyword counts as masked
 * when it is all X but for its last letter, which some devices make A, B, C. Genuine ones (XCLIENT) are not. */
#include "decode/masks.h"

#include "base/attr.h"

#define MASKED_LEN_MIN 4
#define FITS_MAX 160 /* bytes of the list of keywords that fit */

static const struct bytes keywords[] = {
#define KEYWORD(id, word) { (const uint8_t *)(word), sizeof(word) - 1 },
#include "decode/ehlo_keywords.def"
#undef KEYWORD
};

static bool
is_masked(struct bytes word)
{
	if (word.len < MASKED_LEN_MIN)
		return false;
	for (size_t i = 0; i + 1 < word.len; i++)
		if (word.p[i] != 'X')
			return false;
	return word.p[word.len - 1] >= 'A' && word.p[word.len - 1] <= 'Z';
}

/* Does the line begin with the keyword, and does that end there? */
static inline bool
is_line_of(struct bytes line, struct bytes keyword)
{
	return ((line.p[0] ^ keyword.p[0]) & 0xdf) == 0 && line.len >= keyword.len &&
	       (line.len == keyword.len || line.p[keyword.len] == ' ') &&
	       bytes_eq_nocase(bytes_head(line, keyword.len), keyword);
}

enum ehlo_keyword
masks_note_keyword(struct masks_seen *m, struct bytes line, struct when when)
{
	struct bytes keyword;

	for (unsigned i = 0; i < KEYWORD_OTHER && line.len > 0; i++)
		if (is_line_of(line, keywords[i])) {
			m->offered |= UINT64_C(1) << i;
			return (enum ehlo_keyword)i;
		}
	keyword = bytes_split(&line, ' ');
	if (!is_masked(keyword) || m->n_masked == MASKED_MAX || keyword.len > UINT8_MAX)
		return KEYWORD_OTHER;
	if (m->n_masked == 0)
		m->when = when;
	m->masked_len[m->n_masked++] = (uint8_t)keyword.len;
	return KEYWORD_OTHER;
}

static bool
is_wanted_len(const struct masks_seen *m, size_t len)
{
	for (size_t i = 0; i < m->n_masked; i++)
		if (m->masked_len[i] == len)
			return true;
	return false;
}

void
masks_facts(const struct masks_seen *m, struct facts *f)
{
	uint8_t fits[FITS_MAX];
	size_t n = 0;

	if (m->n_masked == 0)
		return;
	facts_set_int(f, FACT_ID_EHLO_MASKED, (int64_t)m->n_masked, m->when);
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		if ((m->offered >> i & 1) != 0 || !is_wanted_len(m, keywords[i].len) ||
		    n + keywords[i].len + 2 > sizeof(fits))
			continue;
		for (const char *s = n > 0 ? ", " : ""; *s; s++)
			fits[n++] = (uint8_t)*s;
		for (size_t k = 0; k < keywords[i].len; k++)
			fits[n++] = keywords[i].p[k];
		if (i == KEYWORD_STARTTLS)
			facts_set_bool(f, FACT_ID_EHLO_MASKED_STARTTLS, true, m->when);
	}
	if (n > 0)
		facts_set_text(f, FACT_ID_EHLO_MASKED_FITS, bytes_of(fits, n), m->when);
}

static bool
is_word_byte(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static size_t
count_masked(struct bytes word)
{
	size_t n = 0;

	for (size_t i = 0; i < word.len; i++)
		n += word.p[i] == 'X';
	return n;
}

struct bytes
masks_quoted(struct bytes verb, size_t line_len, struct bytes text)
{
	for (size_t at = 0; at < text.len;) {
		size_t end = at;
		struct bytes word;

		while (end < text.len && is_word_byte(text.p[end]))
			end++;
		word = bytes_head(bytes_from(text, at), end - at);
		if ((word.len == verb.len || word.len == line_len) && word.len >= MASKED_LEN_MIN &&
		    count_masked(word) + 1 >= word.len && count_masked(verb) <= 1)
			return word;
		at = end + 1;
	}
	return bytes_of(NULL, 0);
}
