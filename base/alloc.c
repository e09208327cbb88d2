/* In: sizes. Out: memory, or the end of the program. */
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *
or_die(void *p)
{
	if (!p) {
		fputs("smtptrace: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *
mem_new(size_t size)
{
	return or_die(calloc(1, size > 0 ? size : 1));
}

void *
mem_new_array(size_t n, size_t size)
{
	return or_die(calloc(n > 0 ? n : 1, size > 0 ? size : 1));
}

void *
mem_resize(void *p, size_t size)
{
	return or_die(realloc(p, size > 0 ? size : 1));
}

void *
mem_new_aligned(size_t border, size_t size)
{
	return or_die(aligned_alloc(border, (size + border - 1) / border * border));
}

void *
mem_new_large(size_t size)
{
	void *p = mem_new_aligned(MEM_LARGE, size);

	madvise(p, size, MADV_HUGEPAGE); /* advice only: without it, all works as well */
	return p;
}

char *
mem_copy_str(const char *s)
{
	return or_die(strdup(s));
}

void
mem_free(void *p)
{
	free(p);
}
