/* Names of hosts and domains (RFC 5321 2.3.5, 4.1.3). Private to decode/. */
#ifndef DECODE_DOMAIN_H
#define DECODE_DOMAIN_H

#include "base/bytes.h"

#define DOMAIN_MAX 255 /* RFC 5321 4.5.3.1.2 */

/* full (a host name with its domain), address ([192.0.2.1]), local (ends in a domain that the Internet does not have),
 * bare. */
const char *domain_form(struct bytes name);
struct bytes domain_registered(struct bytes domain); /* its last two labels */
bool domain_is_related(struct bytes a, struct bytes b);
/* The name that a server greets with (RFC 5321 4.2): the first word when it is a full name, else empty. */
struct bytes domain_in_greeting(struct bytes greeting);

#endif
