/* Proxies on ports where anything may be spoken. Private to decode/. */
#ifndef DECODE_DETECT_PROXY_H
#define DECODE_DETECT_PROXY_H

#include "decode/detect.h"

struct mail_ports {
	const uint16_t *ports;
	size_t n;
};

/* Does the connection begin with what is said to a proxy, or by one? True: then *is_mail says whether it is about mail.
 * False: what is left in first decides; without a proxy that is all of it. */
bool detect_proxy(struct bytes first[2], struct mail_ports mail, enum detected *is_mail);

#endif
