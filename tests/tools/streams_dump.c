/* Prints the bytes of every direction of every connection in a capture, as smtptrace puts them in order. One line:
 *   stream sender receiver missing hex
 * with sender and receiver as address,port and missing as the number of bytes that are not in the capture. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "capture/capture.h"
#include "flow/flow.h"

struct dump {
	struct buf data[2];
	uint64_t n_missing[2];
};

static void
on_opened(void *user, struct flow *f)
{
	struct dump *d = mem_new(sizeof(*d));

	(void)user;
	buf_init(&d->data[0], 1 << 30);
	buf_init(&d->data[1], 1 << 30);
	flow_set_user(f, d);
}

static void
on_chunk(void *user, struct flow *f, const struct chunk *c)
{
	struct dump *d = flow_user(f);

	(void)user;
	buf_add(&d->data[c->from], c->data);
	d->n_missing[c->from] += c->n_missing;
}

static void
print_side(const struct tcp_facts *facts, struct dump *d, enum side from)
{
	struct bytes data = buf_bytes(&d->data[from]);

	printf("%llu", (unsigned long long)facts->stream);
	for (int i = 0; i < 2; i++) {
		const struct endpoint *e = &facts->end[i == 0 ? from : !from];
		char text[ADDRESS_TEXT_MAX];

		printf(" %s,%u", address_text(&e->address, text), e->port);
	}
	printf(" %llu ", (unsigned long long)d->n_missing[from]);
	for (size_t i = 0; i < data.len; i++)
		printf("%02x", data.p[i]);
	putchar('\n');
}

static void
on_closed(void *user, struct flow *f)
{
	struct dump *d = flow_user(f);

	(void)user;
	print_side(flow_facts(f), d, SIDE_CLIENT);
	print_side(flow_facts(f), d, SIDE_SERVER);
	buf_fini(&d->data[0]);
	buf_fini(&d->data[1]);
	mem_free(d);
}

int
main(int argc, char **argv)
{
	static const uint16_t mail_ports[] = { 25, 465, 587, 2525 };
	struct flow_config config = { mail_ports, sizeof(mail_ports) / sizeof(mail_ports[0]) };
	struct flow_sink sink = { .opened = on_opened, .chunk = on_chunk, .closed = on_closed };
	const char *names[1] = { argc == 2 ? argv[1] : "-" };
	struct err e = { 0 };
	struct packet p;
	struct capture *c = capture_open_files(names, 1, NULL, &e);
	struct flow_table *t;

	if (!c) {
		fprintf(stderr, "%s\n", e.text);
		return 2;
	}
	t = flow_table_new(&config, &sink);
	while (capture_next(c, &p) == CAPTURE_PACKET)
		flow_table_feed(t, &p);
	flow_table_finish(t);
	flow_table_free(t);
	capture_free(c);
	return 0;
}
