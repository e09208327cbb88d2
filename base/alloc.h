/* Memory that is always there: every size in this program is bounded, so a
 * failed allocation ends the program with one line on standard error. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

void *mem_new(size_t size);                        /* zeroed */
void *mem_new_array(size_t n, size_t size);        /* zeroed; checks the product */
void *mem_resize(void *p, size_t size);            /* new bytes are not zeroed */
void *mem_new_aligned(size_t border, size_t size); /* not zeroed; border: a power of two */
/* Not zeroed, for tables whose entries are used in no order: in large pages where the kernel has some. */
void *mem_new_large(size_t size);
#define CACHE_LINE 64       /* bytes, on all processors that matter here */
#define MEM_LARGE (2 << 20) /* the size of such a page: smaller pieces gain nothing */
char *mem_copy_str(const char *s);
void mem_free(void *p); /* NULL is fine */

#endif
