/* Where in the capture something was seen: the provenance of every fact. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdint.h>

#define NS_PER_S 1000000000LL

struct when {
	uint64_t packet; /* 1-based number in the timeline, as packet viewers count; 0 = never */
	int64_t time_ns; /* since 1970-01-01 UTC; orders events only within one capture */
};

#endif
