/* In: the bytes of a connection to a name server, in order. Out: messages. After a gap a direction is given up, since
 * nothing tells where the next message begins. */
#include "decode/dns_stream.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/reader.h"

#define LENGTH_LEN 2

struct direction {
	struct buf held; /* the beginning of a message, with its length */
	bool is_lost;    /* bytes are missing, or a message is too long */
};

struct dns_stream {
	struct direction side[2];
};

struct dns_stream *
dns_stream_new(void)
{
	struct dns_stream *s = mem_new(sizeof(*s));

	for (size_t i = 0; i < 2; i++)
		buf_init(&s->side[i].held, LENGTH_LEN + DNS_STREAM_MAX);
	return s;
}

void
dns_stream_free(struct dns_stream *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < 2; i++)
		buf_fini(&s->side[i].held);
	mem_free(s);
}

static void
give_up(struct direction *d)
{
	d->is_lost = true;
	buf_fini(&d->held);
}

/* How many bytes are needed before the first message can be told, with its length. */
static size_t
wanted(struct bytes held)
{
	struct reader r = rd_over(held);

	return held.len < LENGTH_LEN ? LENGTH_LEN : LENGTH_LEN + (size_t)rd_be16(&r);
}

void
dns_stream_feed(struct dns_stream *s, const struct chunk *c, dns_stream_sink *sink, void *user)
{
	struct direction *d = &s->side[c->from];
	struct bytes left = c->data;

	if (c->n_missing > 0)
		give_up(d);
	while (left.len > 0 && !d->is_lost) {
		size_t n = wanted(buf_bytes(&d->held)) - d->held.len;

		buf_add(&d->held, bytes_head(left, n));
		left = bytes_from(left, n);
		n = wanted(buf_bytes(&d->held));
		if (n > LENGTH_LEN + DNS_STREAM_MAX) {
			give_up(d);
		} else if (d->held.len == n) {
			if (n > LENGTH_LEN)
				sink(user, c->from, bytes_from(buf_bytes(&d->held), LENGTH_LEN), c->when);
			buf_clear(&d->held);
		}
	}
}
