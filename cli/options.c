/* In: argv. Out: struct options, or one line that says what is wrong. Opens nothing. */
#include "cli/options.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "report/report.h"

#define PORTS_MAX 64 /* a person types them */

enum {
	OPT_FORMAT = CHAR_MAX + 1,
	OPT_COLOR,
	OPT_TRACE,
	OPT_TRUST,
	OPT_CHECK,
	OPT_LEARN,
	OPT_SHOW_SECRETS,
	OPT_REDACT,
	OPT_LADDER,
	OPT_SESSIONS,
	OPT_FOLLOW,
};

enum group { GROUP_INPUT, GROUP_JUDGE, GROUP_OUTPUT, GROUP_OTHER, N_GROUPS };

struct option_info {
	int letter;
	const char *name, *argument;
	enum group group;
	const char *help; /* NULL: of a later version */
	const char *later;
};

static const struct option_info infos[] = {
#define OPTION(letter, name, argument, group, help) { letter, name, argument, group, help, NULL },
#define LATER(letter, name, argument, what) { letter, name, argument, GROUP_OTHER, NULL, what },
#include "cli/options.def"
#undef OPTION
#undef LATER
};

#define N_INFOS ARRAY_LEN(infos)

static const uint16_t usual_ports[] = { 25, 465, 587, 2525 };

static const struct option_info *
find_info(int letter)
{
	for (size_t i = 0; i < N_INFOS; i++)
		if (infos[i].letter == letter)
			return &infos[i];
	return NULL;
}

/* What getopt wants to see: ":" first, so that it tells a missing argument from an unknown option. */
static void
describe_for_getopt(char letters[2 * N_INFOS + 2], struct option longs[N_INFOS + 1])
{
	size_t n = 0;

	letters[n++] = ':';
	for (size_t i = 0; i < N_INFOS; i++) {
		const struct option_info *info = &infos[i];

		longs[i] = (struct option){ .name = info->name,
					    .has_arg = info->argument ? required_argument : no_argument,
					    .val = info->letter };
		if (info->letter > CHAR_MAX)
			continue;
		letters[n++] = (char)info->letter;
		if (info->argument)
			letters[n++] = ':';
	}
	letters[n] = '\0';
	longs[N_INFOS] = (struct option){ 0 };
}

static bool
add_port(struct options *o, uint16_t port, struct err *e)
{
	for (size_t i = 0; i < o->n_ports; i++)
		if (o->ports[i] == port)
			return true;
	if (o->n_ports == PORTS_MAX) {
		err_set(e, "too many ports in -p, %d are possible", PORTS_MAX);
		return false;
	}
	o->ports[o->n_ports++] = port;
	return true;
}

static bool
parse_ports(struct options *o, const char *text, struct err *e)
{
	struct bytes rest = bytes_str(text);

	o->extra_ports = text;
	do {
		struct bytes one = bytes_split(&rest, ',');
		uint64_t port;

		if (!bytes_to_u64(one, UINT16_MAX, &port) || port == 0) {
			err_set(e, "'%.*s' is not a port in -p; give numbers from 1 to 65535, as in -p 1025,2526",
				(int)one.len, one.len > 0 ? (const char *)one.p : "");
			return false;
		}
		if (!add_port(o, (uint16_t)port, e))
			return false;
	} while (rest.len > 0);
	return true;
}

static bool
parse_colour(struct options *o, const char *text, struct err *e)
{
	static const char *const names[] = { "auto", "always", "never" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			o->colour = (enum colour)i;
			return true;
		}
	}
	err_set(e, "'%s' is no value for --color; use auto, always or never", text);
	return false;
}

static bool
parse_count(struct options *o, const char *text, struct err *e)
{
	if (bytes_to_u64(bytes_str(text), UINT64_MAX / 2, &o->count) && o->count > 0)
		return true;
	err_set(e, "'%s' is not a number of packets; use -c 1000", text);
	return false;
}

static bool
parse_ladder(struct options *o, const char *text, struct err *e)
{
	if (bytes_to_u64(bytes_str(text), UINT64_MAX / 2, &o->ladder) && o->ladder > 0)
		return true;
	err_set(e, "'%s' is not the number of an attempt; --sessions lists them", text);
	return false;
}

static bool
parse_format(struct options *o, const char *text, struct err *e)
{
	o->format = text;
	if (report_format_is_known(text))
		return true;
	err_set(e, "unknown format '%s'; formats are: %s", text, report_format_names());
	return false;
}

static bool
parse_device(struct options *o, const char *text, struct err *e)
{
	if (o->device) {
		err_set(e, "only one -i is possible; -i any captures on all interfaces");
		return false;
	}
	o->device = text;
	return true;
}

static bool
parse_expect(struct options *o, const char *text, struct err *e)
{
	if (o->expect) {
		err_set(e, "only one -e is possible; a settings file may hold several documents");
		return false;
	}
	o->expect = text;
	return true;
}

/* Where the argument is kept, of options that keep it as it is. */
static const char **
place_of(struct options *o, int letter)
{
	switch (letter) {
	case 'f':
		return &o->filter;
	case 'Y':
		return &o->where;
	case 'o':
		return &o->output;
	case 'w':
		return &o->write;
	case OPT_TRACE:
		return &o->trace;
	case OPT_TRUST:
		return &o->trust;
	case OPT_LEARN:
		return &o->learn;
	case OPT_CHECK:
		return &o->check;
	default:
		return NULL;
	}
}

/* How the report looks. */
static bool
apply_output(struct options *o, int letter, const char *argument, struct err *e)
{
	switch (letter) {
	case OPT_FORMAT:
		return parse_format(o, argument, e);
	case OPT_COLOR:
		return parse_colour(o, argument, e);
	case OPT_LADDER:
		return parse_ladder(o, argument, e);
	case OPT_SESSIONS:
		o->only_sessions = true;
		return true;
	case OPT_REDACT:
		o->is_redacted = true;
		return true;
	case 'q':
	case 'v': /* the last one wins */
		o->is_quiet = letter == 'q';
		o->is_verbose = letter == 'v';
		return true;
	default: /* an option of a later version */
		err_set(e, "--%s is not supported yet: %s comes with a later version", find_info(letter)->name,
			find_info(letter)->later);
		return false;
	}
}

/* With apply_output, the only place that knows what each option does. */
static bool
apply(struct options *o, int letter, const char *argument, struct err *e)
{
	const char **place = place_of(o, letter);

	if (place) {
		*place = argument;
		return true;
	}
	switch (letter) {
	case 'r':
		o->files[o->n_files++] = argument;
		return true;
	case 'k':
		o->key_logs[o->n_key_logs++] = argument;
		return true;
	case 'R':
		o->rules[o->n_rules++] = argument;
		return true;
	case 'i':
		return parse_device(o, argument, e);
	case 'p':
		return parse_ports(o, argument, e);
	case 'c':
		return parse_count(o, argument, e);
	case 'e':
		return parse_expect(o, argument, e);
	case 'D':
	case 'V':
	case 'h':
		o->command = letter == 'D' ? COMMAND_DEVICES : letter == 'V' ? COMMAND_VERSION : COMMAND_HELP;
		return true;
	default:
		return apply_output(o, letter, argument, e);
	}
}

/* getopt's '?' and ':' as a sentence. */
static void
refuse(int result, char **argv, struct err *e)
{
	const struct option_info *info = optopt != 0 ? find_info(optopt) : NULL;

	if (result == ':' && info)
		err_set(e, "%s needs an argument: --%s %s", argv[optind - 1], info->name, info->argument);
	else if (info && !info->argument)
		err_set(e, "--%s takes no argument", info->name);
	else if (optopt != 0 && optopt <= CHAR_MAX)
		err_set(e, "unknown option '-%c'; smtptrace --help lists them", optopt);
	else
		err_set(e, "unknown or ambiguous option '%s'; smtptrace --help lists them", argv[optind - 1]);
}

static bool
parse_operands(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct {
		const char *word;
		enum command command;
	} words[] = {
		{ "rules", COMMAND_RULES },
		{ "fields", COMMAND_FIELDS },
		{ "explain", COMMAND_EXPLAIN },
	};
	int first = optind;
	size_t i = ARRAY_LEN(words);

	if (first < argc && o->n_files == 0 && !o->device)
		for (i = 0; i < ARRAY_LEN(words) && strcmp(argv[first], words[i].word) != 0; i++)
			;
	if (i == ARRAY_LEN(words)) {
		while (first < argc)
			o->files[o->n_files++] = argv[first++];
		return true;
	}
	o->command = words[i].command;
	o->argument = ++first < argc ? argv[first++] : NULL;
	if (first < argc) {
		err_set(e, "'%s' is one argument too many for smtptrace %s", argv[first], words[i].word);
		return false;
	}
	if (o->command == COMMAND_EXPLAIN && !o->argument) {
		err_set(e, "explain needs the id of a finding; smtptrace rules lists them");
		return false;
	}
	return true;
}

static bool
check_output(const struct options *o, struct err *e)
{
	if (o->write && o->learn)
		err_set(e, "give either -w or --learn: settings flag no packets");
	else if (o->write && o->is_redacted)
		err_set(e,
			"--redact does not change packets yet: write them with -w in a run of its own, or not at all");
	else if (o->is_redacted && (o->learn || o->expect))
		err_set(e, "--redact goes with neither -e nor --learn: settings name mail users");
	else if (o->write && strcmp(o->write, "-") == 0)
		err_set(e, "-w needs the name of a file: standard output has the report");
	else if (o->write && o->output && strcmp(o->write, o->output) == 0)
		err_set(e, "-w and -o name the same file '%s'; give them different ones", o->write);
	else
		return true;
	return false;
}

static bool
check_input(const struct options *o, struct err *e)
{
	size_t n_stdin = 0;

	for (size_t i = 0; i < o->n_files; i++)
		n_stdin += strcmp(o->files[i], "-") == 0;
	if (o->check && o->command != COMMAND_RULES)
		err_set(e, "--check goes with rules: smtptrace rules --check FILE");
	else if (o->command != COMMAND_DIAGNOSE)
		return true;
	else if (o->learn && o->expect)
		err_set(e, "give either -e or --learn: settings are compared with, or learnt");
	else if (o->learn && o->output)
		err_set(e, "--learn writes no report, so there is nothing for -o");
	else if ((o->ladder > 0 || o->only_sessions) && strcmp(o->format, "text") != 0)
		err_set(e, "--%s is text; it does not go with --format %s", o->ladder > 0 ? "ladder" : "sessions",
			o->format);
	else if (o->ladder > 0 && o->only_sessions)
		err_set(e, "give either --ladder or --sessions");
	else if (n_stdin > 1)
		err_set(e, "standard input (-) can be read only once");
	else if (o->device && o->n_files > 0)
		err_set(e, "give either capture files or -i %s, not both", o->device);
	else if (!o->device && o->n_files == 0)
		err_set(
		    e, "nothing to read: give a capture file, - for standard input, or -i IFACE; see smtptrace --help");
	else
		return true;
	return false;
}

bool
options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	char letters[2 * N_INFOS + 2];
	struct option longs[N_INFOS + 1];
	int letter;

	*o = (struct options){ .format = "text" };
	o->files = mem_new_array((size_t)argc + 1, sizeof(*o->files)); /* there cannot be more than arguments */
	o->rules = mem_new_array((size_t)argc + 1, sizeof(*o->rules));
	o->key_logs = mem_new_array((size_t)argc + 1, sizeof(*o->key_logs));
	o->ports = mem_new_array(PORTS_MAX, sizeof(*o->ports));
	memcpy(o->ports, usual_ports, sizeof(usual_ports));
	o->n_ports = ARRAY_LEN(usual_ports);
	describe_for_getopt(letters, longs);
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (letter == '?' || letter == ':') {
			refuse(letter, argv, e);
			return false;
		}
		if (!apply(o, letter, optarg, e))
			return false;
		if (letter == 'h' || letter == 'V')
			return true;
	}
	return parse_operands(o, argc, argv, e) && check_input(o, e) && check_output(o, e);
}

void
options_fini(struct options *o)
{
	mem_free(o->files);
	mem_free(o->rules);
	mem_free(o->key_logs);
	mem_free(o->ports);
	*o = (struct options){ 0 };
}

static void
print_option(FILE *out, const struct option_info *info)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%c --%s%s%s", info->letter <= CHAR_MAX ? '-' : ' ',
		 info->letter <= CHAR_MAX ? info->letter : ' ', info->letter <= CHAR_MAX ? ',' : ' ', info->name,
		 info->argument ? " " : "", info->argument ? info->argument : "");
	fprintf(out, "  %-23s %s\n", left, info->help);
}

void
options_print_help(FILE *out)
{
	static const char *const titles[N_GROUPS] = { "Input", "What is judged", "Report", "Other" };

	fputs("smtptrace reads packets and says why mail did not go out, who has to act, and what proves it.\n"
	      "\n"
	      "  smtptrace [options] FILE...        diagnose captures; several files are one timeline\n"
	      "  smtptrace [options] -i IFACE       capture live until Ctrl-C, then diagnose\n"
	      "  smtptrace rules [ID]               list the findings it knows, or show one\n"
	      "  smtptrace explain ID               what a finding means and what to do\n"
	      "  smtptrace fields [NAME]            list the facts that -Y and rules can use\n",
	      out);
	for (enum group g = 0; g < N_GROUPS; g++) {
		fprintf(out, "\n%s\n", titles[g]);
		for (size_t i = 0; i < N_INFOS; i++)
			if (infos[i].group == g && infos[i].help)
				print_option(out, &infos[i]);
	}
	fputs("\nExamples\n"
	      "  smtptrace customer.pcap\n"
	      "  smtptrace -q -Y 'server.port == 587' monday.pcap.gz tuesday.pcap.gz\n"
	      "  smtptrace --format json -o report.json customer.pcapng\n"
	      "  sudo smtptrace -i eth0\n"
	      "  ssh gateway tcpdump -U -s 0 -w - -i eth0 tcp or icmp or icmp6 | smtptrace -\n"
	      "\nExit status: 0 nothing wrong found, 1 mail failed, 2 input or options could not be used.\n",
	      out);
}
