/* What the user asked for. Order: parse, fini. Strings are borrowed from argv. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum command {
	COMMAND_DIAGNOSE,
	COMMAND_RULES,
	COMMAND_FIELDS,
	COMMAND_EXPLAIN,
	COMMAND_DEVICES,
	COMMAND_VERSION,
	COMMAND_HELP,
};

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct options {
	enum command command;
	const char *argument; /* of rules, fields, explain; NULL = none */
	const char **files;
	size_t n_files;
	const char *device; /* NULL: files */
	const char *filter, *where, *output, *write, *trace, *check;
	const char *expect; /* NULL: none */
	const char *learn;  /* NULL: a report is written */
	const char *trust;  /* NULL: the system's */
	const char *format;
	const char **rules;
	size_t n_rules;
	const char **key_logs;
	size_t n_key_logs;
	const char *extra_ports; /* as given to -p */
	uint16_t *ports;         /* mail ports: the usual ones and those of -p */
	size_t n_ports;
	uint64_t count; /* 0: all */
	enum colour colour;
	bool is_quiet, is_verbose, is_redacted, only_sessions;
	uint64_t ladder; /* number of an attempt; 0: the report */
};

/* Uses getopt, hence not thread-safe. false: e says what to do about it; call fini all the same. */
bool options_parse(struct options *o, int argc, char **argv, struct err *e) MUST_USE;
void options_fini(struct options *o);
void options_print_help(FILE *out);

#endif
