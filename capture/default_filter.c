/* In: more mail ports. Out: the text of the filter for live captures. Compiles nothing. */
#include "capture/default_filter.h"

#include "base/limits.h"

#define MAIL_PORTS "25 or 465 or 587 or 2525"

/* What explains why mail does not go out, besides the mail itself: who says no (ICMP), where to (DNS), and the
 * pieces that carry no port: fragments, and IPv6 packets whose ports lie behind extension headers (hop-by-hop 0,
 * routing 43, fragment 44, destination options 60). */
#define AROUND_MAIL                                                                                                    \
	"udp port 53 or tcp port 53 or icmp or icmp6 or (ip and ip[6:2] & 0x1fff != 0)"                                \
	" or (ip6 and (ip6[6] == 44 or ip6[6] == 0 or ip6[6] == 43 or ip6[6] == 60))"

static bool
add_ports(struct buf *to, const char *extra_ports, struct err *e)
{
	struct bytes rest = bytes_str(extra_ports ? extra_ports : "");
	bool has_more = extra_ports != NULL;
	size_t n = 0;

	buf_add_str(to, "tcp port (" MAIL_PORTS);
	for (; has_more && n < FILTER_EXTRA_PORTS_MAX; n++) {
		uint64_t port;

		has_more = bytes_find(rest, ',') < rest.len;
		if (!bytes_to_u64(bytes_trim(bytes_split(&rest, ',')), UINT16_MAX, &port) || port == 0) {
			err_set(e, "\"%s\" is not a list of port numbers such as 2526,1025", extra_ports);
			return false;
		}
		buf_addf(to, " or %u", (unsigned)port);
	}
	if (has_more)
		err_set(e, "more than %d extra mail ports", FILTER_EXTRA_PORTS_MAX);
	buf_add_str(to, ")");
	return !has_more;
}

bool
default_filter_without_tags(const char *extra_ports, struct buf *filter, struct err *e)
{
	if (!add_ports(filter, extra_ports, e))
		return false;
	buf_add_str(filter, " or " AROUND_MAIL);
	return true;
}

/* Each "vlan" moves the offsets of all that follows it in the text by one tag. So the plain case comes first, and
 * what is behind the second tag is nested into what is behind the first. */
bool
capture_default_filter(const char *extra_ports, struct buf *filter, struct err *e)
{
	struct buf plain;
	bool is_valid;

	buf_init(&plain, FILTER_TEXT_MAX);
	is_valid = default_filter_without_tags(extra_ports, &plain, e);
	if (is_valid)
		buf_addf(filter, "(%s) or (vlan and ((%s) or (vlan and (%s))))", buf_str(&plain), buf_str(&plain),
			 buf_str(&plain));
	buf_fini(&plain);
	return is_valid;
}
