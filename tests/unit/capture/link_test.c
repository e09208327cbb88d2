/* One row per link type and per header between it and IP: whole, cut at every length, and the look-alikes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pcap/dlt.h>

#include "base/attr.h"
#include "capture/link.h"

#define V4 "45000014000000004006f6e7c0000201c0000202"
#define V6 "6000000000003b4020010db800000000000000000000000120010db8000000000000000000000002"
#define MACS "020000000001020000000002"

struct row {
	const char *name;
	int link_type;
	const char *headers; /* hexadecimal */
	const char *ip;      /* NULL: there is none */
};

static const struct row rows[] = {
	{ "ethernet", DLT_EN10MB, MACS "0800", V4 },
	{ "ethernet ipv6", DLT_EN10MB, MACS "86dd", V6 },
	{ "802.1Q", DLT_EN10MB,
	  MACS "81000064"
	       "0800",
	  V4 },
	{ "802.1Q ipv6", DLT_EN10MB,
	  MACS "81000064"
	       "86dd",
	  V6 },
	{ "802.1ad", DLT_EN10MB,
	  MACS "88a80064"
	       "81000065"
	       "0800",
	  V4 },
	{ "old double tags", DLT_EN10MB,
	  MACS "91000064"
	       "81000065"
	       "86dd",
	  V6 },
	{ "pppoe", DLT_EN10MB,
	  MACS "8864"
	       "110000050016"
	       "0021",
	  V4 },
	{ "pppoe ipv6 behind a tag", DLT_EN10MB,
	  MACS "81000007"
	       "8864"
	       "11000005002a"
	       "0057",
	  V6 },
	{ "one label", DLT_EN10MB,
	  MACS "8847"
	       "000101ff",
	  V4 },
	{ "three labels", DLT_EN10MB,
	  MACS "8847"
	       "000100ff"
	       "000200ff"
	       "000301ff",
	  V6 },
	{ "multicast label", DLT_EN10MB,
	  MACS "8848"
	       "000101ff",
	  V4 },
	{ "ethernet in mpls", DLT_EN10MB,
	  MACS "8847"
	       "000101ff"
	       "00000000" MACS "0800",
	  V4 },
	{ "bridged ethernet", DLT_EN10MB,
	  MACS "6558" MACS "81000001"
	       "0800",
	  V4 },
	{ "802.3 with snap", DLT_EN10MB,
	  MACS "001c"
	       "aaaa03000000"
	       "0800",
	  V4 },
	{ "802.3 with ip in llc", DLT_EN10MB,
	  MACS "0017"
	       "060603",
	  V4 },
	{ "802.3 with snap behind a tag", DLT_EN10MB,
	  MACS "81000001"
	       "001c"
	       "aaaa03000000"
	       "86dd",
	  V6 },
	{ "cooked", DLT_LINUX_SLL,
	  "0000"
	  "0001"
	  "0006"
	  "0200000000010000"
	  "0800",
	  V4 },
	{ "cooked with a tag", DLT_LINUX_SLL,
	  "0000"
	  "0001"
	  "0006"
	  "0200000000010000"
	  "8100"
	  "0001"
	  "86dd",
	  V6 },
	{ "cooked with llc", DLT_LINUX_SLL,
	  "0000"
	  "0001"
	  "0006"
	  "0200000000010000"
	  "0004"
	  "aaaa03000000"
	  "0800",
	  V4 },
	{ "cooked 2", DLT_LINUX_SLL2,
	  "0800"
	  "0000"
	  "00000002"
	  "0001"
	  "00"
	  "06"
	  "0200000000010000",
	  V4 },
	{ "cooked 2 ipv6", DLT_LINUX_SLL2,
	  "86dd"
	  "0000"
	  "00000002"
	  "0001"
	  "00"
	  "06"
	  "0200000000010000",
	  V6 },
	{ "cooked 2 with a tag", DLT_LINUX_SLL2,
	  "8100"
	  "0000"
	  "00000002"
	  "0001"
	  "00"
	  "06"
	  "0200000000010000"
	  "00010800",
	  V4 },
	{ "raw", DLT_RAW, "", V4 },
	{ "raw ipv6", DLT_RAW, "", V6 },
	{ "raw of openbsd", 14, "", V4 },
	{ "raw as files say it", 101, "", V6 },
	{ "ipv4", DLT_IPV4, "", V4 },
	{ "ipv6", DLT_IPV6, "", V6 },
	{ "null, little-endian", DLT_NULL, "02000000", V4 },
	{ "null, big-endian", DLT_NULL, "00000002", V4 },
	{ "null ipv6 of linux", DLT_NULL, "0a000000", V6 },
	{ "null ipv6 of netbsd", DLT_NULL, "18000000", V6 },
	{ "null ipv6 of freebsd", DLT_NULL, "0000001c", V6 },
	{ "null ipv6 of macos", DLT_NULL, "1e000000", V6 },
	{ "loop", DLT_LOOP, "00000002", V4 },
	{ "loop ipv6", DLT_LOOP, "00000018", V6 },
	{ "ppp", DLT_PPP,
	  "ff03"
	  "0021",
	  V4 },
	{ "ppp ipv6", DLT_PPP,
	  "ff03"
	  "0057",
	  V6 },
	{ "ppp without address", DLT_PPP, "0021", V4 },
	{ "ppp, short protocol", DLT_PPP, "21", V4 },
	{ "ppp, both shortened", DLT_PPP,
	  "ff03"
	  "57",
	  V6 },
	{ "ppp with a label", DLT_PPP,
	  "ff03"
	  "0281"
	  "000101ff",
	  V4 },
	{ "ppp serial", DLT_PPP_SERIAL,
	  "ff03"
	  "0021",
	  V4 },
	{ "ppp serial with cisco frames", DLT_PPP_SERIAL,
	  "0f00"
	  "0800",
	  V4 },
	{ "ppp on ethernet", DLT_PPP_ETHER,
	  "110000050016"
	  "0021",
	  V4 },
	{ "cisco hdlc", DLT_C_HDLC,
	  "0f00"
	  "0800",
	  V4 },
	{ "cisco hdlc ipv6", DLT_C_HDLC,
	  "8f00"
	  "86dd",
	  V6 },
	{ "wlan", DLT_IEEE802_11,
	  "08010000" MACS "020000000003"
	  "1000"
	  "aaaa03000000"
	  "0800",
	  V4 },
	{ "wlan with qos", DLT_IEEE802_11,
	  "88010000" MACS "020000000003"
	  "1000"
	  "0000"
	  "aaaa03000000"
	  "0800",
	  V4 },
	{ "wlan with qos and ht", DLT_IEEE802_11,
	  "88810000" MACS "020000000003"
	  "1000"
	  "0000"
	  "00000000"
	  "aaaa03000000"
	  "86dd",
	  V6 },
	{ "wlan bridge", DLT_IEEE802_11,
	  "08030000" MACS "020000000003"
	  "1000"
	  "020000000004"
	  "aaaa03000000"
	  "0800",
	  V4 },
	{ "radiotap", DLT_IEEE802_11_RADIO,
	  "00000a00"
	  "000000000000"
	  "08010000" MACS "020000000003"
	  "1000"
	  "aaaa03000000"
	  "0800",
	  V4 },

	{ "arp", DLT_EN10MB, MACS "0806" V4, NULL },
	{ "ipv6 announced as ipv4", DLT_EN10MB, MACS "0800" V6, NULL },
	{ "ipv4 announced as ipv6", DLT_EN10MB, MACS "86dd" V4, NULL },
	{ "version 5", DLT_RAW, "55" V4, NULL },
	{ "pppoe discovery", DLT_EN10MB,
	  MACS "8864"
	       "110900050016"
	       "0021" V4,
	  NULL },
	{ "ppp link control", DLT_PPP,
	  "ff03"
	  "c021" V4,
	  NULL },
	{ "nine tags", DLT_EN10MB,
	  MACS "81000001"
	       "81000001"
	       "81000001"
	       "81000001"
	       "81000001"
	       "81000001"
	       "81000001"
	       "81000001"
	       "81000001"
	       "0800" V4,
	  NULL },
	{ "labels without a last one", DLT_EN10MB,
	  MACS "8847"
	       "00010000"
	       "00010000"
	       "00010000",
	  NULL },
	{ "snap of another organisation", DLT_EN10MB,
	  MACS "001c"
	       "aaaa0300000c"
	       "0800" V4,
	  NULL },
	{ "appletalk in loop", DLT_LOOP, "00000010" V4, NULL },
	{ "wlan beacon", DLT_IEEE802_11,
	  "80010000" MACS "020000000003"
	  "1000"
	  "aaaa03000000"
	  "0800" V4,
	  NULL },
	{ "wlan, encrypted", DLT_IEEE802_11,
	  "08410000" MACS "020000000003"
	  "1000"
	  "aaaa03000000"
	  "0800" V4,
	  NULL },
	{ "wlan without data", DLT_IEEE802_11,
	  "48010000" MACS "020000000003"
	  "1000"
	  "aaaa03000000"
	  "0800" V4,
	  NULL },
	{ "radiotap shorter than itself", DLT_IEEE802_11_RADIO,
	  "00000200"
	  "0801" V4,
	  NULL },
	{ "unknown link type", DLT_USB_LINUX, V4, NULL },
};

static uint8_t
digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t
append_hex(uint8_t *to, size_t at, const char *hex)
{
	for (; *hex; hex += 2)
		to[at++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
	return at;
}

/* The first len bytes in a block of their own, so that the sanitizer sees a read too far. */
static void
check_cut(const struct row *row, const uint8_t *frame, size_t len, size_t n_headers)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	bool is_expected = row->ip && len > n_headers;
	struct bytes ip;

	memcpy(copy, frame, len);
	if (link_strip_to_ip(row->link_type, (struct bytes){ copy, len }, &ip) != is_expected)
		fail_msg("%s, %zu bytes: should %sbe IP", row->name, len, is_expected ? "" : "not ");
	if (is_expected && (ip.p != copy + n_headers || ip.len != len - n_headers))
		fail_msg("%s, %zu bytes: wrong place", row->name, len);
	if (!is_expected)
		assert_int_equal(ip.len, 0);
	free(copy);
}

static void
headers_are_stripped_at_every_cut(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t frame[256];
		size_t n_headers = append_hex(frame, 0, rows[i].headers);
		size_t len = append_hex(frame, n_headers, rows[i].ip ? rows[i].ip : "");

		for (size_t cut = 0; cut <= len; cut++)
			check_cut(&rows[i], frame, cut, n_headers);
	}
}

static bool
strips(uint16_t ethertype, const char *hex, size_t n_headers)
{
	uint8_t payload[256];
	size_t len = append_hex(payload, 0, hex);
	struct bytes ip;

	return link_strip_ethertype(ethertype, (struct bytes){ payload, len }, &ip) && ip.p == payload + n_headers;
}

static void
ethertypes_are_stripped_inside_tunnels(void **state UNUSED)
{
	assert_true(strips(0x0800, V4, 0));
	assert_true(strips(0x86dd, V6, 0));
	assert_true(strips(0x6558, MACS "0800" V4, 14));
	assert_true(strips(0x880b, "ff030021" V4, 4));
	assert_true(strips(0x0021, V4, 0));
	assert_true(strips(0x0057, V6, 0));
	assert_true(strips(0x8847, "000101ff" V4, 4));
	assert_false(strips(0x0800, V6, 0));
	assert_false(strips(0x0800, "", 0));
	for (unsigned type = 0; type < 0x20; type++) /* no number of our own gets in from the wire */
		assert_false(strips((uint16_t)type, V4, 0));
}

static void
link_types_are_known(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(link_is_known(rows[i].link_type), rows[i].link_type != DLT_USB_LINUX);
	assert_false(link_is_known(-1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_stripped_at_every_cut),
		cmocka_unit_test(ethertypes_are_stripped_inside_tunnels),
		cmocka_unit_test(link_types_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
