/* Which name an address was looked up by, from the answers in the capture. Bounded: HOST_NAMES_MAX addresses, the
 * latest ones. Private to decode/. Order: new, note*, find*, free. */
#ifndef DECODE_HOST_NAMES_H
#define DECODE_HOST_NAMES_H

#include "base/address.h"

struct host_names;

struct host_names *host_names_new(void); /* allocates little until the first name */
void host_names_free(struct host_names *h);
void host_names_note(struct host_names *h, const struct address *a, const char *name);
struct bytes host_names_find(const struct host_names *h, const struct address *a); /* empty: not known */

#endif
