/* The default filter: compiles on every link type it is meant for, and admits what it should and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pcap/pcap.h>

#include "base/limits.h"
#include "capture/capture.h"
#include "capture/default_filter.h"
#include "capture/devices.h"

/* IP packets in hexadecimal, up to the ports. */
#define ADDRESSES4 "c0000201c0000202"
#define ADDRESSES6 "20010db800000000000000000000000120010db8000000000000000000000002"
#define TCP4(ports) "450000280000000040060000" ADDRESSES4 ports "00000000000000005002000000000000"
#define UDP4(ports) "4500001c0000000040110000" ADDRESSES4 ports "00080000"
#define TCP6(ports) "6000000000140640" ADDRESSES6 ports "00000000000000005002000000000000"
#define MACS "020000000001020000000002"

struct row {
	const char *name;
	const char *ip;
	uint16_t ethertype;
	bool is_admitted;
};

static const struct row rows[] = {
	{ "to port 25", TCP4("80000019"), 0x0800, true },
	{ "from port 587", TCP4("024b8000"), 0x0800, true },
	{ "to port 465", TCP4("800001d1"), 0x0800, true },
	{ "to port 2525", TCP4("800009dd"), 0x0800, true },
	{ "to the extra port 1025", TCP4("80000401"), 0x0800, true },
	{ "to port 80", TCP4("80000050"), 0x0800, false },
	{ "udp to port 25", UDP4("80000019"), 0x0800, false },
	{ "ipv6 to port 25", TCP6("80000019"), 0x86dd, true },
	{ "ipv6 to port 443", TCP6("800001bb"), 0x86dd, false },
	{ "dns over udp", UDP4("80000035"), 0x0800, true },
	{ "dns over tcp", TCP4("80000035"), 0x0800, true },
	{ "icmp", "4500001c0000000040010000" ADDRESSES4 "0301000000000000", 0x0800, true },
	{ "icmpv6", "6000000000083a40" ADDRESSES6 "0100000000000000", 0x86dd, true },
	{ "later fragment", "450000280000006440060000" ADDRESSES4 "80000050000000000000000050020000", 0x0800, true },
	{ "first fragment to port 80", "450000280000200040060000" ADDRESSES4 "8000005000000000", 0x0800, false },
	{ "first fragment to port 25", "450000280000200040060000" ADDRESSES4 "8000001900000000", 0x0800, true },
	{ "ipv6 fragment",
	  "6000000000102c40" ADDRESSES6 "0600006400000001"
	  "0000000000000000",
	  0x86dd, true },
	{ "ipv6 hop-by-hop",
	  "6000000000100040" ADDRESSES6 "0600000000000000"
	  "8000001900000000",
	  0x86dd, true },
	{ "ipv6 destination options",
	  "6000000000103c40" ADDRESSES6 "0600000000000000"
	  "8000001900000000",
	  0x86dd, true },
	{ "gre", "4500001c00000000402f0000" ADDRESSES4 "0000080000000000", 0x0800, false },
	{ "arp", "0001080006040001" ADDRESSES4 ADDRESSES4, 0x0806, false },
};

struct framing {
	const char *name;
	int link_type;
	const char *before, *after; /* of the EtherType */
	bool has_ethertype;
};

static const struct framing framings[] = {
	{ "ethernet", DLT_EN10MB, MACS, "", true },
	{ "802.1Q", DLT_EN10MB, MACS "81000064", "", true },
	{ "QinQ", DLT_EN10MB, MACS "88a8006481000065", "", true },
	{ "cooked", DLT_LINUX_SLL, "0000000100060200000000010000", "", true },
	{ "cooked 2", DLT_LINUX_SLL2, "",
	  "00000000000200010006"
	  "0200000000010000",
	  true },
	{ "raw", DLT_RAW, "", "", false },
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

static void
compile(int link_type, struct bpf_program *program)
{
	struct buf text;
	struct err e;
	pcap_t *dead = pcap_open_dead(link_type, CAPTURE_SNAPLEN);

	buf_init(&text, FILTER_TEXT_MAX);
	assert_true(capture_default_filter("1025, 2526", &text, &e));
	if (pcap_compile(dead, program, buf_str(&text), 1, PCAP_NETMASK_UNKNOWN) != 0) {
		assert_int_not_equal(link_type, DLT_EN10MB); /* there it must work with tags */
		buf_clear(&text);
		assert_true(default_filter_without_tags("1025, 2526", &text, &e));
		if (pcap_compile(dead, program, buf_str(&text), 1, PCAP_NETMASK_UNKNOWN) != 0)
			fail_msg("%s: %s", buf_str(&text), pcap_geterr(dead));
	}
	pcap_close(dead);
	buf_fini(&text);
}

static void
check(const struct framing *framing, const struct row *row, const struct bpf_program *program)
{
	uint8_t frame[256];
	size_t len = append_hex(frame, 0, framing->before);
	struct pcap_pkthdr header = { 0 };

	if (framing->has_ethertype) {
		frame[len++] = (uint8_t)(row->ethertype >> 8);
		frame[len++] = (uint8_t)row->ethertype;
	} else if (row->ethertype == 0x0806) {
		return;
	}
	len = append_hex(frame, len, framing->after);
	len = append_hex(frame, len, row->ip);
	header.caplen = header.len = (bpf_u_int32)len;
	if ((pcap_offline_filter(program, &header, frame) != 0) != row->is_admitted)
		fail_msg("%s on %s should %sbe admitted", row->name, framing->name, row->is_admitted ? "" : "not ");
}

static void
default_filter_admits_what_explains_mail(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(framings); i++) {
		struct bpf_program program;

		compile(framings[i].link_type, &program);
		for (size_t j = 0; j < ARRAY_LEN(rows); j++)
			check(&framings[i], &rows[j], &program);
		pcap_freecode(&program);
	}
}

static void
only_ports_are_ports(void **state UNUSED)
{
	static const char *const bad[] = { "",      ",",    "25,",   ",25", "0",
					   "65536", "smtp", "25 26", "-1",  "99999999999999999999" };
	struct buf text;
	struct err e;

	buf_init(&text, FILTER_TEXT_MAX);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		e.text[0] = '\0';
		if (capture_default_filter(bad[i], &text, &e) || e.text[0] == '\0')
			fail_msg("\"%s\" was taken for ports", bad[i]);
	}
	assert_true(capture_default_filter(NULL, &text, &e));
	assert_true(capture_default_filter("65535", &text, &e));
	assert_int_equal(text.n_cut, 0);
	buf_fini(&text);
}

static void
many_ports_fit(void **state UNUSED)
{
	struct buf ports, text;
	struct err e;

	buf_init(&ports, 4096);
	buf_init(&text, FILTER_TEXT_MAX);
	for (int i = 0; i < FILTER_EXTRA_PORTS_MAX; i++)
		buf_addf(&ports, "%s%d", i > 0 ? "," : "", 60000 + i);
	assert_true(capture_default_filter(buf_str(&ports), &text, &e));
	assert_int_equal(text.n_cut, 0);
	buf_add_str(&ports, ",1");
	assert_false(capture_default_filter(buf_str(&ports), &text, &e));
	buf_fini(&ports);
	buf_fini(&text);
}

/* Works without root and without a network: whatever there is, it has lines and no control characters. */
static void
list_is_clean_text(void **state UNUSED)
{
	char *list = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&list, &len);
	struct err e;

	assert_true(devices_list(out, &e));
	fclose(out);
	for (size_t i = 0; i < len; i++)
		assert_true(list[i] == '\n' || (list[i] >= ' ' && list[i] <= '~'));
	assert_true(len == 0 || list[len - 1] == '\n');
	free(list);
}

static void
missing_device_is_named(void **state UNUSED)
{
	struct capture_live how = { .device = "no-such-dev0", .keep_root = true };
	struct err e = { "" };

	assert_null(capture_open_device(&how, &e));
	assert_non_null(strstr(e.text, "no-such-dev0"));
	assert_null(strchr(e.text, '\n'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_filter_admits_what_explains_mail),
		cmocka_unit_test(only_ports_are_ports),
		cmocka_unit_test(many_ports_fit),
		cmocka_unit_test(list_is_clean_text),
		cmocka_unit_test(missing_device_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
