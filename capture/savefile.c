/* In: a file name. Out: the packets of that file. libpcap judges the header, maps its link type and reads the rarer
 * variants; the records of the usual ones are read where they lie in the buffer, without a copy (measured: half the
 * time per packet of pcap_next_ex). pcapng has its own reader. */
#include "capture/savefile.h"

#include <pcap/pcap.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "capture/field.h"
#include "capture/filetime.h"
#include "capture/kind.h"
#include "capture/link.h"
#include "capture/pcapng.h"

#define HEADER_LEN 24 /* of a pcap file */
#define RECORD_LEN 16 /* of a pcap record, before the data */
#define HEAD_MAX 64   /* is enough to recognise other kinds of files */
#define VERSION_END 8 /* of the header: magic and version come first */

struct savefile {
	struct stream *stream;
	FILE *view; /* libpcap's view of the stream; owned by pcap */
	pcap_t *pcap;
	struct pcapng *pcapng; /* instead of pcap */
	int link_type;
	bool is_in_place; /* records are read from the stream, not by libpcap */
	bool is_big;
	bool is_usual; /* in place, little-endian, and not over */
	bool is_over;
	int64_t ns_per_tick;
	uint8_t header[HEADER_LEN];
	size_t held; /* length of the packet that was given out last */
	uint64_t n_packets;
	struct err damage;
};

/* What makes records readable in place: byte order and unit. */
struct variant {
	uint8_t magic[4];
	bool is_big;
	int64_t ns_per_tick;
};

static const struct variant variants[] = {
	{ { 0xd4, 0xc3, 0xb2, 0xa1 }, false, 1000 },
	{ { 0xa1, 0xb2, 0xc3, 0xd4 }, true, 1000 },
	{ { 0x4d, 0x3c, 0xb2, 0xa1 }, false, 1 },
	{ { 0xa1, 0xb2, 0x3c, 0x4d }, true, 1 },
};

static const struct variant *
variant_of(struct bytes head)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++)
		if (head.len >= 4 && memcmp(head.p, variants[i].magic, 4) == 0)
			return &variants[i];
	return NULL;
}

/* The first of the reasons that fits; why is what libpcap or the pcapng reader says. */
static void
explain_refusal(const struct savefile *f, const char *name, struct bytes head, const char *why, struct err *e)
{
	bool is_capture = pcapng_is(head) || variant_of(head);
	const char *kind = is_capture ? NULL : kind_of_refused(name, head);
	const char *label = stream_label(name);

	if (stream_damage(f->stream))
		err_set(e, "%s: %s", label, stream_damage(f->stream));
	else if (head.len == 0)
		err_set(e, "%s is empty", label);
	else if (kind)
		err_set(e, "%s %s", label, kind);
	else if (variant_of(head) && stream_peek(f->stream, 1).len == 0)
		err_set(e, "%s is cut off inside its file header", label);
	else if (!is_capture)
		err_set(e, "%s is not a packet capture", label);
	else
		err_set(e, "%s: %s", label, why);
}

static bool
open_pcap(struct savefile *f, struct bytes head, struct err *why)
{
	const struct variant *v = variant_of(head);
	char text[PCAP_ERRBUF_SIZE] = "";

	f->view = stream_file(f->stream);
	f->pcap = f->view ? pcap_fopen_offline_with_tstamp_precision(f->view, PCAP_TSTAMP_PRECISION_NANO, text) : NULL;
	if (!f->pcap) {
		err_set(why, "%s", text);
		return false;
	}
	f->link_type = pcap_datalink(f->pcap);
	f->is_in_place = v && f->stream->dropped + f->stream->at == HEADER_LEN;
	f->is_big = v && v->is_big;
	f->is_usual = f->is_in_place && !f->is_big;
	f->ns_per_tick = v ? v->ns_per_tick : 0;
	memcpy(f->header, head.p, sizeof(f->header)); /* libpcap has read all of it */
	return true;
}

static bool
open_pcapng(struct savefile *f, struct secrets *secrets, struct err *why)
{
	f->pcapng = pcapng_open(f->stream, secrets, why);
	if (f->pcapng)
		f->link_type = pcapng_link_type(f->pcapng);
	return f->pcapng != NULL;
}

static bool
check_link_type(const struct savefile *f, const char *name, struct err *e)
{
	const char *text = pcap_datalink_val_to_name(f->link_type);

	if (f->pcapng || link_is_known(f->link_type)) /* a later interface of a pcapng file may do */
		return true;
	err_set(e, "%s has the link type %s (%d), which smtptrace cannot read", stream_label(name),
		text ? text : "unknown", f->link_type);
	return false;
}

struct savefile *
savefile_open(const char *name, const volatile sig_atomic_t *stop, struct secrets *secrets, struct err *e)
{
	struct savefile *f = mem_new(sizeof(*f));
	uint8_t copy[HEAD_MAX];
	struct bytes head;
	struct err why = { "" };
	bool is_open = false;

	f->stream = stream_open(name, stop, e);
	if (!f->stream)
		goto out;
	head = bytes_head(stream_peek(f->stream, HEADER_LEN), sizeof(copy)); /* no capture is shorter */
	if (head.len > 0)
		memcpy(copy, head.p, head.len);
	head.p = copy;
	is_open = pcapng_is(head) ? open_pcapng(f, secrets, &why) : open_pcap(f, head, &why);
	if (!is_open)
		explain_refusal(f, name, head, why.text, e);
	else
		is_open = check_link_type(f, name, e);
out:
	if (is_open)
		return f;
	savefile_free(f);
	return NULL;
}

void
savefile_free(struct savefile *f)
{
	if (!f)
		return;
	pcapng_free(f->pcapng);
	if (f->pcap)
		pcap_close(f->pcap); /* closes the view, too */
	else if (f->view)
		fclose(f->view);
	stream_free(f->stream);
	mem_free(f);
}

/* The packet after the next one, if both are in the buffer. `at`: where the record of the next one begins. */
static inline const uint8_t *
look_ahead(struct bytes b, size_t at, bool is_big)
{
	if (UNLIKELY(b.len - at < RECORD_LEN))
		return NULL;
	at += RECORD_LEN + (size_t)field_read_u32(b.p + at + 8, is_big);
	return at + RECORD_LEN + PACKET_AHEAD_LEN <= b.len ? b.p + at + RECORD_LEN : NULL;
}

static RARE bool
is_cut_off(struct savefile *f, struct bytes rest)
{
	if (rest.len > 0)
		err_set(&f->damage, "the file is cut off inside packet %llu", (unsigned long long)f->n_packets + 1);
	return false;
}

static RARE bool
has_impossible_length(struct savefile *f, uint32_t len)
{
	err_set(&f->damage, "packet %llu has the impossible length %u", (unsigned long long)f->n_packets + 1,
		(unsigned)len);
	return false;
}

/*
 *  0         4          8              12          16
 * +---------+----------+--------------+-----------+------
 * | seconds | fraction | captured     | on wire   | data
 * +---------+----------+--------------+-----------+------
 * Inline, with the byte order as a constant: nearly every packet passes here.
 */
static inline ALWAYS_INLINE bool
read_record(struct savefile *f, struct packet *p, bool is_big)
{
	struct bytes b;
	size_t len;

	stream_skip(f->stream, f->held);
	b = stream_peek(f->stream, RECORD_LEN);
	if (UNLIKELY(b.len < RECORD_LEN))
		return is_cut_off(f, b);
	len = field_read_u32(b.p + 8, is_big);
	p->wire_len = field_read_u32(b.p + 12, is_big);
	p->when.time_ns = (int64_t)field_read_u32(b.p, is_big) * NS_PER_S +
			  field_read_u32(b.p + 4, is_big) * f->ns_per_tick;
	if (UNLIKELY(len > CAPTURE_SNAPLEN))
		return has_impossible_length(f, (uint32_t)len);
	if (UNLIKELY(b.len < RECORD_LEN + len))
		b = stream_peek(f->stream, RECORD_LEN + len);
	if (UNLIKELY(b.len < RECORD_LEN + len))
		return is_cut_off(f, b);
	f->held = RECORD_LEN + len;
	p->data = bytes_of(b.p + RECORD_LEN, len);
	p->ahead = look_ahead(b, RECORD_LEN + len, is_big);
	return true;
}

static bool
next_from_libpcap(struct savefile *f, struct packet *p)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int result = pcap_next_ex(f->pcap, &header, &data);

	if (result == 1) {
		p->wire_len = header->len;
		p->when.time_ns = filetime_of(header->ts.tv_sec, header->ts.tv_usec);
		p->data = bytes_of(data, header->caplen);
		return true;
	}
	if (result != PCAP_ERROR_BREAK) /* which is the end of the file */
		err_set(&f->damage, "packet %llu: %s", (unsigned long long)f->n_packets + 1, pcap_geterr(f->pcap));
	return false;
}

/* Big-endian, pcapng, or a variant that libpcap reads; and what comes after the end. */
static NOT_INLINE bool
read_other(struct savefile *f, struct packet *p)
{
	p->ahead = NULL;
	if (f->is_over)
		return false;
	if (f->is_in_place)
		return read_record(f, p, true);
	return f->pcapng ? pcapng_next(f->pcapng, p, &f->damage) : next_from_libpcap(f, p);
}

/* A packet without any length is something else. Files that were allocated but not written to their end go on with
 * zeros; and joined files ("cat a b") have the header of the next one, which looks like such a packet. */
static RARE bool
accept_empty(struct savefile *f, struct packet *p)
{
	unsigned long long number = f->n_packets + 1;
	struct bytes b;

	if (p->when.time_ns == 0) {
		err_set(&f->damage, "from packet %llu on the file holds only zeros", number);
		return false;
	}
	if (!f->is_in_place)
		return true;
	b = stream_peek(f->stream, HEADER_LEN); /* the record was not taken yet */
	if (b.len < HEADER_LEN || memcmp(b.p, f->header, VERSION_END) != 0)
		return true;
	if (memcmp(b.p, f->header, HEADER_LEN) != 0) {
		err_set(&f->damage, "another capture file was appended before packet %llu; join them with mergecap",
			number);
		return false;
	}
	f->held = HEADER_LEN;
	return read_record(f, p, f->is_big);
}

static RARE bool
end(struct savefile *f)
{
	struct err packet = f->damage;

	if (f->is_over)
		return false;
	f->is_over = true;
	f->is_usual = false;
	if (stream_damage(f->stream) && packet.text[0] != '\0')
		err_set(&f->damage, "%.200s; %.200s", stream_damage(f->stream), packet.text);
	else if (stream_damage(f->stream))
		err_set(&f->damage, "%s", stream_damage(f->stream));
	return false;
}

bool
savefile_next(struct savefile *f, struct packet *p)
{
	bool is_packet;

	p->link_type = f->link_type;
	is_packet = LIKELY(f->is_usual) ? read_record(f, p, false) : read_other(f, p);
	if (UNLIKELY(!is_packet))
		return end(f);
	if (UNLIKELY(p->wire_len == 0 && p->data.len == 0) && !accept_empty(f, p))
		return end(f);
	if (UNLIKELY(p->wire_len < p->data.len))
		p->wire_len = (uint32_t)p->data.len;
	f->n_packets++;
	return true;
}

struct capture_interface
savefile_interface(const struct savefile *f)
{
	if (f->pcapng)
		return pcapng_interface(f->pcapng);
	return (struct capture_interface){ .link_type = f->link_type, .snaplen = (uint32_t)pcap_snapshot(f->pcap) };
}

int
savefile_link_type(const struct savefile *f)
{
	return f->link_type;
}

const char *
savefile_damage(const struct savefile *f)
{
	return f->damage.text[0] != '\0' ? f->damage.text : NULL;
}

const struct stream *
savefile_stream(const struct savefile *f)
{
	return f->stream;
}
