/* In: a device. Out: its packets as they come, filtered in the kernel. Privileges are gone when live_open returns. */
#include "capture/live.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "capture/default_filter.h"
#include "capture/filetime.h"
#include "capture/link.h"
#include "capture/privileges.h"

struct live {
	pcap_t *pcap;
	char *device;
	const volatile sig_atomic_t *stop;
	int fd; /* of pcap, to wait on */
	int link_type;
	bool is_micro; /* the device has no nanoseconds */
	bool is_over;
	uint64_t n_packets;
	struct err damage;
};

struct advice {
	int code; /* of pcap_activate */
	const char *text;
};

static const struct advice advices[] = {
	{ PCAP_ERROR_NO_SUCH_DEVICE, "there is no such device; -D lists those that there are" },
	{ PCAP_ERROR_IFACE_NOT_UP, "the device is down; bring it up first: ip link set DEVICE up" },
	{ PCAP_ERROR_PERM_DENIED, "no permission to capture; run as root, or once: setcap cap_net_raw+ep smtptrace" },
	{ PCAP_ERROR_PROMISC_PERM_DENIED,
	  "no permission to capture; run as root, or once: setcap cap_net_raw+ep smtptrace" },
	{ PCAP_ERROR_RFMON_NOTSUP, "the device does not support capturing" },
};

static bool
refuse(const struct live *l, int code, struct err *e)
{
	const char *why = pcap_geterr(l->pcap);

	for (size_t i = 0; i < ARRAY_LEN(advices); i++)
		if (advices[i].code == code) {
			err_set(e, "%s: %s", l->device, advices[i].text);
			return false;
		}
	err_set(e, "%s: %s", l->device, why[0] != '\0' ? why : pcap_statustostr(code));
	return false;
}

static bool
activate(struct live *l, struct err *e)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	int result;

	l->pcap = pcap_create(l->device, text);
	if (!l->pcap) {
		err_set(e, "%s: %s", l->device, text);
		return false;
	}
	pcap_set_snaplen(l->pcap, CAPTURE_SNAPLEN);
	pcap_set_promisc(l->pcap, 0);
	pcap_set_timeout(l->pcap, CAPTURE_WAIT_MS);
	pcap_set_buffer_size(l->pcap, CAPTURE_LIVE_BUFFER);
	l->is_micro = pcap_set_tstamp_precision(l->pcap, PCAP_TSTAMP_PRECISION_NANO) != 0;
	result = pcap_activate(l->pcap); /* above zero are warnings */
	if (result < 0)
		return refuse(l, result, e);
	if (pcap_setnonblock(l->pcap, 1, text) != 0) { /* we wait ourselves: libpcap can wait for ever */
		err_set(e, "%s: %s", l->device, text);
		return false;
	}
	l->fd = pcap_get_selectable_fd(l->pcap);
	return true;
}

/* The newer cooked header names the interface; an old libpcap or kernel keeps the older one. */
static bool
choose_link_type(struct live *l, struct err *e)
{
	const char *name;

	if (pcap_datalink(l->pcap) == DLT_LINUX_SLL)
		(void)pcap_set_datalink(l->pcap, DLT_LINUX_SLL2);
	l->link_type = pcap_datalink(l->pcap);
	name = pcap_datalink_val_to_name(l->link_type);
	if (link_is_known(l->link_type) && l->fd >= 0)
		return true;
	err_set(e, "%s: smtptrace cannot capture on this kind of device (%s)", l->device, name ? name : "unknown");
	return false;
}

static bool
install(struct live *l, const char *filter)
{
	struct bpf_program program;
	bool is_installed;

	if (pcap_compile(l->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return false;
	is_installed = pcap_setfilter(l->pcap, &program) == 0;
	pcap_freecode(&program);
	return is_installed;
}

/* Cooked devices have no VLAN tags to look behind, and libpcap refuses to compile a filter that does. */
static bool
set_filter(struct live *l, const struct capture_live *how, struct err *e)
{
	struct buf text;
	bool is_set = false;

	buf_init(&text, FILTER_TEXT_MAX);
	if (how->filter) {
		is_set = install(l, how->filter);
		if (!is_set)
			err_set(e, "the filter \"%s\" cannot be used on %s: %s", how->filter, l->device,
				pcap_geterr(l->pcap));
		goto out;
	}
	if (!capture_default_filter(how->extra_ports, &text, e))
		goto out;
	is_set = install(l, buf_str(&text));
	buf_clear(&text);
	if (!is_set && default_filter_without_tags(how->extra_ports, &text, e))
		is_set = install(l, buf_str(&text));
	if (!is_set)
		err_set(e, "the default filter cannot be used on %s: %s", l->device, pcap_geterr(l->pcap));
out:
	buf_fini(&text);
	return is_set;
}

struct live *
live_open(const struct capture_live *how, const volatile sig_atomic_t *stop, struct err *e)
{
	struct live *l = mem_new(sizeof(*l));

	l->device = mem_copy_str(how->device);
	l->stop = stop;
	if (activate(l, e) && choose_link_type(l, e) && set_filter(l, how, e) && (how->keep_root || privileges_drop(e)))
		return l;
	live_free(l);
	return NULL;
}

void
live_free(struct live *l)
{
	if (!l)
		return;
	if (l->pcap)
		pcap_close(l->pcap);
	mem_free(l->device);
	mem_free(l);
}

/* libpcap does not tell when a device is only switched off, it just goes quiet. */
static bool
is_up(const struct live *l)
{
	struct ifreq ask = { 0 };

	if (strcmp(l->device, "any") == 0 || strlen(l->device) >= sizeof(ask.ifr_name))
		return true;
	memcpy(ask.ifr_name, l->device, strlen(l->device));
	if (ioctl(l->fd, SIOCGIFFLAGS, &ask) != 0)
		return errno != ENODEV;
	return (ask.ifr_flags & IFF_UP) != 0;
}

static enum capture_result
end(struct live *l, const char *why)
{
	l->is_over = true;
	err_set(&l->damage, "%s: %s after packet %llu", l->device, why, (unsigned long long)l->n_packets);
	return CAPTURE_END;
}

static bool
wait_for_packet(const struct live *l)
{
	struct pollfd fd = { .fd = l->fd, .events = POLLIN };

	return poll(&fd, 1, CAPTURE_WAIT_MS) > 0;
}

static void
fill(struct live *l, struct packet *p, const struct pcap_pkthdr *header, const uint8_t *data)
{
	p->data = bytes_of(data, header->caplen);
	p->wire_len = header->len > header->caplen ? header->len : header->caplen;
	p->link_type = l->link_type;
	p->ahead = NULL;
	p->when.packet = ++l->n_packets;
	p->when.time_ns = filetime_of(header->ts.tv_sec, l->is_micro ? header->ts.tv_usec * 1000 : header->ts.tv_usec);
}

enum capture_result
live_next(struct live *l, struct packet *p)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	bool is_retry = false;

	while (!*l->stop && !l->is_over) {
		int result = pcap_next_ex(l->pcap, &header, &data);

		if (LIKELY(result == 1)) {
			fill(l, p, header, data);
			return CAPTURE_PACKET;
		}
		if (result == PCAP_ERROR_BREAK)
			return CAPTURE_END;
		if (result < 0)
			return end(l, pcap_geterr(l->pcap));
		if (is_retry || !wait_for_packet(l))
			return is_up(l) ? CAPTURE_IDLE : end(l, "the device went down");
		is_retry = true;
	}
	return CAPTURE_END;
}

void
live_interrupt(struct live *l)
{
	pcap_breakloop(l->pcap);
}

struct capture_interface
live_interface(const struct live *l)
{
	return (struct capture_interface){ l->link_type, CAPTURE_SNAPLEN, bytes_str(l->device) };
}

void
live_fill_info(struct live *l, struct capture_info *info)
{
	struct pcap_stat stat;

	info->is_live = true;
	info->link_type = l->link_type;
	if (pcap_stats(l->pcap, &stat) == 0)
		info->n_dropped = (uint64_t)stat.ps_drop + stat.ps_ifdrop;
	info->damage = l->damage.text[0] != '\0' ? l->damage.text : NULL;
}
