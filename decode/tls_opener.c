/* In: protected records of one direction. Out: what is in them. Which key and which number a record has is decided
 * here; how a key opens a record is known to tls_protection.c.
 *
 * A record that does not open with the present key and number is tried with the keys of later epochs; after a gap, also
 * with the numbers around. What fails in the end costs a bounded number of trials (TLS_TRIALS_MAX) per direction. */
#include "decode/tls_opener.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/tls_crypto.h"
#include "decode/tls_derive.h"
#include "decode/tls_protection.h"
#include "decode/tls_record.h"

#define KEY_MAX 32 /* AES-256, ChaCha20 */
#define MAC_MAX 64 /* of a digest */
#define KEY_BLOCK_MAX (2 * (KEY_MAX + MAC_MAX + TLS_IV_MAX))

/* What opens the next record. */
struct place {
	enum tls_epoch epoch;
	bool has_key;
	bool has_opened; /* a record, with this key */
	uint64_t sequence;
	uint8_t secret[TLS_SECRET_LEN_MAX]; /* TLS 1.3: of the traffic */
};

struct tls_opener {
	const struct tls_keys *keys;
	uint8_t client_random[TLS_CLIENT_RANDOM_LEN];
	enum side side;
	struct tls_protection protection; /* has the key of place */
	struct place place;
	bool is_unsure;     /* of the number: records are missing, or one did not open */
	uint64_t n_skipped; /* since one opened: the number may be so much lower */
	unsigned n_trials_left;
};

static bool
is_tls13(const struct tls_opener *o)
{
	return o->protection.version == TLS_1_3;
}

/* Finds the secret of an epoch of TLS 1.3. */
static bool
find_secret(const struct tls_opener *o, enum tls_epoch epoch, struct bytes *secret)
{
	static const enum tls_secret of_client[] = { TLS_SECRET_CLIENT_EARLY, TLS_SECRET_CLIENT_HANDSHAKE,
						     TLS_SECRET_CLIENT_TRAFFIC };
	static const enum tls_secret of_server[] = { TLS_SECRET_CLIENT_EARLY, TLS_SECRET_SERVER_HANDSHAKE,
						     TLS_SECRET_SERVER_TRAFFIC };

	if (o->side == SIDE_SERVER && epoch == TLS_EPOCH_EARLY)
		return false;
	return tls_keys_find(o->keys, o->side == SIDE_CLIENT ? of_client[epoch] : of_server[epoch], o->client_random,
			     secret) &&
	       secret->len == o->protection.parts.hash_len;
}

/* RFC 8446 7.3 */
static bool
set_traffic_key(struct tls_opener *o)
{
	const struct tls_suite_parts *parts = &o->protection.parts;
	struct bytes secret = bytes_of(o->place.secret, parts->hash_len);
	uint8_t key[KEY_MAX], iv[TLS_IV_MAX];
	bool is_fine;

	is_fine = tls_derive_expand(o->protection.crypto, parts->hash, secret, "key", key, parts->key_len) &&
		  tls_derive_expand(o->protection.crypto, parts->hash, secret, "iv", iv,
				    tls_protection_iv_len(&o->protection)) &&
		  tls_protection_set_key(&o->protection, key, key, iv);
	OPENSSL_cleanse(key, sizeof(key));
	return is_fine;
}

/* The only writer of place in TLS 1.3, but for numbers. secret empty: not known (yet). */
static void
enter(struct tls_opener *o, enum tls_epoch epoch, struct bytes secret)
{
	o->place = (struct place){ .epoch = epoch };
	if (secret.len == 0)
		return;
	memcpy(o->place.secret, secret.p, secret.len);
	o->place.has_key = set_traffic_key(o);
}

static void
enter_epoch(struct tls_opener *o, enum tls_epoch epoch)
{
	struct bytes secret = { NULL, 0 };

	find_secret(o, epoch, &secret);
	enter(o, epoch, secret);
}

/* RFC 5246 6.3: MAC keys, keys, IVs, of the client first */
static bool
set_master_key(struct tls_opener *o, const struct tls_opener_start *s)
{
	const struct tls_suite_parts *parts = &o->protection.parts;
	size_t iv_len = tls_protection_iv_len(&o->protection), side = s->side == SIDE_CLIENT ? 0 : 1;
	size_t len = 2 * (parts->mac_len + parts->key_len + iv_len);
	const char *hash = s->version >= TLS_1_2 ? parts->hash : "MD5-SHA1";
	uint8_t block[KEY_BLOCK_MAX], *keys = block + 2 * parts->mac_len, *ivs = keys + 2 * parts->key_len;
	struct bytes master;
	bool is_fine;

	if (!tls_keys_find(s->keys, TLS_SECRET_MASTER, s->client_random, &master))
		return false;
	is_fine = tls_derive_key_block(o->protection.crypto, hash, master, s->client_random, s->server_random, block,
				       len) &&
		  tls_protection_set_key(&o->protection, block + side * parts->mac_len, keys + side * parts->key_len,
					 ivs + side * iv_len);
	OPENSSL_cleanse(block, sizeof(block));
	return is_fine;
}

/* At the first epoch of which there is a secret. */
static bool
set_first_key(struct tls_opener *o)
{
	for (enum tls_epoch epoch = TLS_EPOCH_EARLY; epoch <= TLS_EPOCH_APPLICATION && !o->place.has_key; epoch++)
		enter_epoch(o, epoch);
	return o->place.has_key;
}

struct tls_opener *
tls_opener_new(const struct tls_opener_start *s)
{
	struct tls_opener *o;
	struct tls_suite_parts parts;

	if (!s->keys || !tls_suite_parts(s->suite, &parts))
		return NULL;
	o = mem_new(sizeof(*o));
	o->keys = s->keys;
	o->side = s->side;
	o->n_trials_left = TLS_TRIALS_MAX;
	memcpy(o->client_random, s->client_random, sizeof(o->client_random));
	if (tls_protection_init(&o->protection, tls_keys_crypto(s->keys), &parts, s->version, s->encrypt_then_mac)) {
		if (is_tls13(o) ? set_first_key(o) : set_master_key(o, s)) {
			o->place.has_key = true;
			o->place.epoch = is_tls13(o) ? o->place.epoch : TLS_EPOCH_APPLICATION;
			return o;
		}
	}
	tls_opener_free(o);
	return NULL;
}

void
tls_opener_free(struct tls_opener *o)
{
	if (!o)
		return;
	tls_protection_fini(&o->protection);
	OPENSSL_cleanse(o, sizeof(*o));
	mem_free(o);
}

/* struct { opaque content[]; ContentType type; uint8 zeros[]; } TLSInnerPlaintext */
static bool
cut_inner(struct bytes *plain, uint8_t *type)
{
	while (plain->len > 0 && plain->p[plain->len - 1] == 0)
		plain->len--;
	if (plain->len == 0)
		return false;
	*type = plain->p[--plain->len];
	return true;
}

static bool
open_at(struct tls_opener *o, uint64_t sequence, struct tls_protected *record, struct bytes *plain)
{
	record->sequence = sequence;
	if (!tls_protection_open(&o->protection, record, plain))
		return false;
	o->place.sequence = sequence + 1;
	o->place.has_opened = true;
	return true;
}

static bool
take_trial(struct tls_opener *o)
{
	if (o->n_trials_left == 0)
		return false;
	o->n_trials_left--;
	return true;
}

/* Numbers around first, the nearest ones first: at most n_up above it and n_down below. */
static bool
search(struct tls_opener *o, uint64_t first, uint64_t n_up, uint64_t n_down, struct tls_protected *record,
       struct bytes *plain)
{
	for (uint64_t n = 1; n <= n_up || (n <= n_down && n <= first); n++) {
		if (n <= n_up && take_trial(o) && open_at(o, first + n, record, plain))
			return true;
		if (n <= n_down && n <= first && take_trial(o) && open_at(o, first - n, record, plain))
			return true;
		if (o->n_trials_left == 0)
			break;
	}
	return false;
}

/* With another secret, from its first record on. Goes back when that does not fit. */
static bool
try_secret(struct tls_opener *o, enum tls_epoch epoch, struct bytes secret, struct tls_protected *record,
	   struct bytes *plain)
{
	struct place before = o->place;

	uint64_t n_up = o->is_unsure ? o->n_skipped + TLS_SEQUENCE_WINDOW : 0;

	if (!take_trial(o))
		return false;
	enter(o, epoch, secret);
	if (o->place.has_key && (open_at(o, 0, record, plain) || search(o, 0, n_up, 0, record, plain)))
		return true;
	o->place = before;
	if (before.has_key)
		o->place.has_key = set_traffic_key(o);
	OPENSSL_cleanse(&before, sizeof(before));
	return false;
}

/* RFC 8446 7.2 */
static bool
next_secret(const struct tls_opener *o, uint8_t secret[TLS_SECRET_LEN_MAX])
{
	const struct tls_suite_parts *parts = &o->protection.parts;

	return tls_derive_expand(o->protection.crypto, parts->hash, bytes_of(o->place.secret, parts->hash_len),
				 "traffic upd", secret, parts->hash_len);
}

/* A KeyUpdate may be among the records that are missing. */
static bool
try_update(struct tls_opener *o, struct tls_protected *record, struct bytes *plain)
{
	uint8_t secret[TLS_SECRET_LEN_MAX];

	return o->is_unsure && o->place.epoch == TLS_EPOCH_APPLICATION && next_secret(o, secret) &&
	       try_secret(o, TLS_EPOCH_APPLICATION, bytes_of(secret, o->protection.parts.hash_len), record, plain);
}

static bool
try_epochs(struct tls_opener *o, struct tls_protected *record, struct bytes *plain)
{
	struct bytes secret;

	for (enum tls_epoch epoch = o->place.epoch + 1; epoch <= TLS_EPOCH_APPLICATION; epoch++)
		if (find_secret(o, epoch, &secret) && try_secret(o, epoch, secret, record, plain))
			return true;
	return false;
}

static bool
open_somehow(struct tls_opener *o, struct tls_protected *record, struct bytes *plain)
{
	if (is_tls13(o) && !o->place.has_key)
		enter_epoch(o, o->place.epoch); /* it may have come */
	if (o->place.has_key && open_at(o, o->place.sequence, record, plain))
		return true;
	if (o->protection.parts.bulk == TLS_BULK_STREAM) { /* each trial changes the key stream */
		o->place.has_key = false;
		return false;
	}
	if (is_tls13(o) && try_epochs(o, record, plain))
		return true;
	if (o->is_unsure && o->place.has_key &&
	    search(o, o->place.sequence, TLS_SEQUENCE_WINDOW, o->n_skipped, record, plain))
		return true;
	return is_tls13(o) && try_update(o, record, plain);
}

bool
tls_opener_open(struct tls_opener *o, uint8_t *type, uint16_t record_version, struct bytes body, struct bytes *plain)
{
	struct tls_protected record = { .type = *type, .version = record_version, .body = body };
	bool has_opened;

	if (is_tls13(o) && *type != TLS_APPLICATION_DATA)
		return false;
	has_opened = open_somehow(o, &record, plain);
	tls_protection_pass(&o->protection, body);
	if (!has_opened) {
		if (o->is_unsure || o->place.has_opened)
			tls_opener_skip(o, 1);
		return false;
	}
	if (o->is_unsure && o->n_trials_left < TLS_TRIALS_MAX - TLS_SEQUENCE_WINDOW)
		o->n_trials_left += TLS_SEQUENCE_WINDOW;
	o->is_unsure = false;
	o->n_skipped = 0;
	return !is_tls13(o) || cut_inner(plain, type);
}

void
tls_opener_key_update(struct tls_opener *o)
{
	uint8_t secret[TLS_SECRET_LEN_MAX];

	if (!is_tls13(o) || !o->place.has_key || !next_secret(o, secret))
		return;
	enter(o, o->place.epoch, bytes_of(secret, o->protection.parts.hash_len));
	OPENSSL_cleanse(secret, sizeof(secret));
}

void
tls_opener_finished(struct tls_opener *o)
{
	if (is_tls13(o) && o->place.epoch != TLS_EPOCH_APPLICATION)
		enter_epoch(o, TLS_EPOCH_APPLICATION);
}

void
tls_opener_skip(struct tls_opener *o, uint64_t n_records)
{
	o->place.sequence += n_records;
	o->n_skipped += n_records;
	o->is_unsure = true;
	if (o->protection.parts.bulk == TLS_BULK_STREAM)
		o->place.has_key = false;
}

enum tls_epoch
tls_opener_epoch(const struct tls_opener *o)
{
	return o->place.epoch;
}

bool
tls_opener_lacks_key(const struct tls_opener *o)
{
	struct bytes secret;

	if (o->place.has_key || !is_tls13(o))
		return false;
	for (enum tls_epoch epoch = o->place.epoch; epoch <= TLS_EPOCH_APPLICATION; epoch++)
		if (find_secret(o, epoch, &secret))
			return false;
	return true;
}
