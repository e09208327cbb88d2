#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/output.h"

static char *
new_file(const char *content)
{
	char *path = strdup("/tmp/smtptrace-output-test-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	return path;
}

static void
check_content(const char *path, const char *want)
{
	char text[100] = "";
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	assert_string_equal(text, want);
	close(fd);
}

static void
a_file_is_kept_until_the_report_begins(void **state)
{
	char *path = new_file("an old and longer report");
	struct options o = { .output = path };
	struct err e = { "" };
	struct output out;

	(void)state;
	assert_true(output_open(&out, &o, &e));
	check_content(path, "an old and longer report");
	assert_false(out.use_colour);
	assert_int_equal(out.width, 80);
	assert_true(output_begin(&out, &e));
	fputs("new", out.file);
	assert_true(output_end(&out, &e));
	check_content(path, "new");
	unlink(path);
	free(path);
}

static void
the_capture_is_not_overwritten(void **state)
{
	char *path = new_file("packets");
	const char *files[] = { path };
	struct options o = { .output = path, .files = files, .n_files = 1 };
	struct err e = { "" };
	struct output out;

	(void)state;
	assert_false(output_open(&out, &o, &e));
	assert_non_null(strstr(e.text, "overwrite the capture"));
	check_content(path, "packets");
	unlink(path);
	free(path);
}

static void
a_wrong_place_is_said_at_once(void **state)
{
	struct options o = { .output = "/nonexistent/report" };
	struct err e = { "" };
	struct output out;

	(void)state;
	assert_false(output_open(&out, &o, &e));
	assert_non_null(strstr(e.text, "/nonexistent/report"));
}

static void
a_full_disk_is_an_error(void **state)
{
	struct options o = { .output = "/dev/full" };
	struct err e = { "" };
	struct output out;

	(void)state;
	assert_true(output_open(&out, &o, &e));
	assert_true(output_begin(&out, &e));
	fputs("text", out.file);
	assert_false(output_end(&out, &e));
	assert_non_null(strstr(e.text, "No space left"));
}

static void
colour_follows_the_wish(void **state)
{
	struct options o = { .output = "/dev/null", .colour = COLOUR_ALWAYS };
	struct err e = { "" };
	struct output out;

	(void)state;
	setenv("NO_COLOR", "1", 1);
	assert_true(output_open(&out, &o, &e));
	assert_true(out.use_colour); /* what is asked for on the command line wins */
	assert_true(output_end(&out, &e));
	o.colour = COLOUR_NEVER;
	assert_true(output_open(&out, &o, &e));
	assert_false(out.use_colour);
	assert_true(output_end(&out, &e));
	unsetenv("NO_COLOR");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_kept_until_the_report_begins),
		cmocka_unit_test(the_capture_is_not_overwritten),
		cmocka_unit_test(a_wrong_place_is_said_at_once),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(colour_follows_the_wish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
