/* In: signals. Out: capture_stop. The one mutable global of the program: a handler has no other way to its object. */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

#include "capture/capture.h"

static struct capture *volatile to_stop;

static void
on_signal(int number)
{
	struct capture *c = to_stop;

	(void)number;
	if (c)
		capture_stop(c);
}

void
signals_stop_capture(struct capture *c)
{
	/* Without SA_RESTART, a blocked read returns; after the first signal the default action is back. */
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	to_stop = c;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

void
signals_forget(void)
{
	to_stop = NULL;
}
