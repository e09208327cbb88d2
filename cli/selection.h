/* Which sessions -Y chose. Order: new, add*, has*, free. */
#ifndef CLI_SELECTION_H
#define CLI_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

struct selection;

struct selection *selection_new(void);
void selection_add(struct selection *s, uint64_t id);
/* Is id within the sessions that can be remembered (the first SELECTION_MAX)? */
bool selection_covers(uint64_t id);
bool selection_has(const struct selection *s, uint64_t id);
void selection_free(struct selection *s); /* NULL is fine */

#endif
