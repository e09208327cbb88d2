/* The facts of one session (or of the capture): typed values that know the packet that shows them. They come from
 * facts.def. Absent is a state of its own, never a guess. */
#ifndef DECODE_FACTS_H
#define DECODE_FACTS_H

#include "base/address.h"
#include "base/attr.h"
#include "base/when.h"

enum fact_type { FACT_BOOL, FACT_INT, FACT_SECONDS, FACT_TEXT, FACT_ADDRESS };

/* What a fact belongs to; facts of the inner scopes are replaced by the next reply, recipient, message. */
enum fact_scope { SCOPE_SESSION, SCOPE_REPLY, SCOPE_RECIPIENT, SCOPE_MESSAGE, SCOPE_CAPTURE };

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
struct facts;
struct facts *facts_new(void);
void facts_free(struct facts *f); /* NULL is fine */
void facts_clear_scope(struct facts *f, enum fact_scope scope);
const struct fact *facts_get(const struct facts *f, enum fact_id id); /* NULL: absent; until the next set */
const uint64_t *facts_present(const struct facts *f);                 /* FACT_WORDS words, bit id is set when present */

/* The setters replace. Text longer than FACT_TEXT_MAX is cut. Setting a wrong type is our mistake. */
void facts_set_bool(struct facts *f, enum fact_id id, bool value, struct when when);
void facts_set_int(struct facts *f, enum fact_id id, int64_t value, struct when when);
void facts_set_seconds(struct facts *f, enum fact_id id, double value, struct when when);
void facts_set_text(struct facts *f, enum fact_id id, struct bytes value, struct when when);
void facts_set_address(struct facts *f, enum fact_id id, const struct address *value, struct when when);
void facts_unset(struct facts *f, enum fact_id id);

#endif
