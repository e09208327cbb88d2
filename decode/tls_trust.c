/* In: a file, a folder, or the system's certificates. Out: a store of OpenSSL. */
#include "decode/tls_trust.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>

#include "base/alloc.h"
#include "decode/tls_store.h"

struct tls_trust {
	X509_STORE *store;
	bool is_system, is_loaded;
};

static bool
load_path(X509_STORE *store, const char *path, struct err *err)
{
	struct stat st;
	int ok;

	if (stat(path, &st) != 0) {
		err_set(err, "%s: %s", path, strerror(errno));
		return false;
	}
	ok = S_ISDIR(st.st_mode) ? X509_STORE_load_path(store, path) : X509_STORE_load_file(store, path);
	ERR_clear_error();
	if (!ok)
		err_set(
		    err,
		    "%s: no certificates in PEM form; --trust wants a file with some, or a folder prepared by c_rehash",
		    path);
	return ok;
}

struct tls_trust *
tls_trust_new(const char *path, struct err *err)
{
	struct tls_trust *t = mem_new(sizeof(*t));

	t->store = X509_STORE_new();
	t->is_system = path == NULL;
	t->is_loaded = path != NULL;
	if (path && !load_path(t->store, path, err)) {
		tls_trust_free(t);
		return NULL;
	}
	return t;
}

X509_STORE *
tls_trust_store(struct tls_trust *t)
{
	if (!t->is_loaded)
		X509_STORE_set_default_paths(t->store);
	t->is_loaded = true;
	ERR_clear_error();
	return t->store;
}

bool
tls_trust_is_empty(struct tls_trust *t)
{
	return t->is_system && sk_X509_OBJECT_num(X509_STORE_get0_objects(tls_trust_store(t))) == 0;
}

void
tls_trust_free(struct tls_trust *t)
{
	if (!t)
		return;
	X509_STORE_free(t->store);
	mem_free(t);
}
