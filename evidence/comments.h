/* What is written beside the packets that prove something. Order: init, add*, of*, fini. */
#ifndef EVIDENCE_COMMENTS_H
#define EVIDENCE_COMMENTS_H

#include "base/bytes.h"
#include "rules/finding.h"

#define COMMENTS_OF_PACKET_MAX 64 /* more than findings can say of one packet in earnest */

struct comment {
	uint64_t packet;
	size_t order; /* in which they were added */
	char *text;   /* owned */
};

struct comments { /* zeroed: none */
	struct comment *list;
	size_t n, capacity;
	bool is_sorted;
};

void comments_add(struct comments *c, const struct finding *f); /* one for each piece of evidence */
/* Those of a packet; returns how many. */
size_t comments_of(struct comments *c, uint64_t packet, struct bytes texts[COMMENTS_OF_PACKET_MAX]);
void comments_fini(struct comments *c);

#endif
