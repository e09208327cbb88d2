/* In: texts from blocks of capture files. Out: the same, once somebody wants them. */
#include "capture/secrets.h"

#include <openssl/crypto.h>

#include "base/limits.h"

void
secrets_init(struct secrets *s)
{
	*s = (struct secrets){ .add = NULL };
	buf_init(&s->waiting, CAPTURE_SECRETS_MAX);
	buf_init(&s->names, CAPTURE_NAMES_MAX);
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
	buf_fini(&s->names);
}

/* A record that has no room is left out as a whole. */
void
secrets_note_name(struct secrets *s, uint16_t type, struct bytes value)
{
	static const uint8_t zeros[4];
	uint16_t head[2] = { type, (uint16_t)value.len };
	size_t padding = (4 - value.len % 4) % 4;

	if (value.len > UINT16_MAX || sizeof(head) + value.len + padding > s->names.limit - s->names.len)
		return;
	buf_add(&s->names, bytes_of(head, sizeof(head)));
	buf_add(&s->names, value);
	buf_add(&s->names, bytes_of(zeros, padding));
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
