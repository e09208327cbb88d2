#include "fixture.h"

#include "report/wire.h"

/* Prints an exact-size heap copy, so that a byte read too far is caught. */
static void
check(const char *text, size_t len, const char *want)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct sink s;
	struct buf b;

	memcpy(copy, text, len);
	sink_open(&s);
	print_wire(s.file, bytes_of(copy, len));
	fflush(s.file);
	assert_string_equal(s.text, want);
	sink_close(&s);
	buf_init(&b, 1000);
	wire_escape(&b, bytes_of(copy, len));
	assert_string_equal(buf_str(&b), want);
	buf_fini(&b);
	free(copy);
}

static void
printable_ascii_passes(void **state)
{
	(void)state;
	check("", 0, "");
	check("250 2.1.5 Ok <bob@example.net> ~", 32, "250 2.1.5 Ok <bob@example.net> ~");
}

static void
everything_else_is_escaped(void **state)
{
	(void)state;
	check("\033[2J\007", 5, "\\x1b[2J\\x07");
	check("a\r\nb\t", 5, "a\\x0d\\x0ab\\x09");
	check("a\0b\x7f", 4, "a\\x00b\\x7f");
	check("caf\xc3\xa9 \xe2\x80\xae", 9, "caf\\xc3\\xa9 \\xe2\\x80\\xae");
	check("\xff\xfe", 2, "\\xff\\xfe");
	check("\\x1b", 4, "\\\\x1b");
}

static void
every_byte_becomes_printable(void **state)
{
	char unit[WIRE_UNIT_MAX];

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		size_t n = wire_unit((uint8_t)byte, unit);

		assert_true(n >= 1 && n <= WIRE_UNIT_MAX);
		for (size_t i = 0; i < n; i++)
			assert_true(unit[i] >= ' ' && unit[i] <= '~');
	}
}

static void
check_cut(const char *text, size_t max, const char *want)
{
	struct sink s;

	sink_open(&s);
	print_wire_cut(s.file, bytes_str(text), max);
	fflush(s.file);
	assert_string_equal(s.text, want);
	sink_close(&s);
}

static void
long_text_ends_in_dots(void **state)
{
	(void)state;
	check_cut("abcdef", 6, "abcdef");
	check_cut("abcdefg", 6, "abc...");
	check_cut("ab\033efgh", 8, "ab..."); /* an escape is not split */
	check_cut("ab\033efgh", 9, "ab\\x1b...");
	check_cut("abcdef", 2, "..");
	check_cut("abcdef", 0, "");
}

static void
prose_keeps_no_line_breaks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	wire_escape_prose(&b, bytes_str("One line,\n  another.\n\nEnd\033\n"));
	assert_string_equal(buf_str(&b), "One line, another. End\\x1b");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printable_ascii_passes),       cmocka_unit_test(everything_else_is_escaped),
		cmocka_unit_test(every_byte_becomes_printable), cmocka_unit_test(long_text_ends_in_dots),
		cmocka_unit_test(prose_keeps_no_line_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
