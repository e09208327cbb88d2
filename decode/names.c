/* The words of phases.def and outcomes.def. */
#include "decode/session.h"

const char *
phase_name(enum phase p)
{
	static const char *const names[] = {
#define PHASE(id, name) name,
#include "decode/phases.def"
#undef PHASE
	};

	return names[p];
}

const char *
outcome_name(enum outcome o)
{
	static const char *const names[] = {
#define OUTCOME(id, name) name,
#include "decode/outcomes.def"
#undef OUTCOME
	};

	return names[o];
}
