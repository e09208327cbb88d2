/* Memory that is always there: every size in this program is bounded, so a
 * failed allocation ends the program with one line on standard error. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

void *mem_new(size_t size);                 /* zeroed */
void *mem_new_array(size_t n, size_t size); /* zeroed; checks the product */
void *mem_resize(void *p, size_t size);     /* new bytes are not zeroed */
char *mem_copy_str(const char *s);
void mem_free(void *p); /* NULL is fine */

#endif
