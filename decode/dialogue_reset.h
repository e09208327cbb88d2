/* Facts about a reset inside a connection: everything by which its sender can be known. Private to
 * decode/. */
#ifndef DECODE_DIALOGUE_RESET_H
#define DECODE_DIALOGUE_RESET_H

#include "decode/dialogue.h"

void dialogue_reset_facts(struct dialogue *d);
/* A reset behind the FIN of the side it names says nothing new: late data met a closed socket. */
bool reset_is_after_own_fin(const struct tcp_facts *t, const struct tcp_reset *r);

#endif
