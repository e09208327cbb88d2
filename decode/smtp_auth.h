/* SASL in SMTP (RFC 4954): the mechanism and, where it travels in clear, the user name. Nothing else of what the
 * client sends gets past these functions. Private to decode/. */
#ifndef DECODE_SMTP_AUTH_H
#define DECODE_SMTP_AUTH_H

#include "base/bytes.h"
#include "base/limits.h"

enum auth_state {
	AUTH_NONE,
	AUTH_ASKED,      /* AUTH was sent; its final reply is still to come */
	AUTH_CHALLENGED, /* the server said 334: the next line of the client is a secret */
};

enum auth_mechanism {
	AUTH_OTHER,
	AUTH_PLAIN,
	AUTH_LOGIN,
	AUTH_CRAM,
	AUTH_DIGEST,
	AUTH_SCRAM,
	AUTH_OAUTH,
	AUTH_EXTERNAL
};

struct auth {
	enum auth_state state;
	enum auth_mechanism mechanism;
	uint64_t n_responses; /* lines with something in them, an initial response included */
	bool asks_password;   /* the last challenge names a password */
	bool is_said;         /* one response is all that this mechanism needs, and it was sent */
	bool has_initial;     /* AUTH came with a response */
	uint64_t serial;      /* of the AUTH command */
	uint8_t user_len;
	uint8_t user[AUTH_USER_MAX]; /* what the last response revealed */
};

/* The argument of AUTH. Returns the mechanism as it was written, which is all that may be shown of it. */
struct bytes auth_begin(struct auth *a, struct bytes argument);
void auth_challenge(struct auth *a, struct bytes text);
/* A line that answers a challenge. False: it cancels the exchange, or there is nothing in it. */
bool auth_respond(struct auth *a, struct bytes line);
/* The user name that the last response revealed; empty when it did not. */
struct bytes auth_user(const struct auth *a);
/* Does a response of this mechanism give the password, or something as good, to whoever listens? n: which response. */
bool auth_reveals_password(struct bytes mechanism, uint64_t n);

#endif
