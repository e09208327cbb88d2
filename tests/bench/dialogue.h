/* One made-up SMTP session after another, as a list of steps of one packet each. */
#ifndef BENCH_DIALOGUE_H
#define BENCH_DIALOGUE_H

#include "frame.h"

#define DIALOGUE_STEPS_MAX 8192

struct random {
	uint64_t state; /* not 0 */
};

uint32_t random_below(struct random *r, uint32_t limit);

/* Lines of prose and of base64, ready to be copied; lines of prose may begin with a (doubled) dot. */
struct text_pool;
struct text_pool *text_pool_new(struct random *r);
void text_pool_free(struct text_pool *p);

struct step {
	uint8_t from_server;
	uint8_t flags;
	uint32_t at, len; /* payload within text */
};

struct dialogue { /* zeroed before the first begin */
	struct tcp_peer end[2];
	struct step *steps;
	size_t n_steps, next;
	char *text;
	size_t text_len;
};

/* Plans session number id of about n_packets packets. */
void dialogue_begin(struct dialogue *d, unsigned long id, unsigned long n_packets, unsigned long refused_percent,
		    const struct text_pool *pool, struct random *r);
bool dialogue_is_running(const struct dialogue *d);
void dialogue_step(struct dialogue *d, struct capture_file *f); /* writes the next packet */
void dialogue_fini(struct dialogue *d);

#endif
