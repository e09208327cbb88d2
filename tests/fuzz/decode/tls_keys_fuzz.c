/* The text of a key log. Checked: however it is cut into a file that grows, it gives the same secrets as at once, but
 * for a last line without an end; nothing that was found is longer than a secret can be. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decode/tls_keylog.h"
#include "decode/tls_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of each whole line, what it gives. */
static void
check_lines(const struct tls_keys *k, struct bytes text)
{
	while (text.len > 0) {
		bool is_whole = bytes_find(text, '\n') < text.len;
		struct bytes line = bytes_split(&text, '\n'), secret;
		struct tls_keylog_secret s;

		if (tls_keylog_parse(line, &s) != TLS_KEYLOG_SECRET || !is_whole)
			continue;
		assert(tls_keys_find(k, s.which, s.client_random, &secret));
		assert(secret.len == 32 || secret.len == TLS_SECRET_LEN_MAX);
	}
}

static void
write_all(int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		assert(n > 0);
		data += n;
		size -= (size_t)n;
	}
}

/* The first byte says where the file is cut in two. */
static void
check_file(const uint8_t *data, size_t size, const struct tls_keys *whole)
{
	size_t cut = size > 0 ? data[0] * size / 256 : 0;
	int fd = memfd_create("keys", MFD_CLOEXEC);
	struct tls_keys *k = tls_keys_new();
	char path[64];
	struct err e;

	assert(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	write_all(fd, data, cut);
	if (tls_keys_add_file(k, path, &e)) {
		write_all(fd, data + cut, size - cut);
		tls_keys_refresh(k);
		check_lines(k, bytes_of(data, size));
		assert(tls_keys_version(k) <=
		       tls_keys_version(whole) + 2); /* a line cut in two may count as another one first */
	} else {
		assert(strlen(e.text) > 0);
	}
	tls_keys_free(k);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_keys *k = tls_keys_new();

	tls_keys_add_text(k, bytes_of(data, size));
	check_lines(k, bytes_of(data, size));
	check_file(data, size, k);
	tls_keys_free(k);
	return 0;
}
