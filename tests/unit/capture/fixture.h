/* Capture files made by hand for the tests of capture/. Unused helpers are fine: each test takes what it needs. */
#ifndef TESTS_CAPTURE_FIXTURE_H
#define TESTS_CAPTURE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "capture/capture.h"

#define FILE_MAX (4 << 20)

static inline void
put_u16(struct buf *b, uint32_t value, bool is_big)
{
	buf_add_u8(b, (uint8_t)(is_big ? value >> 8 : value));
	buf_add_u8(b, (uint8_t)(is_big ? value : value >> 8));
}

static inline void
put_u32(struct buf *b, uint32_t value, bool is_big)
{
	put_u16(b, is_big ? value >> 16 : value, is_big);
	put_u16(b, is_big ? value : value >> 16, is_big);
}

static inline void
put_fill(struct buf *b, size_t n, uint8_t byte)
{
	while (n-- > 0)
		buf_add_u8(b, byte);
}

/* A file without a directory: path is its name as long as the returned descriptor is open. */
static inline int
make_file(struct bytes content, char path[64])
{
	int fd = memfd_create("capture", 0);

	assert_true(fd >= 0 && write(fd, content.p, content.len) == (ssize_t)content.len);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* What is known after the last packet. c stays open, since the text of the damage is its. */
static inline struct capture_info
read_all(struct capture *c)
{
	struct packet p;

	while (capture_next(c, &p) != CAPTURE_END)
		assert_int_equal(p.when.packet, capture_info(c).n_packets);
	return capture_info(c);
}

#endif
