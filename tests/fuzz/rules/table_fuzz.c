/* The input is a table of rules/knowledge/. If it is accepted, a reply is looked up in it: the text of its second row.
 */
#undef NDEBUG
#include <assert.h>

#include "rules/knowledge.h"
#include "rules/matcher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct knowledge *k = knowledge_new();
	struct bytes input = bytes_of(data, size), rest = input;
	struct err e = { "" };

	if (knowledge_add(k, "table.tsv", input, true, &e)) {
		struct matcher *m = matcher_new(k);
		struct reply_asked asked = { .code = 550, .enhanced = bytes_str("5.1.1"), .phase = bytes_str("rcpt") };

		bytes_split(&rest, '\n');
		asked.text = asked.greeting = bytes_split(&rest, '\n');
		assert(matcher_find(m, &asked));
		matcher_free(m);
	} else {
		assert(e.text[0] != '\0');
	}
	knowledge_free(k);
	return 0;
}
