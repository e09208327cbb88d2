/* What a fact is: a typed value that knows the packet that shows it, and what facts.def says about it. */
#ifndef DECODE_FACT_H
#define DECODE_FACT_H

#include "base/address.h"
#include "base/attr.h"
#include "base/when.h"

enum fact_type { FACT_BOOL, FACT_INT, FACT_SECONDS, FACT_TEXT, FACT_ADDRESS };

/* What a fact belongs to; facts of the inner scopes are replaced by the next reply, recipient, message. */
enum fact_scope {
	SCOPE_SESSION,
	SCOPE_REPLY,
	SCOPE_RECIPIENT,
	SCOPE_MESSAGE,
	SCOPE_DIFFERENCE,
	SCOPE_CAPTURE,
	SCOPE_FINDING
};

enum fact_id {
#define FACT(id, name, type, scope, doc) FACT_ID_##id,
#include "decode/facts.def"
#undef FACT
	FACT_COUNT
};

#define FACT_WORDS ((FACT_COUNT + 63) / 64)

struct fact_info {
	const char *name; /* "smtp.reply.code" */
	enum fact_type type;
	enum fact_scope scope;
	const char *doc; /* one line */
};

struct fact {
	struct when when;
	union {
		bool truth;
		int64_t number;
		double seconds;
		struct bytes text; /* owned by the store, valid until the fact changes */
		struct address address;
	};
};

extern const struct fact_info fact_infos[FACT_COUNT];
bool fact_find(struct bytes name, enum fact_id *id) MUST_USE; /* false: no such fact */

#endif
