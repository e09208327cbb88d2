/* The issuers that clients are taken to trust. Loaded when the first chain is judged. */
#ifndef DECODE_TLS_TRUST_H
#define DECODE_TLS_TRUST_H

#include "base/err.h"

struct tls_trust;

/* path: a file or folder of PEM certificates; NULL: those of the system. NULL with err: it cannot be read. */
struct tls_trust *tls_trust_new(const char *path, struct err *err);
void tls_trust_free(struct tls_trust *t); /* NULL is fine */

#endif
