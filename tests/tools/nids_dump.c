/* Prints the bytes of every direction of every connection in a capture, as libnids alone puts them in order (IPv4 only,
 * with handshake, checksums not tested). One line per direction, when the connection ends:
 *   sender receiver end hex
 * with sender and receiver as address,port; end is "reset" when libnids stopped at a reset, else "whole". */
#include <arpa/inet.h>
#include <nids.h>
#include <stdint.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"

struct dump {
	struct buf data[2]; /* sent by client, by server */
};

static void
print_endpoint(uint32_t address, uint16_t port)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address, text, sizeof(text));
	printf("%s,%u ", text, port);
}

static void
print_side(const struct tcp_stream *s, struct bytes data, int is_server)
{
	const struct tuple4 *a = &s->addr;

	print_endpoint(is_server ? a->daddr : a->saddr, is_server ? a->dest : a->source);
	print_endpoint(is_server ? a->saddr : a->daddr, is_server ? a->source : a->dest);
	fputs(s->nids_state == NIDS_RESET ? "reset " : "whole ", stdout);
	for (size_t i = 0; i < data.len; i++)
		printf("%02x", data.p[i]);
	putchar('\n');
}

static void
on_stream(struct tcp_stream *s, void **user)
{
	struct dump *d = *user;

	if (s->nids_state == NIDS_JUST_EST) {
		d = mem_new(sizeof(*d));
		buf_init(&d->data[0], 1 << 30);
		buf_init(&d->data[1], 1 << 30);
		*user = d;
		s->client.collect = s->server.collect = 1;
		return;
	}
	if (s->nids_state == NIDS_DATA) { /* data for the server comes from the client */
		buf_add(&d->data[0], bytes_of(s->server.data, (size_t)s->server.count_new));
		buf_add(&d->data[1], bytes_of(s->client.data, (size_t)s->client.count_new));
		return;
	}
	for (int i = 0; i < 2; i++) {
		print_side(s, buf_bytes(&d->data[i]), i);
		buf_fini(&d->data[i]);
	}
	mem_free(d);
}

int
main(int argc, char **argv)
{
	static struct nids_chksum_ctl no_checksums = { .action = NIDS_DONT_CHKSUM };

	if (argc != 2) {
		fprintf(stderr, "usage: %s FILE\n", argv[0]);
		return 2;
	}
	nids_params.filename = argv[1];
	nids_params.scan_num_hosts = 0;
	if (!nids_init()) {
		fprintf(stderr, "%s\n", nids_errbuf);
		return 2;
	}
	nids_register_chksum_ctl(&no_checksums, 1);
	nids_register_tcp((void *)(uintptr_t)on_stream);
	nids_run(); /* ends with nids_exit, which reports what is still open */
	return 0;
}
