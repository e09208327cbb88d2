/* Ethernet, IPv4 and TCP headers for made-up traffic, written to a pcap file. */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FRAME_MSS 1448 /* 1500 less IPv4, TCP and the timestamps option */
#define FRAME_FIN 0x01
#define FRAME_SYN 0x02
#define FRAME_PSH 0x08
#define FRAME_ACK 0x10

struct capture_file {
	FILE *out;
	uint64_t n_packets, n_bytes;
	uint64_t time_us;
};

struct tcp_peer {
	uint32_t address; /* host order */
	uint16_t port;
	uint32_t next; /* sequence number of the next byte it sends */
};

bool capture_file_open(struct capture_file *f, const char *name);
bool capture_file_close(struct capture_file *f);
/* One segment; moves from->next on. data: at most FRAME_MSS bytes. */
void frame_write(struct capture_file *f, struct tcp_peer *from, const struct tcp_peer *to, unsigned flags,
		 const void *data, size_t len);

#endif
