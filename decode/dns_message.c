/* In: a message as it was sent. Out: its question, and what its answers say of addresses, mail exchangers and reverse
 * names. */
#include "decode/dns_message.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void
small_letters(const char *from, char to[DNS_NAME_MAX])
{
	size_t len = strnlen(from, DNS_NAME_MAX - 1);

	for (size_t i = 0; i < len; i++)
		to[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] | 0x20 : from[i]);
	if (len > 0 && to[len - 1] == '.')
		len--;
	to[len] = '\0';
}

static void
take_exchange(struct dns_message *m, const ns_msg *handle, const ns_rr *rr)
{
	char name[NS_MAXDNAME];

	if (m->n_exchanges == DNS_EXCHANGES_MAX || ns_rr_rdlen(*rr) < 3)
		return;
	if (dn_expand(ns_msg_base(*handle), ns_msg_end(*handle), ns_rr_rdata(*rr) + 2, name, sizeof(name)) < 0)
		return;
	small_letters(name, m->exchanges[m->n_exchanges++]);
}

static void
take_target(struct dns_message *m, const ns_msg *handle, const ns_rr *rr)
{
	char name[NS_MAXDNAME];

	if (m->target[0] == '\0' &&
	    dn_expand(ns_msg_base(*handle), ns_msg_end(*handle), ns_rr_rdata(*rr), name, sizeof(name)) >= 0)
		small_letters(name, m->target);
}

/* RFC 7208 4.5, RFC 7489 6.3: how the records begin. Further versions would be other records. */
static bool
is_policy(struct bytes text)
{
	static const char *const beginnings[] = { "v=spf1", "v=dmarc1" };

	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
		struct bytes wanted = bytes_str(beginnings[i]);
		uint8_t after = text.len > wanted.len ? text.p[wanted.len] : ' ';

		if (bytes_eq_nocase(bytes_head(text, wanted.len), wanted) && (after == ' ' || after == ';'))
			return true;
	}
	return false;
}

/* Its strings are joined (RFC 7208 3.3). */
static void
take_policy(struct dns_message *m, const ns_rr *rr)
{
	struct bytes data = bytes_of(ns_rr_rdata(*rr), ns_rr_rdlen(*rr));
	char text[DNS_POLICY_MAX];
	size_t len = 0;

	while (data.len > 0) {
		struct bytes one = bytes_head(bytes_from(data, 1), data.p[0]);
		size_t n = one.len < sizeof(text) - 1 - len ? one.len : sizeof(text) - 1 - len;

		if (n > 0)
			memcpy(text + len, one.p, n);
		len += n;
		data = bytes_from(data, 1 + one.len);
	}
	text[len] = '\0';
	if (m->policy[0] == '\0' && is_policy(bytes_of((const uint8_t *)text, len)))
		memcpy(m->policy, text, len + 1);
}

static void
take_answer(struct dns_message *m, const ns_msg *handle, const ns_rr *rr)
{
	size_t len = ns_rr_rdlen(*rr);
	unsigned type = ns_rr_type(*rr);

	if (ns_rr_class(*rr) != ns_c_in)
		return;
	if (type == DNS_MX)
		take_exchange(m, handle, rr);
	if (type == DNS_TXT)
		take_policy(m, rr);
	if (type == DNS_PTR)
		take_target(m, handle, rr);
	if (((type == DNS_A && len == 4) || (type == DNS_AAAA && len == 16)) && m->n_addresses < DNS_ADDRESSES_MAX)
		m->addresses[m->n_addresses++] = address_from(bytes_of(ns_rr_rdata(*rr), len));
}

static bool
is_referral(ns_msg *handle)
{
	ns_rr rr;

	return ns_msg_getflag(*handle, ns_f_rcode) == 0 && ns_msg_getflag(*handle, ns_f_aa) == 0 &&
	       ns_msg_count(*handle, ns_s_an) == 0 && ns_msg_count(*handle, ns_s_ns) > 0 &&
	       ns_parserr(handle, ns_s_ns, 0, &rr) == 0 && ns_rr_type(rr) == ns_t_ns;
}

bool
dns_message_parse(struct bytes wire, struct dns_message *m)
{
	ns_msg handle;
	ns_rr rr;

	memset(m, 0, offsetof(struct dns_message, exchanges));
	if (wire.len > UINT16_MAX || ns_initparse(wire.p, (int)wire.len, &handle) != 0)
		return false;
	m->id = ns_msg_id(handle);
	m->is_response = ns_msg_getflag(handle, ns_f_qr);
	m->rcode = (unsigned)ns_msg_getflag(handle, ns_f_rcode);
	if (ns_msg_count(handle, ns_s_qd) == 0)
		return m->is_response && m->rcode != 0;
	if (ns_msg_count(handle, ns_s_qd) != 1 || ns_parserr(&handle, ns_s_qd, 0, &rr) != 0 ||
	    ns_rr_class(rr) != ns_c_in)
		return false;
	m->is_truncated = ns_msg_getflag(handle, ns_f_tc);
	m->is_referral = m->is_response && is_referral(&handle);
	m->type = ns_rr_type(rr);
	small_letters(ns_rr_name(rr), m->name);
	for (int i = 0; i < ns_msg_count(handle, ns_s_an); i++)
		if (ns_parserr(&handle, ns_s_an, i, &rr) == 0)
			take_answer(m, &handle, &rr);
	return true;
}
