/* Packets from files, standard input or a device, through libpcap.
 * Order: open_files or open_device, next*, free. Not thread-safe. */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/when.h"

#define PACKET_AHEAD_LEN 54 /* bytes of it that are there: Ethernet, IPv4, TCP */

struct packet {
	struct bytes data; /* captured bytes from the link header on; borrowed until the next call */
	uint32_t wire_len; /* bytes that were on the wire; more than data.len when snaplen cut it */
	struct when when;
	int link_type; /* DLT_*, see pcap-linktype(7) */
	/* The beginning of the packet after the next one, likely: a hint what to fetch from memory. NULL: not known. */
	const uint8_t *ahead;
};

struct capture;

enum capture_result {
	CAPTURE_PACKET, /* *p was filled */
	CAPTURE_IDLE,   /* live only: nothing came for a while; call again */
	CAPTURE_END,    /* no more packets, or capture_stop was called */
};

struct capture_live {
	const char *device;      /* "any" is fine */
	const char *filter;      /* BPF, pcap-filter(7); NULL = capture_default_filter */
	const char *extra_ports; /* more mail ports for the default filter, "2526,1025"; NULL = none */
	bool keep_root;          /* for debugging only: do not drop privileges */
};

struct capture_info {  /* what is known so far; strings are owned by the capture */
	int link_type; /* of the first packet */
	bool is_live;
	uint64_t n_packets, n_bytes;      /* delivered; bytes as captured */
	uint64_t n_cut;                   /* packets shorter than on the wire */
	uint64_t n_dropped;               /* live only: lost by the kernel or the device */
	uint64_t bytes_read, bytes_total; /* of the files as stored, for progress; total 0 = unknown */
	struct when first, last;
	const char *damage; /* NULL, or why a file could not be read to its end */
};

/* Files ("-" = stdin; pcap, pcapng, either gzip or zstd compressed) become one timeline, ordered by
 * their first packets. filter is BPF or NULL. A file that opens but is damaged later is no error. */
struct capture *capture_open_files(const char *const *names, size_t n_names, const char *filter, struct err *e);
/* Opens the device, then drops root and all capabilities and sets no-new-privileges. */
struct capture *capture_open_device(const struct capture_live *how, struct err *e);
/* Key logs inside pcapng files go there, as whole lines: those that were met before, and those that come with later
 * packets, perhaps some twice. The text is borrowed for the call. Without it they are dropped. */
void capture_set_secrets(struct capture *c, void (*add)(void *user, struct bytes text), void *user);
enum capture_result capture_next(struct capture *c, struct packet *p);
void capture_stop(struct capture *c); /* async-signal-safe: the next call says CAPTURE_END */
struct capture_info capture_info(const struct capture *c);
void capture_free(struct capture *c); /* NULL is fine */

#endif
