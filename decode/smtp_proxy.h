/* What is said to a proxy, or by one, before the dialogue; private to smtp*.c. */
#ifndef DECODE_SMTP_PROXY_H
#define DECODE_SMTP_PROXY_H

#include "base/bytes.h"
#include "decode/socks.h"
#include "flow/flow.h"

struct smtp;

/* smtp_tunnel.c: HTTP */
bool smtp_tunnel_begins(struct smtp *m, struct bytes line);
void smtp_tunnel_client_line(struct smtp *m, struct bytes line);
bool smtp_tunnel_server_line(struct smtp *m, struct bytes line); /* false: it is a reply after all */

/* smtp_socks.c */
struct socks {
	uint8_t version;
	enum socks_message client, server; /* which one comes next */
};
bool smtp_socks_begins(struct smtp *m, uint8_t first);
size_t smtp_socks_client_feed(struct smtp *m, struct bytes data);
size_t smtp_socks_server_feed(struct smtp *m, struct bytes data);

/* smtp_proxy_header.c: PROXY protocol */
bool smtp_proxy_header_line(struct smtp *m, struct bytes line); /* version 1 */
bool smtp_proxy_header_begins(struct smtp *m, uint8_t first);   /* version 2 */
size_t smtp_proxy_header_feed(struct smtp *m, struct bytes data);

/* smtp.c. From the client: text is what it asks for; from the server: what the code answers. */
void smtp_tell_proxy(struct smtp *m, enum side from, const char *kind, struct bytes text, unsigned code);

#endif
