#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/tls_hold.h"

#define PIECE 1000

static void
test_one_connection(void **state)
{
	struct when when = { 1, 1 };
	size_t total = 0, n = 0;
	struct tls_hold *h = tls_hold_new(&total);
	uint8_t data[PIECE] = { 0 };

	(void)state;
	while (tls_hold_add(h, SIDE_CLIENT, bytes_of(data, sizeof(data)), 0, when))
		n++;
	assert_int_equal(n, TLS_HELD_MAX / PIECE);
	assert_true(total >= n * PIECE);
	tls_hold_free(h);
	assert_int_equal(total, 0);
}

static void
test_all_connections(void **state)
{
	enum { N = 3 * TLS_HELD_TOTAL / TLS_HELD_MAX };
	struct when when = { 1, 1 };
	struct tls_hold *holds[N];
	uint8_t *data = mem_new(TLS_HELD_MAX);
	size_t total = 0, n = 0;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		holds[i] = tls_hold_new(&total);
		n += tls_hold_add(holds[i], SIDE_SERVER, bytes_of(data, TLS_HELD_MAX), 0, when);
		assert_true(total <= TLS_HELD_TOTAL + 2 * TLS_HELD_MAX);
	}
	assert_true(n >= TLS_HELD_TOTAL / TLS_HELD_MAX / 2 && n < N);
	tls_hold_free(holds[0]);
	holds[0] = tls_hold_new(&total);
	assert_true(tls_hold_add(holds[0], SIDE_SERVER, bytes_of(data, 1), 0, when)); /* there is room again */
	for (size_t i = 0; i < N; i++)
		tls_hold_free(holds[i]);
	assert_int_equal(total, 0);
	mem_free(data);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_one_connection),
	cmocka_unit_test(test_all_connections),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
