/* The secrets of key logs (RFC 9850, what NSS calls SSLKEYLOGFILE), from files that may still grow and from captures.
 * Holds TLS_KEYS_MAX of them; then the oldest goes. They are never printed, and wiped when they are freed. */
#ifndef DECODE_TLS_KEYS_H
#define DECODE_TLS_KEYS_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

enum tls_secret {                              /* and its label */
		  TLS_SECRET_MASTER,           /* CLIENT_RANDOM: the master secret, TLS 1.2 and before */
		  TLS_SECRET_CLIENT_EARLY,     /* CLIENT_EARLY_TRAFFIC_SECRET */
		  TLS_SECRET_CLIENT_HANDSHAKE, /* CLIENT_HANDSHAKE_TRAFFIC_SECRET */
		  TLS_SECRET_SERVER_HANDSHAKE, /* SERVER_HANDSHAKE_TRAFFIC_SECRET */
		  TLS_SECRET_CLIENT_TRAFFIC,   /* CLIENT_TRAFFIC_SECRET_0 */
		  TLS_SECRET_SERVER_TRAFFIC,   /* SERVER_TRAFFIC_SECRET_0 */
};

#define TLS_CLIENT_RANDOM_LEN 32
#define TLS_SECRET_LEN_MAX 48 /* SHA-384; a master secret has as many */

struct tls_keys;
struct tls_crypto;

struct tls_keys *tls_keys_new(void);
void tls_keys_free(struct tls_keys *k); /* NULL is fine */
/* Reads what is there and keeps the file open, so that it can be read on after privileges are dropped. Single bad lines
 * are skipped and counted. False: it cannot be read, or no line of it belongs to a key log; e names it. Nothing in it
 * (yet) is fine. Something else than a file, such as a pipe, is read to its end and never again. */
bool tls_keys_add_file(struct tls_keys *k, const char *path, struct err *e) MUST_USE;
void tls_keys_add_text(struct tls_keys *k, struct bytes text); /* lines of a key log, as a whole */
/* Reads by what the files have grown, whole lines only; of one that was cut or replaced all. True: something was added.
 * One system call per file when nothing changed. */
bool tls_keys_refresh(struct tls_keys *k);
/* The last one of this label and client random. secret: borrowed until the next call that adds. */
bool tls_keys_find(const struct tls_keys *k, enum tls_secret which, const uint8_t client_random[TLS_CLIENT_RANDOM_LEN],
		   struct bytes *secret);
uint64_t tls_keys_version(const struct tls_keys *k); /* grows whenever something was added */
/* A key log was named, or a secret has come: keys may still come for what cannot be read now. */
bool tls_keys_are_expected(const struct tls_keys *k);
uint64_t tls_keys_n_bad(const struct tls_keys *k); /* lines that were skipped */
/* OpenSSL's algorithms, for tls_opener.c; made when first asked for, owned by k. */
struct tls_crypto *tls_keys_crypto(const struct tls_keys *k);

#endif
