/* Lets a program that uses OpenSSL write its TLS keys to $SSLKEYLOGFILE, though it has no such option. On the test
 * network only: with these keys everybody can read what it sends.
 *
 *     cc -shared -fPIC -o keylog_preload.so keylog_preload.c -lssl
 *     SSLKEYLOGFILE=/path/keys LD_PRELOAD=/path/keylog_preload.so PROGRAM
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ssl.h>

static void
write_line(const SSL *ssl, const char *line)
{
	const char *path = getenv("SSLKEYLOGFILE");
	int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;

	(void)ssl;
	if (fd < 0)
		return;
	dprintf(fd, "%s\n", line);
	close(fd);
}

SSL_CTX *
SSL_CTX_new(const SSL_METHOD *method)
{
	SSL_CTX *(*next)(const SSL_METHOD *) = (SSL_CTX * (*)(const SSL_METHOD *)) dlsym(RTLD_NEXT, "SSL_CTX_new");
	SSL_CTX *context = next ? next(method) : NULL;

	if (context)
		SSL_CTX_set_keylog_callback(context, write_line);
	return context;
}
