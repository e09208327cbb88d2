/* The "tls" of a session in JSON. Private to report/. */
#ifndef REPORT_RECORD_TLS_H
#define REPORT_RECORD_TLS_H

#include <jansson.h>

#include "decode/session.h"

json_t *record_tls(const struct session *s); /* null when there was no TLS; owned by the caller */

#endif
