/* In: findings. Out: "[smtptrace error proven] user-unknown: 550 5.1.1 ... (packet 31)". */
#include "evidence/comments.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "report/wire.h"

static void
add(struct comments *c, const struct finding *f, const struct evidence *e)
{
	struct buf text;

	if (c->n == COMMENTS_MAX)
		return;
	if (c->n == c->capacity) {
		c->capacity = c->capacity > 0 ? 2 * c->capacity : 64;
		c->list = mem_resize(c->list, c->capacity * sizeof(*c->list));
	}
	buf_init(&text, COMMENT_TEXT_MAX);
	buf_addf(&text, "[smtptrace %s %s] %s:", severity_name(f->severity), certainty_name(f->certainty), f->rule);
	wire_escape_prose(&text, e->text);
	buf_addf(&text, " (packet %" PRIu64 ")", e->when.packet);
	c->list[c->n] = (struct comment){ e->when.packet, c->n, mem_copy_str(buf_str(&text)) };
	c->n++;
	c->is_sorted = false;
	buf_fini(&text);
}

void
comments_add(struct comments *c, const struct finding *f)
{
	for (size_t i = 0; i < f->n_evidence; i++)
		if (f->evidence[i].when.packet != 0)
			add(c, f, &f->evidence[i]);
}

static int
by_packet(const void *left, const void *right)
{
	const struct comment *a = left, *b = right;

	if (a->packet != b->packet)
		return a->packet < b->packet ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static size_t
first_of(const struct comments *c, uint64_t packet)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->list[middle].packet < packet)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t
comments_of(struct comments *c, uint64_t packet, struct bytes texts[COMMENTS_OF_PACKET_MAX])
{
	size_t n = 0;

	if (!c->is_sorted && c->n > 0)
		qsort(c->list, c->n, sizeof(*c->list), by_packet);
	c->is_sorted = true;
	for (size_t i = first_of(c, packet); i < c->n && c->list[i].packet == packet; i++)
		if (n < COMMENTS_OF_PACKET_MAX)
			texts[n++] = bytes_str(c->list[i].text);
	return n;
}

void
comments_fini(struct comments *c)
{
	for (size_t i = 0; i < c->n; i++)
		mem_free(c->list[i].text);
	mem_free(c->list);
	*c = (struct comments){ .list = NULL };
}
