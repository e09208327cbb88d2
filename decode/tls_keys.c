/* In: files and texts with the lines of key logs. Out: secrets. What a line says is known to tls_keylog.c, how secrets
 * are kept to tls_secrets.c; here files are opened, read, and read on. */
#include "decode/tls_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/tls_crypto.h"
#include "decode/tls_keylog.h"
#include "decode/tls_secrets.h"

#define READ_LEN (64 * 1024)
#define FOREIGN_MAX (1 << 20) /* bytes without a good line, then it is no key log */

struct file {
	char *path;
	int fd;
	dev_t device;
	ino_t inode;
	bool is_regular;
	bool is_skipping; /* a line that is too long */
	off_t size;       /* read so far */
	uint64_t n_good, n_bad;
	size_t tail_len; /* of a line whose end did not come yet */
	uint8_t tail[TLS_KEYS_LINE_MAX];
};

struct tls_keys {
	struct tls_secrets *secrets;
	struct tls_crypto **crypto; /* of one; made when it is needed */
	uint64_t version, n_bad;
	size_t n_files;
	struct file **files;
};

struct tls_keys *
tls_keys_new(void)
{
	struct tls_keys *k = mem_new(sizeof(*k));

	k->secrets = tls_secrets_new(TLS_KEYS_MAX);
	k->crypto = mem_new(sizeof(*k->crypto));
	return k;
}

static void
file_free(struct file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	mem_free(f->path);
	OPENSSL_cleanse(f, sizeof(*f));
	mem_free(f);
}

void
tls_keys_free(struct tls_keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n_files; i++)
		file_free(k->files[i]);
	mem_free(k->files);
	tls_crypto_free(*k->crypto);
	mem_free(k->crypto);
	tls_secrets_free(k->secrets);
	mem_free(k);
}

static enum tls_keylog_line
add_line(struct tls_keys *k, struct bytes line)
{
	struct tls_keylog_secret s;
	enum tls_keylog_line kind = tls_keylog_parse(line, &s);

	if (kind == TLS_KEYLOG_SECRET) {
		k->version += tls_secrets_put(k->secrets, s.which, s.client_random, bytes_of(s.secret, s.len));
		OPENSSL_cleanse(&s, sizeof(s));
	}
	return kind;
}

void
tls_keys_add_text(struct tls_keys *k, struct bytes text)
{
	while (text.len > 0)
		k->n_bad += add_line(k, bytes_split(&text, '\n')) == TLS_KEYLOG_BAD;
}

static void
count_line(struct tls_keys *k, struct file *f, enum tls_keylog_line kind)
{
	f->n_bad += kind == TLS_KEYLOG_BAD;
	k->n_bad += kind == TLS_KEYLOG_BAD;
	f->n_good += kind == TLS_KEYLOG_SECRET || kind == TLS_KEYLOG_OTHER;
}

/* Takes the whole lines of text, and keeps what is behind them. */
static void
take_lines(struct tls_keys *k, struct file *f, struct bytes text)
{
	for (;;) {
		size_t n = bytes_find(text, '\n');
		struct bytes line = bytes_head(text, n);

		if (n == text.len)
			break;
		if (!f->is_skipping)
			count_line(k, f, add_line(k, line));
		f->is_skipping = false;
		text = bytes_from(text, n + 1);
	}
	f->tail_len = 0;
	if (f->is_skipping)
		return;
	if (text.len > sizeof(f->tail)) {
		f->is_skipping = true;
		count_line(k, f, TLS_KEYLOG_BAD);
		return;
	}
	if (text.len > 0)
		memcpy(f->tail, text.p, text.len);
	f->tail_len = text.len;
}

static bool
is_foreign(const struct file *f)
{
	return f->n_good == 0 && (f->n_bad > 0 || !tls_keylog_may_begin(bytes_of(f->tail, f->tail_len)));
}

/* Up to the present end. False: the system says no, see errno. */
static bool
read_on(struct tls_keys *k, struct file *f)
{
	uint8_t *room = mem_new(TLS_KEYS_LINE_MAX + READ_LEN); /* a tail comes first */
	ssize_t n = 0;
	int why;

	do {
		memcpy(room, f->tail, f->tail_len);
		n = read(f->fd, room + f->tail_len, READ_LEN);
		why = errno;
		if (n > 0) {
			f->size += n;
			take_lines(k, f, bytes_of(room, f->tail_len + (size_t)n));
		}
	} while ((n > 0 && !(is_foreign(f) && f->size > FOREIGN_MAX)) || (n < 0 && why == EINTR));
	OPENSSL_cleanse(room, TLS_KEYS_LINE_MAX + READ_LEN);
	mem_free(room);
	errno = why;
	return n >= 0;
}

/* False: see errno. */
static bool
file_open(struct file *f)
{
	struct stat st;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0) {
		close(fd);
		return false;
	}
	if (f->fd >= 0)
		close(f->fd);
	f->fd = fd;
	f->device = st.st_dev;
	f->inode = st.st_ino;
	f->is_regular = S_ISREG(st.st_mode);
	f->size = 0;
	f->tail_len = 0;
	f->is_skipping = false;
	return true;
}

/* A last line without a line feed counts when it is whole. It stays in the tail: more of it may come. */
static void
try_tail(struct tls_keys *k, struct file *f)
{
	if (f->tail_len > 0)
		f->n_good += add_line(k, bytes_of(f->tail, f->tail_len)) == TLS_KEYLOG_SECRET;
}

bool
tls_keys_add_file(struct tls_keys *k, const char *path, struct err *e)
{
	struct file *f = mem_new(sizeof(*f));

	f->fd = -1;
	f->path = mem_copy_str(path);
	if (!file_open(f) || !read_on(k, f)) {
		err_set(e, "cannot read the key log '%s': %s", path, strerror(errno));
		file_free(f);
		return false;
	}
	try_tail(k, f);
	if (is_foreign(f)) {
		err_set(e, "'%s' is no key log: it has no line such as CLIENT_RANDOM <hex> <hex> (RFC 9850)", path);
		file_free(f);
		return false;
	}
	k->files = mem_resize(k->files, (k->n_files + 1) * sizeof(*k->files));
	k->files[k->n_files++] = f;
	return true;
}

static void
start_over(struct file *f)
{
	if (lseek(f->fd, 0, SEEK_SET) != 0)
		return;
	f->size = 0;
	f->tail_len = 0;
	f->is_skipping = false;
}

/* The name counts, not what was opened: logs are rotated. What stands there now may not be ours to open any more. */
static void
refresh_file(struct tls_keys *k, struct file *f)
{
	struct stat st;

	if (!f->is_regular || (stat(f->path, &st) != 0 && fstat(f->fd, &st) != 0))
		return;
	if (st.st_ino != f->inode || st.st_dev != f->device) {
		read_on(k, f); /* what was still written to the old one */
		if (file_open(f) && f->is_regular)
			read_on(k, f);
		return;
	}
	if (st.st_size == f->size)
		return;
	if (st.st_size < f->size)
		start_over(f);
	read_on(k, f);
}

bool
tls_keys_refresh(struct tls_keys *k)
{
	uint64_t before = k->version;

	for (size_t i = 0; i < k->n_files; i++)
		refresh_file(k, k->files[i]);
	return k->version != before;
}

bool
tls_keys_find(const struct tls_keys *k, enum tls_secret which, const uint8_t client_random[TLS_CLIENT_RANDOM_LEN],
	      struct bytes *secret)
{
	return tls_secrets_find(k->secrets, which, client_random, secret);
}

uint64_t
tls_keys_version(const struct tls_keys *k)
{
	return k->version;
}

uint64_t
tls_keys_n_bad(const struct tls_keys *k)
{
	return k->n_bad;
}

bool
tls_keys_are_expected(const struct tls_keys *k)
{
	return k->n_files > 0 || k->version > 0;
}

struct tls_crypto *
tls_keys_crypto(const struct tls_keys *k)
{
	if (!*k->crypto)
		*k->crypto = tls_crypto_new();
	return *k->crypto;
}
