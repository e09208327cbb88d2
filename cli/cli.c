/* In: argv. Out: exit status. The only code that prints errors. */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "capture/devices.h"
#include "cli/options.h"
#include "cli/run.h"
#include "decode/facts.h"
#include "rules/rules.h"

static const char *
type_name(enum fact_type type)
{
	static const char *const names[] = {
		[FACT_BOOL] = "bool", [FACT_INT] = "int",         [FACT_SECONDS] = "seconds",
		[FACT_TEXT] = "text", [FACT_ADDRESS] = "address",
	};

	return names[type];
}

static const char *
scope_name(enum fact_scope scope)
{
	static const char *const names[] = {
		[SCOPE_SESSION] = "session", [SCOPE_REPLY] = "reply",           [SCOPE_RECIPIENT] = "recipient",
		[SCOPE_MESSAGE] = "message", [SCOPE_DIFFERENCE] = "difference", [SCOPE_CAPTURE] = "capture",
		[SCOPE_FINDING] = "finding",
	};

	return names[scope];
}

static bool
print_fields(const char *name, FILE *out, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < FACT_COUNT; i++) {
		const struct fact_info *info = &fact_infos[i];
		size_t len = name ? strlen(name) : 0;

		/* "tcp.reset" names tcp.reset.ttl as well, but "tcp.re" does not. */
		if (len > 0 &&
		    (strncmp(info->name, name, len) != 0 || (info->name[len] != '\0' && info->name[len] != '.')))
			continue;
		fprintf(out, "%-29s %-8s %-10s %s\n", info->name, type_name(info->type), scope_name(info->scope),
			info->doc);
		n++;
	}
	if (n == 0)
		err_set(e, "no field is called '%s'; smtptrace fields lists them", name);
	return n > 0;
}

static bool
check_rules(const char *path, FILE *out, struct err *e)
{
	struct rules *rules = rules_new_builtin();
	bool is_fine = rules_load(rules, path, e);

	if (is_fine)
		fprintf(out, "%s: no errors\n", path);
	rules_free(rules);
	return is_fine;
}

static bool
print_rules(const struct options *o, FILE *out, struct err *e)
{
	struct rules *rules = rules_new_builtin();
	bool is_fine = true;

	for (size_t i = 0; i < o->n_rules && is_fine; i++)
		is_fine = rules_load(rules, o->rules[i], e);
	if (is_fine && !o->argument)
		rules_list(rules, out);
	else if (is_fine && !rules_print(rules, o->argument, out)) {
		err_set(e, "no rule is called '%s'; smtptrace rules lists them", o->argument);
		is_fine = false;
	}
	rules_free(rules);
	return is_fine;
}

static bool
do_command(const struct options *o, int *status, struct err *e)
{
	switch (o->command) {
	case COMMAND_RULES:
	case COMMAND_EXPLAIN:
		return o->check ? check_rules(o->check, stdout, e) : print_rules(o, stdout, e);
	case COMMAND_FIELDS:
		return print_fields(o->argument, stdout, e);
	case COMMAND_DEVICES:
		return devices_list(stdout, e);
	case COMMAND_VERSION:
		puts("smtptrace " SMTPTRACE_VERSION);
		return true;
	case COMMAND_HELP:
		options_print_help(stdout);
		return true;
	case COMMAND_DIAGNOSE:
		break;
	}
	return run_diagnose(o, status, e);
}

int
cli_main(int argc, char **argv)
{
	struct options o;
	struct err e = { "" };
	int status = CLI_OK;
	bool is_fine;

	signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error like a full disk, with a line that says so */
	is_fine = options_parse(&o, argc, argv, &e) && do_command(&o, &status, &e);
	errno = 0;
	if (is_fine && (fflush(stdout) != 0 || ferror(stdout))) {
		err_set(&e, "cannot write to standard output: %s", strerror(errno != 0 ? errno : EIO));
		is_fine = false;
	}
	if (!is_fine) {
		fprintf(stderr, "smtptrace: %s\n", e.text);
		status = CLI_UNUSABLE;
	}
	options_fini(&o);
	return status;
}
