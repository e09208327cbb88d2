/* In: what a finding says in one word. Out: the word, or the side at fault as a sentence names it. */
#include <string.h>

#include "base/attr.h"
#include "rules/finding.h"

const char *
severity_name(enum severity s)
{
	static const char *const names[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return names[s];
}

const char *
certainty_name(enum certainty c)
{
	static const char *const names[] = {
		[CERTAINTY_POSSIBLE] = "possible",
		[CERTAINTY_LIKELY] = "likely",
		[CERTAINTY_PROVEN] = "proven",
	};

	return names[c];
}

const char *
fault_side(const struct finding *f)
{
	static const struct {
		const char *fault, *side;
	} sides[] = {
		{ "client", "the client" },
		{ "path", "a device on the path" },
		{ "server", "the server" },
		{ "provider", "the provider" },
		{ "recipient", "the recipient's side" },
		{ "sender", "the sender" },
		{ "capture", "whoever takes the capture" },
	};

	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		if (strcmp(sides[i].fault, f->fault) == 0)
			return sides[i].side;
	}
	return "not known from this capture";
}
