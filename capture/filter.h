/* A BPF filter (pcap-filter(7)) for packets of files, compiled once per link type.
 * Order: init, (prepare, admits)*, fini. */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include <pcap/pcap.h>

#include "base/err.h"
#include "capture/capture.h"

#define FILTER_LINK_TYPES_MAX 16

struct filter_program {
	int link_type;
	bool is_usable; /* false: the filter means nothing on this link type, none of its packets pass */
	struct bpf_program code;
};

struct filter {
	char *text; /* NULL = everything passes */
	size_t n_programs;
	struct filter_program programs[FILTER_LINK_TYPES_MAX];
};

void filter_init(struct filter *f, const char *text);
void filter_fini(struct filter *f);
/* False when the filter is not valid for this link type. */
bool filter_prepare(struct filter *f, int link_type, struct err *e);
bool filter_admits(struct filter *f, const struct packet *p);

#endif
