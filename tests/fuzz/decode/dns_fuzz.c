/* DNS messages, each behind two bytes of length; the first byte of all says who sends the first one. After each message
 * three seconds pass. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/reader.h"
#include "decode/host_names.h"
#include "decode/lookups.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct lookup *u, enum lookup_error error)
{
	assert(error != LOOKUP_FINE && u->n_queries > 0 && u->is_mail && !u->is_followed);
	assert(memchr(u->name, '\0', sizeof(u->name)) && memchr(u->domain, '\0', sizeof(u->domain)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = rd_over(bytes_of(data, size));
	struct lookups *lookups = lookups_new();
	struct host_names *names = host_names_new();
	struct address ends[2] = { address_from(bytes_of("\xc0\0\2\1", 4)), address_from(bytes_of("\xc0\0\2\2", 4)) };
	struct when when = { 1, 1 };
	enum lookup_error error;
	struct lookup failed;

	while (rd_left(&r) > 2) {
		struct dns_message m;
		size_t len = rd_be16(&r);

		if (dns_message_parse(rd_bytes(&r, len < rd_left(&r) ? len : rd_left(&r)), &m)) {
			lookups_message(lookups, &m, &ends[m.is_response], &ends[!m.is_response], when);
			for (size_t i = 0; i < m.n_addresses; i++) {
				host_names_note(names, &m.addresses[i], m.name);
				assert(bytes_eq_str(host_names_find(names, &m.addresses[i]), m.name));
			}
		}
		when.packet++;
		when.time_ns += 3 * NS_PER_S;
		if (lookups_next(lookups, when.time_ns, &failed, &error))
			check(&failed, error);
	}
	while (lookups_next(lookups, INT64_MAX, &failed, &error))
		check(&failed, error);
	lookups_free(lookups);
	host_names_free(names);
	return 0;
}
