/* How far the work is, on standard error when it is a terminal. Order: init, (step)*, clear. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct capture;

#define PROGRESS_EVERY 4096 /* packets between two looks at the clock: a few milliseconds at most */

struct progress {
	bool is_on;
	bool is_shown;     /* a line stands on the terminal */
	const char *label; /* "reading" */
	int64_t begun_ns, shown_ns;
};

void progress_init(struct progress *p, const char *label);
/* Call every PROGRESS_EVERY packets; shows at most five lines per second. */
void progress_step(struct progress *p, const struct capture *c);
void progress_clear(struct progress *p);

#endif
