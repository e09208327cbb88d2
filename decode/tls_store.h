/* The inside of struct tls_trust, for tls_certificate.c only. */
#ifndef DECODE_TLS_STORE_H
#define DECODE_TLS_STORE_H

#include <stdbool.h>

#include <openssl/x509_vfy.h>

struct tls_trust;

X509_STORE *tls_trust_store(struct tls_trust *t); /* borrowed */
bool tls_trust_is_empty(struct tls_trust *t);     /* the system has no certificates: nothing can be said */

#endif
