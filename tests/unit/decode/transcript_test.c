/* Every dialogue of tests/smtp/ gives its events: fed line by line, cut at every single place, and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "decode/smtp.h"
#include "transcript.h"

#define FILES_MAX 200

struct log {
	size_t n;
	char *shorts[TRANSCRIPT_EVENTS_MAX]; /* without text */
	char *full[TRANSCRIPT_EVENTS_MAX];
};

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	return at && c ? (int)(at - digits) : -1;
}

static void
add_escaped(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c != '\\' || i + 1 == len) {
			buf_add_u8(b, (uint8_t)c);
			continue;
		}
		c = s[++i];
		if (c == 'x' && i + 2 < len) {
			buf_add_u8(b, (uint8_t)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2])));
			i += 2;
		} else {
			buf_add_u8(b, (uint8_t)(c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : c));
		}
	}
}

static void
add_repeated(struct buf *b, const char *s)
{
	char *text;
	unsigned long n = strtoul(s, &text, 10);

	for (unsigned long i = 0; i < n; i++)
		add_escaped(b, text + 1, strcspn(text + 1, ">"));
}

static void
add_step(struct transcript *t, const char *line)
{
	struct step *s = &t->steps[t->n_steps++];
	const char *text = line[2] == ' ' ? line + 3 : line + 2;

	assert_true(t->n_steps <= TRANSCRIPT_STEPS_MAX);
	s->from = line[0] == 'S' ? SIDE_SERVER : SIDE_CLIENT;
	buf_init(&s->bytes, 1 << 20);
	if (strncmp(text, "<missing ", 9) == 0) {
		s->n_missing = strtoul(text + 9, NULL, 10);
		return;
	}
	if (strncmp(text, "<repeat ", 8) == 0)
		add_repeated(&s->bytes, text + 8);
	else
		add_escaped(&s->bytes, text, strlen(text));
	if (line[1] == ':')
		buf_add_str(&s->bytes, "\r\n");
}

/* Many blanks become one. */
static char *
squeeze(const char *s)
{
	char *to = mem_new(strlen(s) + 1);
	size_t n = 0;

	for (; *s; s++)
		if (*s != ' ' || (n > 0 && to[n - 1] != ' '))
			to[n++] = *s;
	while (n > 0 && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
	return to;
}

struct transcript *
transcript_load(const char *path)
{
	struct transcript *t = mem_new(sizeof(*t));
	FILE *f = fopen(path, "r");
	char line[8192];
	bool is_expected = false;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || (line[0] == '\0' && !is_expected))
			continue;
		if (strcmp(line, "@ midstream") == 0)
			t->is_midstream = true;
		else if (strcmp(line, "--") == 0)
			is_expected = true;
		else if (!is_expected)
			add_step(t, line);
		else if (line[0] != '\0')
			t->events[t->n_events++] = squeeze(line);
	}
	fclose(f);
	return t;
}

void
transcript_free(struct transcript *t)
{
	for (size_t i = 0; i < t->n_steps; i++)
		buf_fini(&t->steps[i].bytes);
	for (size_t i = 0; i < t->n_events; i++)
		mem_free(t->events[i]);
	mem_free(t);
}

static void
add_bytes(struct buf *b, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] >= ' ' && text.p[i] < 0x7f)
			buf_add_u8(b, text.p[i]);
		else
			buf_addf(b, "\\x%02x", text.p[i]);
	}
}

static void
add_word(struct buf *b, struct bytes text)
{
	if (text.len > 0)
		buf_add_u8(b, ' ');
	add_bytes(b, text);
}

static void
render(struct buf *b, const struct event *e)
{
	static const char *const names[] = { "greeting", "command", "reply",   "capability", "header",
					     "message",  "tls",     "missing", "resync",     "not-smtp",
					     "odd",      "auth",    "proxy" };

	buf_add_str(b, names[e->type]);
	if (e->type == EVENT_GREETING || e->type == EVENT_REPLY)
		buf_addf(b, " %u", e->code);
	if (e->type == EVENT_TLS_START || e->type == EVENT_MISSING || e->type == EVENT_RESYNC ||
	    e->type == EVENT_NOT_SMTP || e->type == EVENT_ODD || e->type == EVENT_PROXY)
		buf_add_str(b, e->from == SIDE_CLIENT ? " client" : " server");
	if (e->type == EVENT_PROXY && e->from == SIDE_SERVER)
		buf_addf(b, " %u", e->code);
	add_word(b, e->enhanced);
	if (e->type == EVENT_REPLY)
		buf_add_str(b, e->verb.len > 0 ? " to" : " to none");
	add_word(b, e->verb);
	if (e->type != EVENT_GREETING && e->type != EVENT_REPLY)
		add_word(b, e->text);
	if (e->number > 0 || e->type == EVENT_MESSAGE_END)
		buf_addf(b, " %llu", (unsigned long long)e->number);
}

static void
log_event(void *user, const struct event *e)
{
	struct log *log = user;
	struct buf b;

	assert_true(log->n < TRANSCRIPT_EVENTS_MAX);
	buf_init(&b, 8192);
	render(&b, e);
	log->shorts[log->n] = squeeze(buf_str(&b));
	buf_add_str(&b, " : ");
	add_bytes(&b, e->text);
	log->full[log->n++] = squeeze(buf_str(&b));
	buf_fini(&b);
}

static void
log_clear(struct log *log)
{
	for (size_t i = 0; i < log->n; i++) {
		mem_free(log->shorts[i]);
		mem_free(log->full[i]);
	}
	log->n = 0;
}

/* An exact copy on the heap, so that a read one byte too far is caught. */
static void
feed(struct smtp *m, const struct step *s, size_t from, size_t to, size_t number)
{
	uint8_t *copy = mem_new(to - from + (to == from));

	memcpy(copy, s->bytes.p + from, to - from);
	smtp_feed(m, s->from, bytes_of(copy, to - from), (struct when){ number + 1, (int64_t)number });
	mem_free(copy);
}

/* Step `step` is cut in two at `at`; at 0: not at all. every: > 0: all steps are cut into pieces of that size. */
static void
play(struct smtp *m, const struct transcript *t, struct log *log, size_t step, size_t at, size_t every)
{
	struct smtp_start how = { .event = log_event, .user = log, .is_midstream = t->is_midstream };

	smtp_start(m, &how);
	for (size_t i = 0; i < t->n_steps; i++) {
		const struct step *s = &t->steps[i];
		size_t first = i == step ? at : 0;

		if (s->n_missing > 0)
			smtp_missing(m, s->from, s->n_missing, (struct when){ i + 1, (int64_t)i });
		for (size_t from = 0; every > 0 && from < s->bytes.len; from += every)
			feed(m, s, from, from + every < s->bytes.len ? from + every : s->bytes.len, i);
		if (every > 0)
			continue;
		if (first > 0)
			feed(m, s, 0, first, i);
		if (s->bytes.len > first)
			feed(m, s, first, s->bytes.len, i);
	}
	smtp_finish(m);
}

static void
print_log(const struct log *log)
{
	for (size_t i = 0; i < log->n; i++)
		print_error("%s\n", log->full[i]);
}

static void
compare(const char *name, const char *how, const struct transcript *t, const struct log *log)
{
	for (size_t i = 0; i < t->n_events || i < log->n; i++) {
		const char *want = i < t->n_events ? t->events[i] : "nothing more";
		bool is_same = i < log->n && i < t->n_events &&
			       (strcmp(want, log->shorts[i]) == 0 || strcmp(want, log->full[i]) == 0);

		if (is_same)
			continue;
		print_log(log);
		fail_msg("%s, %s: event %zu should be\n  %s\nand is\n  %s", name, how, i + 1, want,
			 i < log->n ? log->full[i] : "nothing");
	}
}

static void
check_file(const char *name)
{
	char path[4096];
	struct transcript *t;
	struct log log = { .n = 0 };
	struct smtp *m = smtp_new();

	snprintf(path, sizeof(path), "%s/tests/smtp/%s", SOURCE_DIR, name);
	t = transcript_load(path);
	assert_true(t->n_events > 0);
	play(m, t, &log, 0, 0, 0);
	compare(name, "whole", t, &log);
	log_clear(&log);
	for (size_t every = 1; every <= 3; every++) {
		play(m, t, &log, 0, 0, every);
		compare(name, "in small pieces", t, &log);
		log_clear(&log);
	}
	for (size_t i = 0; i < t->n_steps; i++) {
		size_t stride = t->steps[i].bytes.len > 3000 ? 61 : 1;

		for (size_t at = 1; at < t->steps[i].bytes.len; at += stride) {
			play(m, t, &log, i, at, 0);
			compare(name, "cut", t, &log);
			log_clear(&log);
		}
	}
	transcript_free(t);
	smtp_free(m);
}

static int
is_transcript(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 4 && strcmp(e->d_name + len - 4, ".txt") == 0;
}

static void
every_dialogue_gives_its_events(void **state)
{
	struct dirent **entries;
	int n = scandir(SOURCE_DIR "/tests/smtp", &entries, is_transcript, alphasort);

	(void)state;
	assert_true(n >= 30);
	for (int i = 0; i < n; i++) {
		check_file(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	print_message("%d dialogues\n", n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialogue_gives_its_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
