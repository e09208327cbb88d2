/* Names that stand for others (--redact): as long as these, with the same kinds of characters in the same places, and
 * the same one for the same name in the whole run, in whatever case it is written. Nobody outside knows the key. */
#ifndef DECODE_PSEUDONYM_H
#define DECODE_PSEUDONYM_H

#include "base/buf.h"

struct pseudonyms;

struct pseudonyms *pseudonyms_new(void);
void pseudonyms_free(struct pseudonyms *p); /* NULL is fine */
/* All add to out as many bytes as they were given. A name of a user; remembered, so that texts do not tell it. */
void pseudonym_user(struct pseudonyms *p, struct bytes user, struct buf *out);
/* Each label for itself, but for the last one; remembered likewise. */
void pseudonym_domain(struct pseudonyms *p, struct bytes domain, struct buf *out);
/* user@domain, or a user alone. */
void pseudonym_address(struct pseudonyms *p, struct bytes address, struct buf *out);
/* The addresses in a text; the rest stays as it is. */
void pseudonym_addresses(struct pseudonyms *p, struct bytes text, struct buf *out);
/* The addresses, and the names that were remembered. */
void pseudonym_text(struct pseudonyms *p, struct bytes text, struct buf *out);

#endif
