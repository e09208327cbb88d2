#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/buf.h"
#include "cli/options.h"

#define WORDS_MAX 16

/* Cuts a line at blanks into argv; _ stands for an empty argument. */
static int
split(char *line, char *argv[WORDS_MAX])
{
	int argc = 0;

	for (char *word = strtok(line, " "); word && argc < WORDS_MAX - 1; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "_") == 0 ? word + 1 : word;
	argv[argc] = NULL;
	return argc;
}

static void
add(struct buf *b, const char *key, const char *value)
{
	if (value)
		buf_addf(b, " %s=%s", key, value);
}

/* Everything that differs from the defaults, in one line. */
static void
render(const struct options *o, struct buf *b)
{
	static const char *const commands[] = { "", " rules", " fields", " explain", " devices", " version", " help" };
	static const char *const colours[] = { NULL, "always", "never" };

	buf_add_str(b, commands[o->command]);
	add(b, "argument", o->argument);
	for (size_t i = 0; i < o->n_files; i++)
		add(b, "file", o->files[i]);
	for (size_t i = 0; i < o->n_rules; i++)
		add(b, "rules", o->rules[i]);
	for (size_t i = 0; i < o->n_key_logs; i++)
		add(b, "keylog", o->key_logs[i]);
	add(b, "device", o->device);
	add(b, "filter", o->filter);
	add(b, "where", o->where);
	add(b, "format", strcmp(o->format, "text") == 0 ? NULL : o->format);
	add(b, "output", o->output);
	add(b, "trace", o->trace);
	add(b, "check", o->check);
	add(b, "color", colours[o->colour]);
	for (size_t i = 4; i < o->n_ports; i++)
		buf_addf(b, " port=%u", o->ports[i]);
	if (o->count > 0)
		buf_addf(b, " count=%llu", (unsigned long long)o->count);
	if (o->ladder > 0)
		buf_addf(b, " ladder=%llu", (unsigned long long)o->ladder);
	if (o->only_sessions)
		buf_add_str(b, " sessions");
	if (o->is_quiet)
		buf_add_str(b, " quiet");
	if (o->is_verbose)
		buf_add_str(b, " verbose");
}

static const struct {
	const char *argv, *want; /* want: rendered options, or "!" and a part of the error line */
} rows[] = {
	{ "a.pcap", " file=a.pcap" },
	{ "a.pcap -v b.pcap", " file=a.pcap file=b.pcap verbose" },
	{ "-r a.pcap -", " file=a.pcap file=-" },
	{ "-- -odd-name", " file=-odd-name" },
	{ "./rules", " file=./rules" },
	{ "-i eth0 -f tcp -c 10", " device=eth0 filter=tcp count=10" },
	{ "-p 1025,25,2526 a", " file=a port=1025 port=2526" },
	{ "-Y server.port==25 -R x.yaml -R y a", " file=a rules=x.yaml rules=y where=server.port==25" },
	{ "-k a.keys --keylog b.keys a", " file=a keylog=a.keys keylog=b.keys" },
	{ "--format json -o out a", " file=a format=json output=out" },
	{ "--format=ndjson a", " file=a format=ndjson" },
	{ "--color=never --trace t a", " file=a trace=t color=never" },
	{ "-q -v a", " file=a verbose" },
	{ "-v -q a", " file=a quiet" },
	{ "rules", " rules" },
	{ "rules port-closed", " rules argument=port-closed" },
	{ "-R x.yaml rules", " rules rules=x.yaml" },
	{ "rules --check x.yaml", " rules check=x.yaml" },
	{ "fields smtp", " fields argument=smtp" },
	{ "explain port-closed", " explain argument=port-closed" },
	{ "-r rules fields", " file=rules file=fields" },
	{ "-D", " devices" },
	{ "-V", " version" },
	{ "-h", " help" },
	{ "--help --nonsense", " help" },
	{ "", "!nothing to read" },
	{ "-i eth0 a.pcap", "!not both" },
	{ "-i eth0 -i eth1", "!only one -i" },
	{ "- -", "!only once" },
	{ "-x a", "!unknown option '-x'" },
	{ "--nonsense a", "!'--nonsense'" },
	{ "--verbose=1 a", "!--verbose takes no argument" },
	{ "a -f", "!-f needs an argument: --filter BPF" },
	{ "a -k", "!-k needs an argument: --keylog FILE" },
	{ "--format pdf a", "!formats are: text, json, ndjson, html, markdown, csv" },
	{ "--format html a", " file=a format=html" },
	{ "--sessions a", " file=a sessions" },
	{ "--ladder 7 a", " file=a ladder=7" },
	{ "--ladder 0 a", "!'0' is not the number of an attempt" },
	{ "--ladder x a", "!'x' is not the number of an attempt" },
	{ "--ladder 7 --sessions a", "!give either --ladder or --sessions" },
	{ "--ladder 7 --format json a", "!--ladder is text; it does not go with --format json" },
	{ "--sessions --format csv a", "!--sessions is text; it does not go with --format csv" },
	{ "--color=blue a", "!use auto, always or never" },
	{ "-c 0 a", "!not a number of packets" },
	{ "-c -1 a", "!not a number of packets" },
	{ "-p 0 a", "!'0' is not a port" },
	{ "-p 65536 a", "!'65536' is not a port" },
	{ "-p 25;26 a", "!is not a port" },
	{ "-p _ a", "!is not a port" },
	{ "explain", "!needs the id" },
	{ "fields a b", "!one argument too many" },
	{ "--check x a", "!rules --check" },
	{ "-e a -e b c", "!only one -e" },
	{ "-e a --learn b c", "!either -e or --learn" },
	{ "-o a --learn b c", "!nothing for -o" },
	{ "-w - a", "!-w needs the name of a file" },
	{ "-w out -o out a", "!name the same file" },
	{ "--show-secrets a", "!not supported yet" },
	{ "--redact -w out a", "!--redact does not change packets yet" },
	{ "--redact -e b a", "!settings name mail users" },
	{ "--redact --learn b a", "!settings name mail users" },
	{ "--follow -i eth0", "!not supported yet" },
};

static void
check_row(size_t i)
{
	char line[200], *argv[WORDS_MAX];
	struct options o;
	struct err e = { "" };
	struct buf b;
	int argc;

	snprintf(line, sizeof(line), "smtptrace %s", rows[i].argv);
	argc = split(line, argv);
	buf_init(&b, 1000);
	if (options_parse(&o, argc, argv, &e))
		render(&o, &b);
	if (rows[i].want[0] == '!' && !strstr(e.text, rows[i].want + 1))
		fail_msg("'%s' gives '%s'", rows[i].argv, e.text);
	else if (rows[i].want[0] != '!' && (e.text[0] != '\0' || strcmp(buf_str(&b), rows[i].want) != 0))
		fail_msg("'%s' gives '%s' %s", rows[i].argv, buf_str(&b), e.text);
	options_fini(&o);
	buf_fini(&b);
}

static void
argv_becomes_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(i);
}

static void
help_fits_a_terminal(void **state)
{
	char *text = NULL;
	size_t len = 0, column = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	options_print_help(f);
	fclose(f);
	for (size_t i = 0; i < len; i++) {
		column = text[i] == '\n' ? 0 : column + 1;
		if (column > 100)
			fail_msg("line too long before: %.60s", text + i);
	}
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(argv_becomes_options),
		cmocka_unit_test(help_fits_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
