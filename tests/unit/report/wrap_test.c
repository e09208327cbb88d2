#include "fixture.h"

#include "report/wrap.h"

static void
check_lines(const char *text, size_t width)
{
	size_t column = 0;

	for (; *text != '\0'; text++) {
		column = *text == '\n' ? 0 : column + 1;
		assert_true(column <= width);
	}
}

static void
words_are_wrapped_and_indented(void **state)
{
	struct sink s;
	struct wrap w;

	(void)state;
	sink_open(&s);
	wrap_init(&w, s.file, 40, false);
	wrap_begin(&w, 2, 4);
	wrap_str(&w, "The quick brown fox jumps over the lazy dog  and\nruns away");
	wrap_glue(&w, ".");
	wrap_end(&w);
	fflush(s.file);
	assert_string_equal(s.text, "  The quick brown fox jumps over the\n    lazy dog and runs away.\n");
	sink_close(&s);
}

static void
a_word_that_fits_exactly_stays(void **state)
{
	struct sink s;
	struct wrap w;

	(void)state;
	sink_open(&s);
	wrap_init(&w, s.file, 40, false);
	wrap_begin(&w, 0, 2);
	wrap_str(&w, "12345678901234567890123456789 1234567890");
	wrap_str(&w, "x");
	wrap_end(&w);
	fflush(s.file);
	assert_string_equal(s.text, "12345678901234567890123456789 1234567890\n  x\n");
	sink_close(&s);
}

static void
long_words_are_broken(void **state)
{
	struct sink s;
	struct wrap w;
	char word[500];

	(void)state;
	memset(word, 0x1b, sizeof(word)); /* four columns each */
	sink_open(&s);
	wrap_init(&w, s.file, 41, false);
	wrap_begin(&w, 2, 4);
	wrap_str(&w, "say");
	wrap_words(&w, bytes_of(word, sizeof(word)));
	wrap_raw(&w, bytes_of(word, sizeof(word)));
	wrap_end(&w);
	fflush(s.file);
	check_lines(s.text, 41);
	assert_null(memchr(s.text, 0x1b, s.len));
	assert_non_null(strstr(s.text, "...\n"));
	sink_close(&s);
}

static void
columns_line_up(void **state)
{
	struct sink s;
	struct wrap w;

	(void)state;
	sink_open(&s);
	wrap_init(&w, s.file, 60, false);
	wrap_begin(&w, 2, 10);
	wrap_str(&w, "ab");
	wrap_to(&w, 10);
	wrap_raw(&w, bytes_str("c d"));
	wrap_to(&w, 12); /* passed already */
	wrap_str(&w, "e");
	wrap_end(&w);
	fflush(s.file);
	assert_string_equal(s.text, "  ab      c d\n            e\n");
	sink_close(&s);
}

static void
colour_takes_no_columns(void **state)
{
	struct sink s;
	struct wrap w;

	(void)state;
	sink_open(&s);
	wrap_init(&w, s.file, 40, true);
	wrap_begin(&w, 0, 0);
	wrap_style(&w, STYLE_BAD);
	wrap_str(&w, "no");
	wrap_style(&w, STYLE_PLAIN);
	wrap_to(&w, 4);
	wrap_str(&w, "x");
	wrap_end(&w);
	fflush(s.file);
	assert_string_equal(s.text, "\033[1;31mno\033[0m  x\n");
	sink_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_wrapped_and_indented), cmocka_unit_test(a_word_that_fits_exactly_stays),
		cmocka_unit_test(long_words_are_broken),          cmocka_unit_test(columns_line_up),
		cmocka_unit_test(colour_takes_no_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
