/* What the rules conclude. Plain records, owned by the judge that made them; strings are our own text with
 * facts filled in: they may carry wire bytes, so only report/ prints them (through print_wire). */
#ifndef RULES_FINDING_H
#define RULES_FINDING_H

#include "base/bytes.h"
#include "base/when.h"
#include "rules/scope_line.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
enum certainty { CERTAINTY_POSSIBLE, CERTAINTY_LIKELY, CERTAINTY_PROVEN };

struct evidence {
	struct when when;
	struct bytes text;
};

struct detail {             /* one key of the JSON object "detail" */
	const char *key;    /* a fact's name, or a label of the rule */
	struct bytes value; /* as text */
	bool is_number;
};

struct finding {
	uint64_t id; /* from 1, in order of appearance */
	const char *rule;
	enum severity severity;
	enum certainty certainty;
	bool is_ending;    /* concerns a session that was cut: ranks before what was only said in one */
	bool shows_device; /* between client and server, or on the client: proxies, filters, antivirus */
	bool is_remark;    /* not why mail did not go out: ranks behind its severity */
	const char *fault; /* "client" "path" "server" "provider" "recipient" "sender" "capture" "unknown" */
	struct bytes title, means, not_proven, remedy;
	uint64_t caused_by;       /* id of the finding that explains this one; 0 = none */
	const uint64_t *sessions; /* ascending; empty for findings over the whole capture */
	size_t n_sessions;
	uint64_t n_sessions_dropped; /* beyond FINDING_SESSIONS_MAX */
	struct when first, last;
	const struct evidence *evidence;
	size_t n_evidence;
	struct bytes filter; /* display filter that finds the packets in a packet viewer */
	const struct detail *detail;
	size_t n_detail;
	const struct scope_line *scope; /* the first is the scope; the others cannot be told apart from it */
	size_t n_scope;
};

struct verdict {
	enum severity result; /* INFO reads as "ok" */
	struct bytes text;    /* one sentence */
	uint64_t n_attempts, n_delivered, n_failed, n_unknown;
};

const char *severity_name(enum severity s);
const char *certainty_name(enum certainty c);
const char *fault_side(const struct finding *f); /* for a sentence: "a device on the path" */

#endif
