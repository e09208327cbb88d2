/* In: the first bytes of a file that no reader accepts. Out: what it is and what the user can do. */
#include "capture/kind.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"

struct kind {
	const char *magic;
	size_t len;
	const char *what;
};

#define CONVERT "; convert it first: editcap -F pcap OLD NEW"

static const struct kind kinds[] = {
	{ "snoop\0\0\0", 8, "is a snoop capture" CONVERT },
	{ "RTSS", 4, "is a Microsoft Network Monitor capture" CONVERT },
	{ "GMBU", 4, "is a Microsoft Network Monitor capture" CONVERT },
	{ "TRSNIFF data", 12, "is a Sniffer capture" CONVERT },
	{ "XCP\0", 4, "is a NetXRay or Sniffer capture" CONVERT },
	{ "\x7fver", 4, "is a WildPackets capture" CONVERT },
	{ "iptrace ", 8, "is an AIX iptrace capture" CONVERT },
	{ "\x1f\x8b", 2, "is compressed twice with gzip; unpack it once" },
	{ "\x28\xb5\x2f\xfd", 4, "is compressed twice with zstd; unpack it once" },
	{ "\xfd"
	  "7zXZ",
	  5, "is compressed with xz; unpack it first" },
	{ "BZh", 3, "is compressed with bzip2; unpack it first" },
	{ "\x04\x22\x4d\x18", 4, "is compressed with lz4; unpack it first" },
	{ "PK\x03\x04", 4, "is a zip archive; unpack it first" },
	{ "7z\xbc\xaf\x27\x1c", 6, "is a 7-Zip archive; unpack it first" },
	{ "Rar!", 4, "is a RAR archive; unpack it first" },
	{ "\x7f"
	  "ELF",
	  4, "is a program, not a packet capture" },
	{ "MZ", 2, "is a program, not a packet capture" },
	{ "%PDF", 4, "is a PDF document, not a packet capture" },
	{ "\x89PNG", 4, "is a picture, not a packet capture" },
	{ "\xff\xd8\xff", 3, "is a picture, not a packet capture" },
};

/* Event traces of Windows have no magic number, only a habit of names. */
static bool
is_event_trace(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcasecmp(name + len - 4, ".etl") == 0;
}

static bool
is_text(struct bytes head)
{
	for (size_t i = 0; i < head.len; i++)
		if ((head.p[i] < ' ' && !memchr("\t\n\r\f\x1b", head.p[i], 5)) || head.p[i] == 0x7f)
			return false;
	return head.len > 0;
}

static bool
is_zero(struct bytes head)
{
	for (size_t i = 0; i < head.len; i++)
		if (head.p[i] != 0)
			return false;
	return head.len > 0;
}

const char *
kind_of_refused(const char *name, struct bytes head)
{
	if (is_event_trace(name))
		return "is a Windows event trace; convert it first: pktmon etl2pcap FILE, or etl2pcapng FILE NEW";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (head.len >= kinds[i].len && memcmp(head.p, kinds[i].magic, kinds[i].len) == 0)
			return kinds[i].what;
	if (is_text(head))
		return "is a text file, not a packet capture";
	return is_zero(head) ? "holds only zeros" : NULL;
}
