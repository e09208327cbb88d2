/* In: a path. Out: what the file holds, or why it cannot be read. */
#include "rules/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool
file_read(const char *path, struct buf *text, struct err *e)
{
	uint8_t chunk[16384];
	FILE *f = fopen(path, "rb");
	bool is_ok = true;
	size_t n;

	if (!f) {
		err_set(e, "%s: %s", path, strerror(errno));
		return false;
	}
	while (text->n_cut == 0 && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(text, bytes_of(chunk, n));
	if (ferror(f)) {
		err_set(e, "%s: %s", path, strerror(errno));
		is_ok = false;
	} else if (text->n_cut > 0) {
		err_set(e, "%s: larger than %zu bytes", path, text->limit);
		is_ok = false;
	}
	fclose(f);
	return is_ok;
}
