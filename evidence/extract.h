/* Writes the packets that prove what was found, as a capture of its own (-w). Findings are known at the end only, so
 * the packets are read again, twice: to see which are wanted, and to write them.
 * Order: new, session*, findings, look*, begin, write*, end,
 * free. */
#ifndef EVIDENCE_EXTRACT_H
#define EVIDENCE_EXTRACT_H

#include <stdio.h>

#include "capture/origin.h"
#include "decode/session.h"
#include "flow/which.h"
#include "rules/finding.h"

struct extract;

struct extract *extract_new(void);
void extract_free(struct extract *x); /* NULL is fine */
/* A session that findings may name. */
void extract_session(struct extract *x, const struct session *s);
/* Those of severity error and warning decide what is wanted; all of them comment on it. */
void extract_findings(struct extract *x, const struct finding *findings, size_t n_findings);
/* A packet that was just fed to t. */
void extract_look(struct extract *x, const struct flow_table *t, const struct packet *p);
/* All packets were looked at. Borrows out. names: as capture_names has them; key_log: of the captures. */
void extract_begin(struct extract *x, FILE *out, struct bytes names, struct bytes key_log);
/* Writes the packet if it is wanted. t: a new table, which was just fed with it. */
void extract_write(struct extract *x, const struct flow_table *t, const struct packet *p,
		   const struct capture_interface *i);
/* All were. */
void extract_end(struct extract *x);

#endif
