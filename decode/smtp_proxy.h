/* What is said to a proxy, or by one, before the dialogue; private to smtp*.c. */
#ifndef DECODE_SMTP_PROXY_H
#define DECODE_SMTP_PROXY_H

#include "base/bytes.h"
#include "flow/flow.h"

struct smtp;

/* smtp_tunnel.c: HTTP */
bool smtp_tunnel_begins(struct smtp *m, struct bytes line);
void smtp_tunnel_client_line(struct smtp *m, struct bytes line);
bool smtp_tunnel_server_line(struct smtp *m, struct bytes line); /* false: it is a reply after all */

/* smtp.c. From the client: text is what it asks for; from the server: what the code answers. */
void smtp_tell_proxy(struct smtp *m, enum side from, const char *kind, struct bytes text, unsigned code);

#endif
