/* How much memory the lists of a dialogue have. Private to decode/. */
#ifndef DECODE_DIALOGUE_ROOMS_H
#define DECODE_DIALOGUE_ROOMS_H

#include <stddef.h>

struct rooms { /* in elements; they stay for the next session */
	size_t transactions, replies, recipients, capabilities, unanswered, moments;
};

#endif
