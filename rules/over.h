/* What rules are judged over. */
#ifndef RULES_OVER_H
#define RULES_OVER_H

enum rule_over {
	OVER_SESSION,
	OVER_REPLY,
	OVER_RECIPIENT,
	OVER_MESSAGE,
	OVER_DIFFERENCE,
	OVER_CAPTURE,
	OVER_FINDING,
	OVER_GROUP,
	OVER_COUNT
};

extern const char *const rule_over_names[OVER_COUNT];

#endif
