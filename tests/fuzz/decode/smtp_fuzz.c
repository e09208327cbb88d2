/* A dialogue. Bytes are what the current side sends, but for these: 1 the server speaks, 2 the client speaks, 3 and a
 * byte: that many bytes are missing, 4 and a byte: that byte as it is, 5 the client sends AUTH with a password, 6 a new
 * packet, 7 the client begins with SOCKS and a login, when nobody has spoken yet. The first byte is 1 when the capture
 * starts in the middle.
 *
 * Checked: the same events wherever the streams are cut, also from a machine that was used before; texts within their
 * limits; the password in no event. */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/reader.h"
#include "decode/smtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum marker { SERVER_SPEAKS = 1, CLIENT_SPEAKS, MISSING, ESCAPE, AUTH, NEW_PACKET, SOCKS };

#define LOG_MAX (16 << 20)
#define AUTH_BEGIN "\r\nAUTH PLAIN AHVzZXIA" /* NUL user NUL */
#define PASSWORD_LEN 18
#define PASSWORD_BASE64_LEN 24
#define AUTH_LEN (sizeof(AUTH_BEGIN) + PASSWORD_BASE64_LEN + 2)

/* Drawn from the input, so that no input can contain its own. */
struct secret {
	char plain[PASSWORD_LEN + 1];
	char base64[PASSWORD_BASE64_LEN + 1];
};

struct run {
	const struct secret *secret;
	struct smtp *machine;
	struct buf log;
	struct buf held; /* what the current side sent in the current packet */
	enum side from;
	struct when when;
	size_t piece;   /* bytes per feed; 0: whole */
	bool has_begun; /* somebody spoke */
	uint32_t last_four;
	bool has_chunks; /* a chunk or a header may end inside of AUTH; then nobody can know what the rest of the line
			    is */
};

static void
add_field(struct buf *b, struct bytes text)
{
	buf_addf(b, "|%zu:", text.len);
	buf_add(b, text);
}

static void
draw_secret(struct secret *s, struct bytes input)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < input.len; i++)
		hash = (hash ^ input.p[i]) * 0x100000001b3ULL;
	*s = (struct secret){ 0 };
	for (size_t i = 0; i < PASSWORD_LEN; i++) {
		hash = hash * 6364136223846793005ULL + 1442695040888963407ULL;
		s->plain[i] = digits[(hash >> 33) % 62];
	}
	for (size_t i = 0; i < PASSWORD_LEN / 3; i++) {
		const char *p = s->plain + i * 3;
		unsigned bits = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | (unsigned)p[2];

		for (size_t k = 0; k < 4; k++)
			s->base64[i * 4 + k] = digits[bits >> (18 - k * 6) & 63];
	}
}

/* Eight characters in a row are a leak. */
static bool
reveals(struct bytes text, const char *secret)
{
	for (size_t at = 0; at + 8 <= strlen(secret); at++) {
		for (size_t i = 0; i + 8 <= text.len; i++) {
			if (memcmp(text.p + i, secret + at, 8) == 0)
				return true;
		}
	}
	return false;
}

static void
check_text(const struct run *r, struct bytes text)
{
	assert(text.len <= SMTP_LINE_MAX);
	assert(r->has_chunks || (!reveals(text, r->secret->plain) && !reveals(text, r->secret->base64)));
}

static void
on_event(void *user, const struct event *e)
{
	struct run *r = user;

	check_text(r, e->verb);
	check_text(r, e->text);
	check_text(r, e->enhanced);
	assert(e->code < 1000);
	buf_addf(&r->log, "%d %d %u %llu %llu %llu %llu", (int)e->type, (int)e->from, e->code,
		 (unsigned long long)e->number, (unsigned long long)e->serial, (unsigned long long)e->when.packet,
		 (unsigned long long)e->asked.packet);
	add_field(&r->log, e->verb);
	add_field(&r->log, e->text);
	add_field(&r->log, e->enhanced);
	buf_add_u8(&r->log, '\n');
}

/* Exact copies on the heap, so that a read one byte too far is caught. */
static void
flush(struct run *r)
{
	struct bytes left = buf_bytes(&r->held);

	while (left.len > 0) {
		struct bytes piece = bytes_head(left, r->piece > 0 ? r->piece : left.len);
		uint8_t *copy = malloc(piece.len);

		assert(copy);
		memcpy(copy, piece.p, piece.len);
		smtp_feed(r->machine, r->from, bytes_of(copy, piece.len), r->when);
		free(copy);
		left = bytes_from(left, piece.len);
	}
	buf_clear(&r->held);
	r->when.packet++;
}

/* Hello with the method of a login, the login; the proxy takes both; a request for port 25. */
static void
begin_socks(struct run *r)
{
	flush(r);
	if (r->has_begun)
		return;
	r->has_begun = true;
	r->from = SIDE_CLIENT;
	buf_addf(&r->held, "\x05\x01\x02\x01\x04user%c%s", PASSWORD_LEN, r->secret->plain);
	flush(r);
	r->from = SIDE_SERVER;
	buf_add(&r->held, bytes_of("\x05\x02\x01", 4));
	flush(r);
	r->from = SIDE_CLIENT;
	buf_add(&r->held, bytes_of("\x05\x01\0\x01\xc6\x33\x64\x19\0\x19", 10));
	flush(r);
}

static void
say(struct run *r, uint8_t byte)
{
	bool is_first = !r->has_begun;

	r->has_begun = true;
	buf_add_u8(&r->held, byte);
	if (r->from != SIDE_CLIENT)
		return;
	r->has_chunks = r->has_chunks || (is_first && (byte == 4 || byte == 5)); /* SOCKS: lengths, too */
	r->last_four = r->last_four << 8 | (byte & 0xdf);
	r->has_chunks = r->has_chunks || r->last_four == 0x42444154 /* BDAT */ ||
			r->last_four == 0x5549540a; /* PROXY version 2: the end of "QUIT\n" */
}

static void
step(struct run *r, uint8_t byte, struct reader *in)
{
	switch ((enum marker)byte) {
	case SERVER_SPEAKS:
	case CLIENT_SPEAKS:
		flush(r);
		r->from = byte == SERVER_SPEAKS ? SIDE_SERVER : SIDE_CLIENT;
		break;
	case MISSING:
		flush(r);
		r->has_begun = true;
		smtp_missing(r->machine, r->from, rd_u8(in), r->when);
		break;
	case ESCAPE:
		say(r, rd_u8(in));
		break;
	case AUTH:
		flush(r);
		r->has_begun = true;
		r->from = SIDE_CLIENT;
		buf_addf(&r->held, "%s%s\r\n", AUTH_BEGIN, r->secret->base64);
		break;
	case SOCKS:
		begin_socks(r);
		break;
	case NEW_PACKET:
		flush(r);
		break;
	default:
		say(r, byte);
	}
}

/* The events, one per line; the caller frees the log. */
static struct buf
play(struct smtp *m, struct bytes input, size_t piece)
{
	struct secret secret;
	struct run r = { .secret = &secret, .machine = m, .from = SIDE_SERVER, .piece = piece, .when = { 1, 0 } };
	struct reader in = rd_over(input);
	struct smtp_start how = { .event = on_event, .user = &r, .is_midstream = rd_u8(&in) == 1 };

	draw_secret(&secret, input);
	r.has_begun = how.is_midstream;
	buf_init(&r.log, LOG_MAX);
	buf_init(&r.held, input.len + AUTH_LEN);
	smtp_start(m, &how);
	while (rd_left(&in) > 0)
		step(&r, rd_u8(&in), &in);
	flush(&r);
	smtp_finish(m);
	(void)smtp_message_so_far(m);
	(void)smtp_unanswered(m);
	buf_fini(&r.held);
	return r.log;
}

/* Prints the first event that differs and ends. */
static void
compare(struct bytes whole, struct bytes cut, size_t piece)
{
	while (whole.len > 0 || cut.len > 0) {
		struct bytes a = bytes_split(&whole, '\n');
		struct bytes b = bytes_split(&cut, '\n');

		if (bytes_eq(a, b))
			continue;
		fprintf(stderr, "whole:           %.*s\nin pieces of %2zu: %.*s\n", (int)a.len, (const char *)a.p,
			piece, (int)b.len, (const char *)b.p);
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = { 1, 2, 7 };
	struct smtp *m = smtp_new();
	struct buf whole = play(m, bytes_of(data, size), 0);

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buf cut = play(m, bytes_of(data, size), pieces[i]);

		compare(buf_bytes(&whole), buf_bytes(&cut), pieces[i]);
		buf_fini(&cut);
	}
	buf_fini(&whole);
	smtp_free(m);
	return 0;
}
