/* -w FILE: the packets of flagged sessions. Files are read again; what comes from a pipe or a device is kept until the
 * findings are known. Order: open, (packet | session | secrets)*, finish, free. */
#ifndef CLI_WRITING_H
#define CLI_WRITING_H

#include "capture/capture.h"
#include "cli/options.h"
#include "decode/session.h"
#include "rules/finding.h"

struct writing;

struct writing *writing_open(const struct options *o, struct err *e); /* borrows o; NULL: e says why */
void writing_free(struct writing *w);                                 /* NULL is fine */
bool writing_keeps_packets(const struct writing *w);
void writing_packet(struct writing *w, const struct capture *c, const struct packet *p); /* only if it keeps them */
void writing_session(struct writing *w, const struct session *s);
void writing_secrets(struct writing *w, struct bytes key_log); /* of the capture */
/* c: the capture that was read. */
bool writing_finish(struct writing *w, const struct capture *c, const struct finding *findings, size_t n_findings,
		    struct err *e) MUST_USE;

#endif
