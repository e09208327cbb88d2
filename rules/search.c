/* In: a reply and the tables. Out: the row that fits best. A row's place in the file decides among equals. */
#include "rules/search.h"

#include "base/alloc.h"
#include "rules/regex.h"

struct search {
	const struct knowledge *k;
	struct lazy_regex *replies, *signs;
};

/* How well a row's numbers fit. */
enum fit { FIT_NONE, FIT_CLASS, FIT_CODE, FIT_ALL };

struct search *
search_new(const struct knowledge *k)
{
	struct search *s = mem_new(sizeof(*s));

	s->k = k;
	s->replies = mem_new_array(k->n_replies, sizeof(s->replies[0]));
	s->signs = mem_new_array(k->n_signs, sizeof(s->signs[0]));
	return s;
}

void
search_free(struct search *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->k->n_replies; i++)
		regex_free(s->replies[i].regex);
	for (size_t i = 0; i < s->k->n_signs; i++)
		regex_free(s->signs[i].regex);
	mem_free(s->replies);
	mem_free(s->signs);
	mem_free(s);
}

static struct bytes
provider_by(struct search *s, const char *match_on, struct bytes text)
{
	if (text.len == 0)
		return text;
	for (size_t i = 0; i < s->k->n_signs; i++) {
		const struct provider_sign *sign = &s->k->signs[i];

		if (bytes_eq_str(sign->match_on, match_on) && regex_lazy_matches(&s->signs[i], sign->regex, text))
			return sign->provider;
	}
	return bytes_of(NULL, 0);
}

struct bytes
search_provider(struct search *s, struct bytes greeting, struct bytes server_name, struct bytes text)
{
	struct bytes provider = provider_by(s, "greeting", greeting);

	if (provider.len == 0)
		provider = provider_by(s, "name", server_name);
	return provider.len > 0 ? provider : provider_by(s, "reply", text);
}

static bool
number_fits(struct bytes pattern, struct bytes number)
{
	if (pattern.len != number.len)
		return false;
	for (size_t i = 0; i < pattern.len; i++) {
		bool is_any = pattern.p[i] == '.' || pattern.p[i] == 'x' || pattern.p[i] == 'X';

		if (!is_any && pattern.p[i] != number.p[i])
			return false;
	}
	return true;
}

/* "450|550", "4xx", "5.7.6..", "X.1.1" */
static bool
list_fits(struct bytes list, struct bytes number)
{
	while (list.len > 0) {
		if (number_fits(bytes_split(&list, '|'), number))
			return true;
	}
	return false;
}

static bool
is_class_in(struct bytes list, uint8_t digit)
{
	while (list.len > 0) {
		if (bytes_split(&list, '|').p[0] == digit)
			return true;
	}
	return false;
}

static bool
is_star(struct bytes cell)
{
	return cell.len == 1 && (cell.p[0] == '*' || cell.p[0] == '-');
}

static struct bytes
code_digits(unsigned code, uint8_t digits[3])
{
	digits[0] = (uint8_t)('0' + code / 100 % 10);
	digits[1] = (uint8_t)('0' + code / 10 % 10);
	digits[2] = (uint8_t)('0' + code % 10);
	return bytes_of(digits, 3);
}

/* "mail|rcpt" */
static bool
is_word_in(struct bytes list, struct bytes word)
{
	while (list.len > 0) {
		if (bytes_eq(bytes_split(&list, '|'), word))
			return true;
	}
	return false;
}

/* The order of the phrases alone decides among those that are possible here. */
static enum fit
phrase_fit(const struct reply_row *r, const struct reply_asked *asked, struct bytes code)
{
	bool is_here = is_star(r->phase) || is_word_in(r->phase, asked->phase);

	if (!is_here || (!is_star(r->code) && !list_fits(r->code, code)))
		return FIT_NONE;
	return asked->enhanced.len == 0 || is_star(r->enhanced) || list_fits(r->enhanced, asked->enhanced) ? FIT_ALL
													   : FIT_NONE;
}

static enum fit
row_fit(const struct reply_row *r, const struct reply_asked *asked, struct bytes code)
{
	bool is_login = r->tier > TIER_VENDOR && bytes_starts_nocase(r->cause, "auth.") &&
			!bytes_eq_str(asked->phase, "auth");

	if (r->tier == TIER_PHRASE)
		return phrase_fit(r, asked, code);
	/* Words about authentication outside a login are about SPF and its kin, unless the code is one of logins. */
	if (is_login && (code.p[0] != '5' || code.p[1] != '3'))
		return FIT_NONE;
	if (!is_star(r->code) && !list_fits(r->code, code)) {
		bool is_vague = bytes_eq_str(r->regex, ".*") || is_login;

		return !is_vague && is_class_in(r->code, code.p[0]) ? FIT_CLASS : FIT_NONE;
	}
	if (is_star(r->enhanced) || asked->enhanced.len == 0 || list_fits(r->enhanced, asked->enhanced))
		return FIT_ALL;
	return FIT_CODE;
}

static const struct reply_row *
find_in_tier(struct search *s, enum tier tier, const struct reply_asked *asked, struct bytes provider,
	     struct bytes text)
{
	uint8_t digits[3];
	struct bytes code = code_digits(asked->code, digits);
	const struct reply_row *best = NULL;
	enum fit best_fit = FIT_NONE;

	for (size_t i = 0; i < s->k->n_replies && best_fit < FIT_ALL; i++) {
		const struct reply_row *r = &s->k->replies[i];
		enum fit fit;

		if (r->tier != tier || (tier == TIER_PROVIDER && !bytes_eq(r->provider, provider)))
			continue;
		fit = row_fit(r, asked, code);
		if (fit <= best_fit || !regex_lazy_matches(&s->replies[i], r->regex, text))
			continue;
		best = r;
		best_fit = fit;
	}
	return best;
}

/* Rows that tell more than the code itself come first: its enhanced code, then its phase. */
static unsigned
code_score(const struct code_row *r, const struct reply_asked *asked, struct bytes code)
{
	unsigned score = 0;

	if (!is_star(r->code) && !list_fits(r->code, code)) {
		/* an enhanced code means the same under another basic code */
		if (is_star(r->enhanced) || r->enhanced.len == 0)
			return 0;
	} else {
		score += 1;
	}
	if (!is_star(r->enhanced)) {
		if (asked->enhanced.len == 0 || !list_fits(r->enhanced, asked->enhanced))
			return 0;
		score += 8;
	}
	if (bytes_eq(r->phase, asked->phase))
		score += 4;
	else if (!bytes_eq_str(r->phase, "any"))
		return 0;
	if (r->code.len > 1 && bytes_find(r->code, 'x') == r->code.len)
		score += 2;
	return score + (r->cause.len > 0 ? 16 : 0);
}

static const struct code_row *
find_code(const struct search *s, const struct reply_asked *asked)
{
	uint8_t digits[3];
	struct bytes code = code_digits(asked->code, digits);
	const struct code_row *best = NULL;
	unsigned best_score = 0;

	for (size_t i = 0; i < s->k->n_codes; i++) {
		unsigned score = code_score(&s->k->codes[i], asked, code);

		if (score <= best_score)
			continue;
		best = &s->k->codes[i];
		best_score = score;
	}
	return best;
}

/* What the pattern calls "list", as it stands in the text */
static struct bytes
list_in(struct search *s, const struct reply_row *row, struct bytes text, struct bytes masked)
{
	struct bytes matched = row->tier == TIER_PHRASE ? masked : text;
	struct bytes list = regex_group(s->replies[row - s->k->replies].regex, matched, "list");

	return list.len > 0 ? bytes_head(bytes_from(text, (size_t)(list.p - matched.p)), list.len) : list;
}

struct found_rows
search_rows(struct search *s, const struct reply_asked *asked, struct bytes provider, struct bytes text,
	    struct bytes masked)
{
	struct found_rows found = { .code = find_code(s, asked), .provider = provider };

	for (int tier = TIER_PROVIDER; tier < TIER_COUNT && !found.reply; tier++)
		found.reply = find_in_tier(s, (enum tier)tier, asked, provider, tier == TIER_PHRASE ? masked : text);
	if (!found.reply)
		return found;
	found.list = list_in(s, found.reply, text, masked);
	if (found.reply->tier == TIER_VENDOR && provider.len == 0)
		found.provider = found.reply->provider;
	return found;
}
