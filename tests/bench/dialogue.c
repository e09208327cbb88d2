/* Comes in: the number of a session and how long it should be. Goes out: its packets, one per step.
 * The server greets, answers EHLO with its keywords, refuses some recipients, takes the message, says goodbye. */
#include "dialogue.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define POOL_LEN (256 * 1024)
#define LINE_MAX_LEN 80
#define DIALOGUE_TEXT_MAX (DIALOGUE_STEPS_MAX * 256)
#define PACKETS_AROUND_MESSAGE 22
#define MESSAGE_LEN_MAX (DIALOGUE_TEXT_MAX - 65536)

struct text_pool {
	char prose[POOL_LEN], base64[POOL_LEN];
};

/* xorshift64*, Marsaglia 2003 */
uint32_t
random_below(struct random *r, uint32_t limit)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (uint32_t)(((r->state * 2685821657736338717ULL) >> 32) * limit >> 32);
}

static size_t
prose_line(char *line, struct random *r)
{
	static const char *const words[] = { "invoice", "meeting", "the",    "of",    "attached", "please", "Tuesday",
					     "and",     "budget",  "server", "queue", "we",       "will",   "report." };
	size_t len = 0;

	if (random_below(r, 40) == 0)
		len = (size_t)sprintf(line, "..");
	while (len < 60)
		len += (size_t)sprintf(line + len, "%s ", words[random_below(r, sizeof(words) / sizeof(words[0]))]);
	return len + (size_t)sprintf(line + len, "\r\n");
}

static size_t
base64_line(char *line, struct random *r)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < 76; i++)
		line[i] = digits[random_below(r, 64)];
	memcpy(line + 76, "\r\n", 2);
	return 78;
}

static void
fill(char *pool, size_t (*line)(char *line, struct random *r), struct random *r)
{
	size_t len = 0;

	while (len + 2 * LINE_MAX_LEN < POOL_LEN)
		len += line(pool + len, r);
	memset(pool + len, '\n', POOL_LEN - len);
}

struct text_pool *
text_pool_new(struct random *r)
{
	struct text_pool *p = malloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	fill(p->prose, prose_line, r);
	fill(p->base64, base64_line, r);
	return p;
}

void
text_pool_free(struct text_pool *p)
{
	free(p);
}

/* Whole lines of about len bytes from a random place. */
static void
add_lines(struct dialogue *d, const char *pool, size_t len, struct random *r)
{
	while (len > 0) {
		size_t turn = len < POOL_LEN / 4 ? len : POOL_LEN / 4;
		const char *from = pool + random_below(r, POOL_LEN / 2);

		from = (const char *)memchr(from, '\n', LINE_MAX_LEN) + 1;
		const char *to = (const char *)memchr(from + turn, '\n', LINE_MAX_LEN) + 1;
		memcpy(d->text + d->text_len, from, (size_t)(to - from));
		d->text_len += (size_t)(to - from);
		len -= turn;
	}
}

static void
add_step(struct dialogue *d, bool from_server, unsigned flags, size_t at, size_t len)
{
	if (d->n_steps < DIALOGUE_STEPS_MAX)
		d->steps[d->n_steps++] = (struct step){ from_server, (uint8_t)flags, (uint32_t)at, (uint32_t)len };
}

static void __attribute__((format(printf, 3, 4))) say(struct dialogue *d, bool from_server, const char *format, ...)
{
	size_t at = d->text_len;
	va_list args;

	va_start(args, format);
	d->text_len += (size_t)vsprintf(d->text + at, format, args);
	va_end(args);
	add_step(d, from_server, FRAME_PSH | FRAME_ACK, at, d->text_len - at);
}

/* The text from at on in full segments; the server acknowledges two of five, as with receive offload. */
static void
add_segments(struct dialogue *d, size_t at)
{
	for (unsigned n = 1; at < d->text_len; n++) {
		size_t left = d->text_len - at, len = left < FRAME_MSS ? left : FRAME_MSS;

		add_step(d, false, len == left ? FRAME_PSH | FRAME_ACK : FRAME_ACK, at, len);
		if (n % 5 == 2 || n % 5 == 0 || len == left)
			add_step(d, true, FRAME_ACK, 0, 0);
		at += len;
	}
}

static void
plan_message(struct dialogue *d, unsigned long id, size_t len, const struct text_pool *pool, struct random *r)
{
	size_t at;

	say(d, false, "DATA\r\n");
	say(d, true, "354 End data with <CR><LF>.<CR><LF>\r\n");
	at = d->text_len;
	d->text_len += (size_t)sprintf(d->text + at,
				       "From: Sender %lu <sender%lu@example.com>\r\nTo: <user%lu@example.net>\r\n"
				       "Subject: report %lu\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
				       "Message-ID: <%lu.bench@example.com>\r\nMIME-Version: 1.0\r\n\r\n",
				       id % 977, id % 977, id % 5003, id, id);
	size_t prose = random_below(r, 100) * len / 100;
	add_lines(d, pool->prose, prose, r);
	add_lines(d, pool->base64, len - prose, r);
	d->text_len += (size_t)sprintf(d->text + d->text_len, ".\r\n");
	add_segments(d, at);
	say(d, true, "250 2.0.0 Ok: queued as %010lX\r\n", 0x4000000000UL + id * 7919);
}

/* RCPT for one or two recipients; returns whether the server took any. */
static bool
plan_recipients(struct dialogue *d, unsigned long id, unsigned long refused_percent, struct random *r)
{
	bool is_taken = false;

	for (uint32_t n = 1 + (random_below(r, 4) == 0); n > 0; n--) {
		bool is_refused = random_below(r, 100) < refused_percent;

		say(d, false, "RCPT TO:<%s%lu@example.net>\r\n", is_refused ? "nobody" : "user", id % 5003 + n - 1);
		if (is_refused)
			say(d, true,
			    "550 5.1.1 <nobody%lu@example.net>: Recipient address rejected: "
			    "User unknown in local recipient table\r\n",
			    id % 5003 + n - 1);
		else
			say(d, true, "250 2.1.5 Ok\r\n");
		is_taken |= !is_refused;
	}
	return is_taken;
}

void
dialogue_begin(struct dialogue *d, unsigned long id, unsigned long n_packets, unsigned long refused_percent,
	       const struct text_pool *pool, struct random *r)
{
	if (d->steps == NULL) {
		d->steps = malloc(DIALOGUE_STEPS_MAX * sizeof(*d->steps));
		d->text = malloc(DIALOGUE_TEXT_MAX);
		if (d->steps == NULL || d->text == NULL)
			abort();
	}
	d->n_steps = d->next = d->text_len = 0;
	d->end[0] = (struct tcp_peer){ 0xc6120001u + (uint32_t)(id % 100003), (uint16_t)(32768 + id % 28000),
				       (uint32_t)(id * 2654435761u) };
	d->end[1] = (struct tcp_peer){ 0xcb007101u + (uint32_t)(id % 16), 25, (uint32_t)(id * 40503u + 99) };
	add_step(d, false, FRAME_SYN, 0, 0);
	add_step(d, true, FRAME_SYN | FRAME_ACK, 0, 0);
	add_step(d, false, FRAME_ACK, 0, 0);
	say(d, true, "220 mx%lu.example.net ESMTP ready\r\n", id % 16);
	add_step(d, false, FRAME_ACK, 0, 0);
	say(d, false, "EHLO host%lu.example.com\r\n", id % 977);
	say(d, true,
	    "250-mx%lu.example.net\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-ETRN\r\n250-STARTTLS\r\n"
	    "250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n",
	    id % 16);
	say(d, false, "MAIL FROM:<sender%lu@example.com> SIZE=%lu\r\n", id % 977, n_packets * 600);
	say(d, true, "250 2.1.0 Ok\r\n");
	if (plan_recipients(d, id, refused_percent, r)) {
		/* five of seven packets that are left carry a full segment, two acknowledge */
		unsigned long room = n_packets > PACKETS_AROUND_MESSAGE ? n_packets - PACKETS_AROUND_MESSAGE : 1;
		size_t len = room * FRAME_MSS * 5 / 7 * (50 + random_below(r, 101)) / 100;

		plan_message(d, id, len < MESSAGE_LEN_MAX ? len : MESSAGE_LEN_MAX, pool, r);
	}
	say(d, false, "QUIT\r\n");
	say(d, true, "221 2.0.0 Bye\r\n");
	add_step(d, false, FRAME_FIN | FRAME_ACK, 0, 0);
	add_step(d, true, FRAME_FIN | FRAME_ACK, 0, 0);
	add_step(d, false, FRAME_ACK, 0, 0);
}

bool
dialogue_is_running(const struct dialogue *d)
{
	return d->next < d->n_steps;
}

void
dialogue_step(struct dialogue *d, struct capture_file *f)
{
	const struct step *s = &d->steps[d->next++];

	frame_write(f, &d->end[s->from_server], &d->end[!s->from_server], s->flags, d->text + s->at, s->len);
}

void
dialogue_fini(struct dialogue *d)
{
	free(d->steps);
	free(d->text);
}
