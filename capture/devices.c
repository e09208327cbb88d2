/* In: nothing. Out: a line for each device that can be captured from. */
#include "capture/devices.h"

#include <pcap/pcap.h>
#include <string.h>

#include "base/address.h"

/* Devices of libpcap that never carry IP packets as we read them. */
static const char *const useless[] = { "bluetooth", "dbus-", "nflog", "nfqueue", "usbmon" };

static bool
is_useless(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(useless); i++)
		if (strncmp(name, useless[i], strlen(useless[i])) == 0)
			return true;
	return false;
}

/* Names and descriptions come from drivers and administrators. */
static void
print_clean(FILE *out, int width, const char *text)
{
	int n = 0;

	for (; *text; text++, n++)
		fputc(*text >= ' ' && *text <= '~' ? *text : '?', out);
	for (; n < width; n++)
		fputc(' ', out);
}

static void
print_address(FILE *out, const struct sockaddr *from)
{
	char text[ADDRESS_TEXT_MAX];
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	struct address a;

	if (from->sa_family == AF_INET) {
		memcpy(&v4, from, sizeof(v4));
		a = address_from(bytes_of(&v4.sin_addr, sizeof(v4.sin_addr)));
	} else if (from->sa_family == AF_INET6) {
		memcpy(&v6, from, sizeof(v6));
		a = address_from(bytes_of(&v6.sin6_addr, sizeof(v6.sin6_addr)));
	} else {
		return;
	}
	fprintf(out, " %s", address_text(&a, text));
}

static void
print_device(FILE *out, const pcap_if_t *device)
{
	print_clean(out, 16, device->name);
	fputs(device->flags & PCAP_IF_UP ? " up  " : " down", out);
	if (device->description) {
		fputs(" (", out);
		print_clean(out, 0, device->description);
		fputs(")", out);
	}
	for (const pcap_addr_t *a = device->addresses; a; a = a->next)
		if (a->addr)
			print_address(out, a->addr);
	fputc('\n', out);
}

bool
devices_list(FILE *out, struct err *e)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	pcap_if_t *all = NULL;

	if (pcap_findalldevs(&all, text) != 0) {
		err_set(e, "the devices cannot be listed: %s", text);
		return false;
	}
	for (const pcap_if_t *device = all; device; device = device->next)
		if (!is_useless(device->name))
			print_device(out, device);
	pcap_freealldevs(all);
	return true;
}
