/* Counts how often things went well and badly per key (an address, a domain), for a bounded number of keys;
 * private to report/. */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include "base/bytes.h"
#include "base/limits.h"

#define TALLY_KEY_MAX 80 /* bytes; a longer key is cut */
#define TALLY_PLACES ((size_t)(2 * REPORT_TALLY_MAX))

struct tally_row {
	uint32_t hash;
	uint8_t key_len;
	char key[TALLY_KEY_MAX];
	uint64_t n_good, n_bad, n_other;
};

struct tally {
	size_t n;
	uint64_t n_uncounted; /* came when all rows were taken by other keys */
	struct tally_row rows[REPORT_TALLY_MAX];
	uint8_t places[TALLY_PLACES]; /* number of a row plus 1; found by hash, never more than half full */
};

enum tally_kind { TALLY_GOOD, TALLY_BAD, TALLY_OTHER };

void tally_add(struct tally *t, struct bytes key, enum tally_kind kind); /* an empty key is not counted */
/* The last call: rows with most bad ones first, then most good ones, then in order of appearance. */
void tally_sort(struct tally *t);
struct bytes tally_key(const struct tally_row *row);

#endif
