/* In: text of a reply that accepts a message. Out: the word in it that names the message in the server's log. */
#include "decode/queue_id.h"

#include "base/attr.h"

#define QUEUE_ID_MIN 4 /* shorter words are prose */
#define LONE_ID_MIN 8  /* without a word that says what it is */

static bool
is_id_character(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
	       c == '_' || c == '@' || c == '+' || c == '/' || c == '=';
}

static struct bytes
word_at(struct bytes text)
{
	size_t from = 0, to;

	while (from < text.len && (text.p[from] == ' ' || text.p[from] == '<' || text.p[from] == '['))
		from++;
	text = bytes_from(text, from);
	for (to = 0; to < text.len && is_id_character(text.p[to]); to++)
		continue;
	while (to > 0 && text.p[to - 1] == '.')
		to--;
	return bytes_head(text, to);
}

static bool
looks_like_id(struct bytes word)
{
	bool has_digit = false;

	for (size_t i = 0; i < word.len; i++)
		has_digit = has_digit || (word.p[i] >= '0' && word.p[i] <= '9');
	return has_digit && word.len >= QUEUE_ID_MIN;
}

static struct bytes
last_word_before(struct bytes text, size_t at)
{
	size_t from;

	while (at > 0 && text.p[at - 1] == ' ')
		at--;
	for (from = at; from > 0 && is_id_character(text.p[from - 1]);)
		from--;
	return bytes_head(bytes_from(text, from), at - from);
}

/* "Ok <id>", as Amazon SES says it; "OK <epoch seconds> <id> - gsmtp" is Google's way. */
static struct bytes
after_ok(struct bytes text)
{
	uint64_t number;
	struct bytes word, next;

	if (!bytes_starts_nocase(text, "ok"))
		return bytes_of(NULL, 0);
	text = bytes_from(text, 2);
	while (text.len > 0 && (text.p[0] == ' ' || text.p[0] == ':'))
		text = bytes_from(text, 1);
	word = word_at(text);
	next = word_at(bytes_from(text, word.len));
	if (bytes_to_u64(word, UINT64_MAX, &number) && looks_like_id(next))
		word = next;
	return looks_like_id(word) && word.len >= LONE_ID_MIN ? word : bytes_of(NULL, 0);
}

struct bytes
queue_id_of(struct bytes text)
{
	static const char *const before[] = {
		/* the id follows */
		"queued as ",
		"id=",
		"internalid=",
		"queued with id ",
		"message-id: ",
		"queue id ",
		" qp ",
		"queued mail for delivery",
		"ok queued ",
		"queued (",
		"accepted for delivery, id ",
	};
	static const char *const after[] = { " message accepted", " queued for delivery", " accepted for delivery" };
	struct bytes word;

	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		struct bytes mark = bytes_str(before[i]);
		size_t at = bytes_find_nocase(text, mark);

		word = word_at(bytes_from(text, at + mark.len));
		if (at < text.len && looks_like_id(word))
			return word;
	}
	for (size_t i = 0; i < ARRAY_LEN(after); i++) {
		size_t at = bytes_find_nocase(text, bytes_str(after[i]));

		word = last_word_before(text, at);
		if (at < text.len && looks_like_id(word))
			return word;
	}
	return after_ok(bytes_trim(text));
}
