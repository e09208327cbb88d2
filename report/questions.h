/* What the closing section of the text report answers: since when, who, where, everyone or one domain, who to ask;
 * private to report/. Order: add*, then print. */
#ifndef REPORT_QUESTIONS_H
#define REPORT_QUESTIONS_H

#include "report/format.h"
#include "report/wrap.h"

#define QUESTIONS_ANSWER_AT 29 /* column of the answers */

#define PROOF_TEXT_MAX 80

struct proof { /* that a server took a message */
	struct when when;
	unsigned code;
	size_t id_len, enhanced_len, recipient_len; /* bytes of the texts below, which may be cut */
	uint8_t id[PROOF_TEXT_MAX], enhanced[PROOF_TEXT_MAX], recipient[PROOF_TEXT_MAX];
};

struct questions {
	struct when first_bad, last_bad, last_good, last_unknown;                        /* starts of attempts */
	struct endpoint good_server;                                                     /* of last_good */
	struct proof proof;                                                              /* the latest one */
	uint64_t n_accepted;                                                             /* messages */
	uint64_t n_good, n_bad, n_bad_before_rcpt, n_encrypted, n_unanswered, n_proxied; /* attempts */
};

void questions_add(struct questions *q, const struct session *s);
void questions_print(const struct questions *q, struct wrap *w, const struct report_end *end);

#endif
