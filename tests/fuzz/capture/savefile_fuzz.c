/* A whole capture file: pcap, pcapng, or either compressed. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "capture/capture.h"
#include "capture/filetime.h"

#define PACKETS_MAX 10000 /* a small compressed file may hold millions */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct packet *p, uint64_t n, unsigned *sum)
{
	assert(p->when.packet == n);
	assert(p->when.time_ns >= 0 && p->when.time_ns <= FILETIME_MAX_NS);
	assert(p->data.len <= p->wire_len && p->data.len <= CAPTURE_SNAPLEN);
	for (size_t i = 0; i < p->data.len; i++)
		*sum += p->data.p[i]; /* every byte is there */
}

static void
read_secrets(void *user, struct bytes text)
{
	unsigned *sum = user;

	for (size_t i = 0; i < text.len; i++)
		*sum += text.p[i];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("capture", 0);
	char path[64];
	const char *name = path;
	struct err e = { "" };
	struct capture *c;
	struct packet p;
	uint64_t n = 0;
	unsigned sum = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	c = capture_open_files(&name, 1, NULL, &e);
	assert(c || e.text[0] != '\0');
	if (c)
		capture_set_secrets(c, read_secrets, &sum);
	while (c && n < PACKETS_MAX && capture_next(c, &p) == CAPTURE_PACKET)
		check(&p, ++n, &sum);
	assert(!c || capture_info(c).n_packets == n);
	capture_free(c);
	close(fd);
	return sum == 1 && n == 0; /* never: keeps the sum alive */
}
