/* The yardstick: reads a capture through libpcap and does nothing with it. */
#include <pcap/pcap.h>
#include <stdio.h>

static void
count(u_char *user, const struct pcap_pkthdr *head, const u_char *bytes)
{
	unsigned long long *n = (unsigned long long *)(void *)user;

	(void)bytes;
	n[0]++;
	n[1] += head->caplen;
}

int
main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	unsigned long long n[2] = { 0, 0 };
	pcap_t *p = argc == 2 ? pcap_open_offline(argv[1], why) : NULL;

	if (p == NULL) {
		fprintf(stderr, "pcap_loop: %s\n", argc == 2 ? why : "usage: pcap_loop FILE");
		return 2;
	}
	pcap_loop(p, -1, count, (u_char *)n);
	pcap_close(p);
	printf("%llu packets, %llu bytes\n", n[0], n[1]);
	return 0;
}
