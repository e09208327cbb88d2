/* What the closing section of the text report answers: since when, who, where, everyone or one domain; private to
 * report/. Order: add*, then print. */
#ifndef REPORT_QUESTIONS_H
#define REPORT_QUESTIONS_H

#include "report/format.h"
#include "report/tally.h"
#include "report/wrap.h"

struct questions {
	struct tally clients, servers;             /* per attempt; keys are packed endpoints */
	struct tally senders, recipients, domains; /* per message, per recipient */
	struct when first, last, first_bad, last_bad, first_good, last_good;
	uint64_t n_good, n_bad, n_bad_before_rcpt, n_encrypted, n_unanswered, n_proxied; /* attempts */
};

void questions_add(struct questions *q, const struct session *s);
void questions_print(struct questions *q, struct wrap *w, const struct report_end *end);

#endif
