/* Loads a key log and looks its secrets up. usage: bench_tls_keys FILE
 * Prints seconds to load, kB of memory that it costs, and nanoseconds per look that finds and that does not. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/hash.h"
#include "decode/tls_keys.h"

#define LOOKS 1000000

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long
memory_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* The random of line i, as tls.py writes it: its number, and zeros. */
static double
look(const struct tls_keys *keys, uint32_t n, uint32_t first, unsigned *n_found)
{
	double start = now();

	for (uint32_t i = 0; i < LOOKS; i++) {
		uint32_t line = first + (uint32_t)(hash_bytes(bytes_of(&i, sizeof(i))) % n);
		uint8_t random[32] = { (uint8_t)(line >> 24), (uint8_t)(line >> 16), (uint8_t)(line >> 8),
				       (uint8_t)line };
		struct bytes secret;

		*n_found += tls_keys_find(keys, TLS_SECRET_MASTER, random, &secret);
	}
	return (now() - start) / LOOKS * 1e9;
}

int
main(int argc, char **argv)
{
	struct tls_keys *keys = tls_keys_new();
	unsigned n_found = 0, n_wrong = 0;
	long before = memory_kb();
	double start = now(), loaded, hit, miss;
	struct err e;

	if (argc != 2 || !tls_keys_add_file(keys, argv[1], &e)) {
		fprintf(stderr, "%s\n", argc == 2 ? e.text : "usage: bench_tls_keys FILE");
		return 2;
	}
	loaded = now() - start;
	hit = look(keys, (uint32_t)tls_keys_version(keys), 0, &n_found);
	miss = look(keys, (uint32_t)tls_keys_version(keys), 1u << 31, &n_wrong);
	printf("%llu %.3f %ld %.0f %.0f\n", (unsigned long long)tls_keys_version(keys), loaded, memory_kb() - before,
	       hit, miss);
	tls_keys_free(keys);
	return n_found == LOOKS && n_wrong == 0 ? 0 : 1;
}
