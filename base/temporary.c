/* In: nothing but TMPDIR. Out: a file. */
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
temporary_folder(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && dir[0] != '\0' ? dir : "/tmp";
}

/* A file without a name. O_TMPFILE is not known to every file system; then a name lives for a moment. */
static int
open_unnamed(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	char path[4096];

	if (fd >= 0)
		return fd;
	if ((size_t)snprintf(path, sizeof(path), "%s/smtptrace-XXXXXX", dir) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

FILE *
temporary_file(struct err *e)
{
	const char *dir = temporary_folder();
	int fd = open_unnamed(dir);
	FILE *file = fd >= 0 ? fdopen(fd, "w+b") : NULL;

	if (file)
		return file;
	err_set(e, "cannot create a temporary file in %s: %s; set TMPDIR to a directory with room", dir,
		strerror(errno));
	if (fd >= 0)
		close(fd);
	return NULL;
}
