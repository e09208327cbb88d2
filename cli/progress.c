/* In: the state of a capture. Out: one line on a terminal that rewrites itself and is gone at the end. */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "capture/capture.h"

#define SHOW_EVERY_NS (NS_PER_S / 5)

static int64_t
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

void
progress_init(struct progress *p, const char *label)
{
	*p = (struct progress){ .is_on = isatty(STDERR_FILENO) == 1, .label = label };
	if (p->is_on)
		p->begun_ns = p->shown_ns = clock_ns(); /* short work shows nothing */
}

void
progress_step(struct progress *p, const struct capture *c)
{
	struct capture_info info;
	int64_t now;
	double seconds;

	if (!p->is_on || (now = clock_ns()) - p->shown_ns < SHOW_EVERY_NS)
		return;
	info = capture_info(c);
	seconds = (double)(now - p->begun_ns) / (double)NS_PER_S;
	fprintf(stderr, "\r%s:", p->label);
	if (info.bytes_total > 0)
		fprintf(stderr, " %3.0f %%,", 100.0 * (double)info.bytes_read / (double)info.bytes_total);
	fprintf(stderr, " %llu packets, %.0f per second", (unsigned long long)info.n_packets,
		(double)info.n_packets / seconds);
	if (info.is_live)
		fputs(" (Ctrl-C for the report)", stderr);
	fputs("\033[K", stderr);
	p->shown_ns = now;
	p->is_shown = true;
}

void
progress_clear(struct progress *p)
{
	if (p->is_shown)
		fputs("\r\033[K", stderr);
	p->is_shown = false;
}
