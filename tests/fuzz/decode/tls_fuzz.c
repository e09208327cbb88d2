/* The TLS of a connection. Pieces: a byte (bit 0: the side; bit 1: as many bytes are missing instead), two bytes of
 * length, the bytes of the piece.
 *
 * Checked: the same is known wherever the pieces are cut (while nothing is missing, since a record is looked for where
 * a piece begins after a gap). */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/reader.h"
#include "decode/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct tls *tls;
	struct arena arena;
};

static void
begin(struct run *r)
{
	struct tls_start start = { .arena = &r->arena };

	arena_init(&r->arena, SESSION_TEXT_MAX);
	r->tls = tls_new(&start);
}

static void
end(struct run *r)
{
	tls_free(r->tls);
	arena_fini(&r->arena);
}

/* piece: bytes per feed; 0: whole. True: something was missing. */
static bool
play(struct run *r, struct bytes input, size_t piece)
{
	struct reader in = rd_over(input);
	struct when when = { 1, 1 };
	bool is_lossy = false;

	while (rd_left(&in) > 3) {
		uint8_t how = rd_u8(&in);
		size_t len = rd_be16(&in);
		struct bytes bytes = rd_bytes(&in, len < rd_left(&in) ? len : rd_left(&in));
		enum side from = how & 1 ? SIDE_SERVER : SIDE_CLIENT;

		when.packet++;
		if (how & 2) {
			is_lossy = true;
			tls_missing(r->tls, from, len, when);
			continue;
		}
		while (bytes.len > 0) {
			struct bytes now = piece > 0 ? bytes_head(bytes, piece) : bytes;

			tls_feed(r->tls, from, now, when);
			bytes = bytes_from(bytes, now.len);
		}
	}
	return is_lossy;
}

static void
compare(const struct tls_info *a, const struct tls_info *b)
{
	size_t n_a, n_b;

	tls_chain_list(a->chain, &n_a);
	tls_chain_list(b->chain, &n_b);
	assert(n_a == n_b);
	assert(a->version == b->version && a->suite == b->suite && a->version_max == b->version_max);
	assert(bytes_eq(a->sni, b->sni) && bytes_eq(a->suites, b->suites));
	assert(a->alert.when.packet == b->alert.when.packet && a->alert.number == b->alert.number);
	assert(a->client_hello.packet == b->client_hello.packet && a->server_hello.packet == b->server_hello.packet);
	assert(a->finished[0].packet == b->finished[0].packet && a->finished[1].packet == b->finished[1].packet);
	assert(a->talked[0].packet == b->talked[0].packet && a->left.packet == b->left.packet);
	assert(a->is_resumed == b->is_resumed && a->is_stapled == b->is_stapled && a->dh_bits == b->dh_bits);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes input = bytes_of(data, size);
	struct run whole, cut;
	bool is_lossy;

	begin(&whole);
	begin(&cut);
	is_lossy = play(&whole, input, 0);
	play(&cut, input, 1 + size % 7);
	if (!is_lossy)
		compare(tls_info(whole.tls), tls_info(cut.tls));
	end(&whole);
	end(&cut);
	return 0;
}
