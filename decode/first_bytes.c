/* In: chunks. Out: the same, in their order, once they turned out to be mail. */
#include "decode/first_bytes.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

struct piece { /* of the bytes of one side */
	enum side from;
	size_t offset, len;
	struct when when;
};

struct first_bytes {
	struct buf bytes[2];
	size_t n_pieces;
	struct piece pieces[DETECT_PIECES_MAX];
};

struct first_bytes *
first_bytes_new(void)
{
	struct first_bytes *f = mem_new(sizeof(*f));

	buf_init(&f->bytes[SIDE_CLIENT], DETECT_HELD_MAX);
	buf_init(&f->bytes[SIDE_SERVER], DETECT_HELD_MAX);
	return f;
}

void
first_bytes_free(struct first_bytes *f)
{
	if (!f)
		return;
	buf_fini(&f->bytes[SIDE_CLIENT]);
	buf_fini(&f->bytes[SIDE_SERVER]);
	mem_free(f);
}

enum detected
first_bytes_add(struct first_bytes *f, const struct chunk *c, const uint16_t *mail_ports, size_t n_mail_ports)
{
	struct buf *b = &f->bytes[c->from];
	struct bytes first[2];

	if (c->n_missing > 0 || f->n_pieces == DETECT_PIECES_MAX)
		return DETECT_NO;
	f->pieces[f->n_pieces++] = (struct piece){ c->from, b->len, c->data.len, c->when };
	buf_add(b, c->data);
	if (b->n_cut > 0)
		return DETECT_NO;
	first[SIDE_CLIENT] = buf_bytes(&f->bytes[SIDE_CLIENT]);
	first[SIDE_SERVER] = buf_bytes(&f->bytes[SIDE_SERVER]);
	return detect_smtp(first, mail_ports, n_mail_ports);
}

void
first_bytes_replay(const struct first_bytes *f, struct smtp *m)
{
	for (size_t i = 0; i < f->n_pieces; i++) {
		const struct piece *p = &f->pieces[i];

		smtp_feed(m, p->from, bytes_head(bytes_from(buf_bytes(&f->bytes[p->from]), p->offset), p->len),
			  p->when);
	}
}
