/* What all packets of a server had in common, over all of its connections: the control for packets that claim to be
 * its own. Private to decode/. */
#ifndef DECODE_HOSTS_H
#define DECODE_HOSTS_H

#include "base/address.h"
#include "base/limits.h"
#include "base/when.h"

struct host {
	struct address address;   /* family 0: free */
	uint8_t ttl_min, ttl_max; /* of packets without RST */
	struct when when;         /* of the latest note */
	bool connects;            /* as a client: a server accepted a connection of it */
	uint8_t n_ports;
	uint16_t ports[HOST_PORTS_MAX];         /* as a server: those that accepted connections */
	struct when opened[HOST_PORTS_MAX];     /* ... the first packet that showed it */
	uint16_t connected[HOST_CONNECTED_MAX]; /* as a client: ports that accepted its connections; 0: free */
};

struct hosts;
struct tcp_facts;

struct hosts *hosts_new(void);
void hosts_free(struct hosts *h);
/* What a connection shows of both its ends; may be called more than once. */
void hosts_note(struct hosts *h, const struct tcp_facts *t);
/* Does the port of any other host accept connections? */
bool hosts_port_elsewhere(const struct hosts *h, uint16_t port, const struct address *but);
/* The first packet that showed that the port accepts connections; NULL: none. host: NULL is fine. */
const struct when *host_opened(const struct host *host, uint16_t port);
const struct host *hosts_find(const struct hosts *h,
			      const struct address *a); /* NULL: not known; until the next note */

#endif
