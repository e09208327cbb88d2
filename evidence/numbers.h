/* A set of numbers: of packets, of connections, of anything that was hashed. */
#ifndef EVIDENCE_NUMBERS_H
#define EVIDENCE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct numbers {          /* zeroed: empty */
	uint64_t *places; /* 0: free */
	size_t n, n_places;
	bool has_zero;
};

void numbers_add(struct numbers *s, uint64_t number); /* beyond NUMBERS_MAX it is left out */
bool numbers_has(const struct numbers *s, uint64_t number);
void numbers_fini(struct numbers *s);

#endif
