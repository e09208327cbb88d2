/* What all packets of a server had in common, over all of its connections: the control for packets that claim to be
 * its own. Private to decode/. */
#ifndef DECODE_HOSTS_H
#define DECODE_HOSTS_H

#include "base/address.h"
#include "base/when.h"

struct host {
	struct address address;   /* family 0: free */
	uint8_t ttl_min, ttl_max; /* of packets without RST */
	struct when when;         /* of the latest note */
};

struct hosts;

struct hosts *hosts_new(void);
void hosts_free(struct hosts *h);
void hosts_note(struct hosts *h, const struct address *a, uint8_t ttl_min, uint8_t ttl_max, struct when when);
const struct host *hosts_find(const struct hosts *h,
			      const struct address *a); /* NULL: not known; until the next note */

#endif
