/* Where the report goes, or what --learn writes. Order: open, begin, end. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli/options.h"

struct output {
	FILE *file;
	const char *name; /* for messages */
	bool is_ours;     /* to be closed */
	bool use_colour;
	unsigned width; /* columns */
};

/* Opens the file of -o or --learn early, so that a wrong name is known before the work; what it holds stays until
 * begin. */
bool output_open(struct output *out, const struct options *o, struct err *e) MUST_USE;
bool output_open_packets(struct output *out, const struct options *o, struct err *e) MUST_USE; /* the same for -w */
bool output_begin(struct output *out, struct err *e) MUST_USE;                                 /* empties the file */
/* Closes; false: something could not be written, unless e has a reason already. */
bool output_end(struct output *out, struct err *e) MUST_USE;

#endif
