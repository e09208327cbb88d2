/* The text of a reply without what differs from one recipient or queue id to the next. */
#ifndef RULES_FOLD_H
#define RULES_FOLD_H

#include "base/buf.h"

/* <anything@anywhere> and the recipient become <*@*> and *@*; five and more digits in a row become zeros. */
void reply_fold(struct bytes text, struct bytes recipient, struct buf *out);

#endif
