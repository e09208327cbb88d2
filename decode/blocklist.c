/* In: a blocklist and what it answered. Out: what that means, when it is no listing. */
#include "decode/blocklist.h"

#include <string.h>

#include "base/attr.h"

struct refusal {
	const char *zone; /* and what is below it */
	uint8_t octets[4];
	const char *meaning;
};

static const struct refusal refusals[] = {
#define REFUSAL(zone, a, b, c, d, meaning) { zone, { a, b, c, d }, meaning },
#include "decode/blocklist_answers.def"
#undef REFUSAL
};

static bool
is_in_zone(struct bytes name, struct bytes zone)
{
	size_t more = name.len - zone.len;

	return name.len >= zone.len && bytes_eq(bytes_from(name, more), zone) && (more == 0 || name.p[more - 1] == '.');
}

const char *
blocklist_meaning(struct bytes zone, const struct address *answer)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (memcmp(answer->octets, refusals[i].octets, sizeof(refusals[i].octets)) == 0 &&
		    is_in_zone(zone, bytes_str(refusals[i].zone)))
			return refusals[i].meaning;
	/* RFC 5782 2.1 */
	return answer->octets[0] != 127 ? "no answer of a blocklist: the list is gone, or the resolver invents answers"
					: NULL;
}
