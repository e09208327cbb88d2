/* In: a line without its line end. Out: its parts, borrowed from it. Keeps no state. */
#include "decode/smtp_command.h"

#include <string.h>

static const struct {
	const char *name;
	enum smtp_argument argument;
	const char *phase;
	uint8_t len;
} verbs[] = {
#define COMMAND(id, verb, argument, phase, asked, replied) { verb, ARGUMENT_##argument, phase, sizeof(verb) - 1 },
#include "decode/smtp_commands.def"
#undef COMMAND
};

#define CHUNK_MAX (UINT64_C(1) << 50) /* more than any connection carries; keeps sums far from overflow */

#define FIRST 4 /* letters that every verb has */

/* In upper case. No other byte becomes a letter. */
static uint32_t
first_letters(const void *word)
{
	uint32_t letters;

	memcpy(&letters, word, FIRST);
	return letters & UINT32_C(0xdfdfdfdf);
}

static enum smtp_verb
find_verb(struct bytes word)
{
	uint32_t letters;

	if (word.len < FIRST)
		return VERB_OTHER;
	letters = first_letters(word.p);
	for (unsigned i = 0; i < VERB_GREETING; i++) {
		if (verbs[i].len == word.len && first_letters(verbs[i].name) == letters &&
		    (word.len == FIRST || bytes_is_word(word, verbs[i].name)))
			return (enum smtp_verb)i;
	}
	return VERB_OTHER;
}

struct smtp_command
smtp_command_parse(struct bytes line)
{
	struct smtp_command c = { VERB_OTHER, { NULL, 0 }, { NULL, 0 } };
	struct bytes rest = bytes_trim(line);
	size_t end = 0;

	while (end < rest.len && !bytes_is_blank(rest.p[end]))
		end++;
	c.word = bytes_head(rest, end);
	c.argument = bytes_trim(bytes_from(rest, end));
	c.verb = find_verb(c.word);
	return c;
}

static bool
is_path(struct bytes argument, const char *keyword)
{
	return bytes_starts_nocase(argument, keyword) &&
	       bytes_trim(bytes_from(argument, bytes_str(keyword).len)).len > 0;
}

bool
smtp_command_is_plausible(const struct smtp_command *c)
{
	uint64_t size;
	bool is_last;

	switch (verbs[c->verb].argument) {
	case ARGUMENT_NONE:
		return c->argument.len == 0;
	case ARGUMENT_MAYBE:
		return true;
	case ARGUMENT_OPEN:
	case ARGUMENT_SECRET:
		return c->argument.len > 0;
	case ARGUMENT_FROM:
		return is_path(c->argument, "FROM:");
	case ARGUMENT_TO:
		return is_path(c->argument, "TO:");
	case ARGUMENT_SIZE:
		return smtp_chunk_parse(c->argument, &size, &is_last);
	case ARGUMENT_HIDDEN:
	case ARGUMENT_PSEUDO:
		break;
	}
	return false;
}

const char *
smtp_verb_name(enum smtp_verb verb)
{
	return verbs[verb].name;
}

struct bytes
smtp_verb_word(enum smtp_verb verb)
{
	return bytes_of(verbs[verb].name, verbs[verb].len);
}

const char *
smtp_verb_phase(enum smtp_verb verb)
{
	return verbs[verb].phase;
}

enum smtp_argument
smtp_verb_argument(enum smtp_verb verb)
{
	return verbs[verb].argument;
}

/* Offset of the '>' that closes a path; quoted parts of the local part may hold one (RFC 5321 4.1.2). */
static size_t
path_end(struct bytes path)
{
	bool is_quoted = false;

	if (bytes_find(path, '"') == path.len) /* nearly always */
		return bytes_find(path, '>');
	for (size_t i = 0; i < path.len; i++) {
		if (path.p[i] == '\\' && is_quoted)
			i++;
		else if (path.p[i] == '"')
			is_quoted = !is_quoted;
		else if (path.p[i] == '>' && !is_quoted)
			return i;
	}
	return bytes_find(path, '>');
}

struct smtp_path
smtp_path_parse(struct bytes argument)
{
	struct smtp_path path = { { NULL, 0 }, { NULL, 0 }, false };
	struct bytes rest = argument;

	bytes_split(&rest, ':');
	rest = bytes_trim(rest);
	path.has_brackets = rest.len > 0 && rest.p[0] == '<';
	if (path.has_brackets) {
		size_t end;

		rest = bytes_from(rest, 1);
		end = path_end(rest);
		path.address = bytes_trim(bytes_head(rest, end));
		path.parameters = bytes_trim(bytes_from(rest, end + 1));
	} else {
		path.address = bytes_split(&rest, ' ');
		path.parameters = bytes_trim(rest);
	}
	if (path.address.len > 0 && path.address.p[0] == '@' && bytes_find(path.address, ':') < path.address.len)
		path.address = bytes_from(path.address, bytes_find(path.address, ':') + 1);
	return path;
}

bool
smtp_parameter(struct bytes parameters, const char *name, struct bytes *value)
{
	size_t len = strlen(name);

	while (parameters.len > 0) {
		struct bytes one = bytes_split(&parameters, ' ');

		if ((one.len == len || (one.len > len && one.p[len] == '=')) &&
		    bytes_is_word(bytes_head(one, len), name)) {
			*value = bytes_from(one, len + 1);
			return true;
		}
	}
	return false;
}

bool
smtp_chunk_parse(struct bytes argument, uint64_t *size, bool *is_last)
{
	struct bytes number = bytes_split(&argument, ' ');

	*is_last = bytes_is_word(bytes_trim(argument), "LAST");
	return bytes_to_u64(number, CHUNK_MAX, size);
}
