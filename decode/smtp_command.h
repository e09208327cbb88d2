/* One line of the client: verb, argument, and what may be shown of it. Private to decode/. */
#ifndef DECODE_SMTP_COMMAND_H
#define DECODE_SMTP_COMMAND_H

#include "base/bytes.h"

enum smtp_verb {
#define COMMAND(id, verb, argument, phase, asked, replied) VERB_##id,
#include "decode/smtp_commands.def"
#undef COMMAND
	VERB_COUNT
};

/* What a well-formed argument looks like, and whether events may carry it. */
enum smtp_argument {
	ARGUMENT_NONE,   /* nothing may follow */
	ARGUMENT_OPEN,   /* one or more words */
	ARGUMENT_MAYBE,  /* any text or nothing */
	ARGUMENT_FROM,   /* FROM:<path> parameters */
	ARGUMENT_TO,     /* TO:<path> parameters */
	ARGUMENT_SIZE,   /* a number, then words (RFC 3030) */
	ARGUMENT_SECRET, /* a mechanism, then what nobody may see */
	ARGUMENT_HIDDEN, /* unknown verb: may be a password that went astray */
	ARGUMENT_PSEUDO, /* no command at all: cannot be sent */
};

struct smtp_command {
	enum smtp_verb verb;
	struct bytes word; /* the verb as sent */
	struct bytes argument;
};

struct smtp_path {
	struct bytes address; /* without <> and source route */
	struct bytes parameters;
	bool has_brackets;
};

struct smtp_command smtp_command_parse(struct bytes line);
/* A known verb with an argument of the right form: what follows a gap may be trusted only then. */
bool smtp_command_is_plausible(const struct smtp_command *c);
const char *smtp_verb_name(enum smtp_verb verb);  /* "" for VERB_OTHER */
struct bytes smtp_verb_word(enum smtp_verb verb); /* the same */
const char *smtp_verb_phase(enum smtp_verb verb); /* as in the phase column of knowledge/reply-codes.tsv */
enum smtp_argument smtp_verb_argument(enum smtp_verb verb);

/* The argument of MAIL or RCPT, lenient: with or without <>, blanks after the colon. */
struct smtp_path smtp_path_parse(struct bytes argument);
/* Value of a parameter such as SIZE; false when it is not there. */
bool smtp_parameter(struct bytes parameters, const char *name, struct bytes *value);
/* BDAT: false when the argument is no number. */
bool smtp_chunk_parse(struct bytes argument, uint64_t *size, bool *is_last);

#endif
