/* In: texts from blocks of capture files. Out: the same, once somebody wants them. */
#include "capture/secrets.h"

#include <openssl/crypto.h>

#include "base/limits.h"

void
secrets_init(struct secrets *s)
{
	*s = (struct secrets){ .add = NULL };
	buf_init(&s->waiting, CAPTURE_SECRETS_MAX);
}

static void
forget(struct secrets *s)
{
	if (s->waiting.capacity > 0)
		OPENSSL_cleanse(s->waiting.p, s->waiting.capacity);
	buf_fini(&s->waiting);
}

void
secrets_fini(struct secrets *s)
{
	forget(s);
}

void
secrets_tell(struct secrets *s, struct bytes text)
{
	if (s->add)
		s->add(s->user, text);
	else
		buf_add(&s->waiting, text);
}

void
secrets_set(struct secrets *s, void (*add)(void *user, struct bytes text), void *user)
{
	s->add = add;
	s->user = user;
	if (!add)
		return;
	add(user, buf_bytes(&s->waiting));
	forget(s);
}
