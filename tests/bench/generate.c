/* Writes a capture for measuring: SMTP sessions over IPv4, many at a time, with correct sequence numbers and
 * checksums; or a flood of SYNs. Comes in: the options below. Goes out: a pcap file (Ethernet, microseconds).
 * The same options give the same bytes. It does not imitate loss or disorder: tests/lab does. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialogue.h"
#include "frame.h"

struct options {
	const char *file;
	unsigned long sessions, packets, at_a_time, refused_percent, syns;
};

static const char usage[] = "usage: generate [--sessions N] [--packets N] [--at-a-time N] [--refused PERCENT] FILE\n"
			    "       generate --syns N FILE\n";

static _Noreturn void
die(const char *why)
{
	fprintf(stderr, "generate: %s\n", why);
	exit(2);
}

static unsigned long
number(const char *text)
{
	char *end;
	unsigned long n = text ? strtoul(text, &end, 10) : 0;

	if (text == NULL || *text == '\0' || *end != '\0')
		die(usage);
	return n;
}

static struct options
options_read(char **arg)
{
	struct options o = { NULL, 40000, 1500000, 1000, 10, 0 };

	for (; *arg != NULL; arg++) {
		if (strcmp(*arg, "--sessions") == 0)
			o.sessions = number(*++arg);
		else if (strcmp(*arg, "--packets") == 0)
			o.packets = number(*++arg);
		else if (strcmp(*arg, "--at-a-time") == 0)
			o.at_a_time = number(*++arg);
		else if (strcmp(*arg, "--refused") == 0)
			o.refused_percent = number(*++arg);
		else if (strcmp(*arg, "--syns") == 0)
			o.syns = number(*++arg);
		else if (o.file == NULL && **arg != '-')
			o.file = *arg;
		else
			die(usage);
	}
	if (o.file == NULL || o.at_a_time == 0 || o.refused_percent > 100)
		die(usage);
	return o;
}

/* SYNs to one host, each from an address of its own in 10.0.0.0/8; nothing answers. */
static void
write_syns(struct capture_file *f, unsigned long n)
{
	struct tcp_peer server = { 0xcb007119, 25, 0 }; /* 203.0.113.25 */

	for (unsigned long i = 0; i < n; i++) {
		struct tcp_peer client = { 0x0a000001u + (uint32_t)i, (uint16_t)(1024 + i % 60000),
					   (uint32_t)(i * 2654435761u) };

		frame_write(f, &client, &server, FRAME_SYN, NULL, 0);
	}
}

/* Random turns between the running dialogues. How long the messages of a new one are follows from the packets that
 * are left for it, so that the file ends close to the wanted number. */
static void
write_sessions(struct capture_file *f, const struct options *o)
{
	size_t n = o->at_a_time < o->sessions ? o->at_a_time : o->sessions;
	unsigned long begun = 0, promised = 0; /* promised: packets of running dialogues that are not written yet */
	struct random random = { 20240229 };
	struct text_pool *pool = text_pool_new(&random);
	struct dialogue *running = calloc(n + 1, sizeof(*running));

	if (running == NULL || pool == NULL)
		die("out of memory");
	while (n > 0) {
		size_t i = random_below(&random, (uint32_t)n);

		if (!dialogue_is_running(&running[i])) {
			if (begun == o->sessions) {
				struct dialogue done = running[i];

				running[i] = running[--n];
				dialogue_fini(&done);
				continue;
			}
			unsigned long spent = f->n_packets + promised;
			unsigned long left = o->packets > spent ? o->packets - spent : 0;

			dialogue_begin(&running[i], begun, left / (o->sessions - begun), o->refused_percent, pool,
				       &random);
			promised += running[i].n_steps;
			begun++;
		}
		dialogue_step(&running[i], f);
		promised--;
	}
	free(running);
	text_pool_free(pool);
}

int
main(int argc, char **argv)
{
	struct options o = options_read(argv + (argc > 0));
	struct capture_file f;

	if (!capture_file_open(&f, o.file))
		die(strerror(errno));
	if (o.syns > 0)
		write_syns(&f, o.syns);
	else
		write_sessions(&f, &o);
	if (!capture_file_close(&f))
		die(strerror(errno));
	printf("%llu packets, %llu bytes\n", (unsigned long long)f.n_packets, (unsigned long long)f.n_bytes);
	return 0;
}
