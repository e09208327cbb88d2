/* In: packets and what belongs to them. Out: blocks of a pcapng file. */
#include "capture/pcapng_write.h"

#include <pcap/dlt.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

enum block_type {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_NAMES = 4,
	BLOCK_ENHANCED = 6,
	BLOCK_SECRETS = 10,
};

enum option { OPTION_END = 0, OPTION_COMMENT = 1, OPTION_NAME = 2, OPTION_APPLICATION = 4, OPTION_TSRESOL = 9 };

#define SECRETS_KEY_LOG 0x544c534b
#define LINKTYPE_RAW 101   /* DLT_RAW in files */
#define NANOSECONDS 9      /* the resolution of time: 10^-9 */
#define BLOCK_FRAME_LEN 12 /* type, length, and the length again at the end */
#define OPTION_LEN_MAX 65535

struct known {
	struct capture_interface description;
	char *name; /* owned */
};

struct pcapng_writer {
	FILE *out;
	struct known *interfaces;
	size_t n_interfaces;
	struct buf body; /* of the block that is being built */
};

static size_t
padded(size_t len)
{
	return (len + 3) / 4 * 4;
}

static void
put_u16(struct buf *b, uint16_t value)
{
	buf_add(b, bytes_of(&value, sizeof(value)));
}

static void
put_u32(struct buf *b, uint32_t value)
{
	buf_add(b, bytes_of(&value, sizeof(value)));
}

static void
put_padded(struct buf *b, struct bytes data)
{
	static const uint8_t zeros[4];

	buf_add(b, data);
	buf_add(b, bytes_of(zeros, padded(data.len) - data.len));
}

static void
put_option(struct buf *b, enum option code, struct bytes value)
{
	value = bytes_head(value, OPTION_LEN_MAX);
	put_u16(b, (uint16_t)code);
	put_u16(b, (uint16_t)value.len);
	put_padded(b, value);
}

static void
put_end_of_options(struct buf *b)
{
	put_u32(b, OPTION_END);
}

/*
 *  0        4        8       length - 4
 * +--------+--------+------+--------+
 * | type   | length | body | length |
 * +--------+--------+------+--------+
 */
static void
write_block(struct pcapng_writer *w, enum block_type type)
{
	uint32_t head[2] = { (uint32_t)type, (uint32_t)(w->body.len + BLOCK_FRAME_LEN) };

	fwrite(head, sizeof(head), 1, w->out);
	if (w->body.len > 0)
		fwrite(w->body.p, w->body.len, 1, w->out);
	fwrite(&head[1], sizeof(head[1]), 1, w->out);
	buf_clear(&w->body);
}

struct pcapng_writer *
pcapng_writer_new(FILE *out)
{
	static const uint8_t unknown_length[8] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct pcapng_writer *w = mem_new(sizeof(*w));

	w->out = out;
	buf_init(&w->body, PCAPNG_BLOCK_MAX);
	put_u32(&w->body, 0x1a2b3c4d); /* byte order */
	put_u16(&w->body, 1);          /* version 1.0 */
	put_u16(&w->body, 0);
	buf_add(&w->body, bytes_of(unknown_length, sizeof(unknown_length)));
	put_option(&w->body, OPTION_APPLICATION, bytes_str("smtptrace " SMTPTRACE_VERSION));
	put_end_of_options(&w->body);
	write_block(w, BLOCK_SECTION);
	return w;
}

void
pcapng_writer_free(struct pcapng_writer *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_interfaces; i++)
		mem_free(w->interfaces[i].name);
	mem_free(w->interfaces);
	buf_fini(&w->body);
	mem_free(w);
}

static bool
is_same(const struct capture_interface *a, const struct capture_interface *b)
{
	return a->link_type == b->link_type && a->snaplen == b->snaplen && bytes_eq(a->name, b->name);
}

static void
write_interface(struct pcapng_writer *w, const struct capture_interface *i)
{
	static const uint8_t resolution = NANOSECONDS;

	put_u16(&w->body, (uint16_t)(i->link_type == DLT_RAW ? LINKTYPE_RAW : i->link_type));
	put_u16(&w->body, 0);
	put_u32(&w->body, i->snaplen);
	if (i->name.len > 0)
		put_option(&w->body, OPTION_NAME, i->name);
	put_option(&w->body, OPTION_TSRESOL, bytes_of(&resolution, sizeof(resolution)));
	put_end_of_options(&w->body);
	write_block(w, BLOCK_INTERFACE);
}

uint32_t
pcapng_writer_interface(struct pcapng_writer *w, const struct capture_interface *i)
{
	struct known *known;

	for (size_t n = w->n_interfaces; n > 0; n--)
		if (is_same(&w->interfaces[n - 1].description, i))
			return (uint32_t)(n - 1);
	w->interfaces = mem_resize(w->interfaces, (w->n_interfaces + 1) * sizeof(*known));
	known = &w->interfaces[w->n_interfaces++];
	known->name = mem_new(i->name.len + 1);
	if (i->name.len > 0)
		memcpy(known->name, i->name.p, i->name.len);
	known->description = *i;
	known->description.name = bytes_of(known->name, i->name.len);
	write_interface(w, i);
	return (uint32_t)(w->n_interfaces - 1);
}

void
pcapng_writer_names(struct pcapng_writer *w, struct bytes records)
{
	if (records.len == 0)
		return;
	buf_add(&w->body, records);
	put_u32(&w->body, 0); /* end of records */
	write_block(w, BLOCK_NAMES);
}

void
pcapng_writer_secrets(struct pcapng_writer *w, struct bytes key_log)
{
	if (key_log.len == 0)
		return;
	put_u32(&w->body, SECRETS_KEY_LOG);
	put_u32(&w->body, (uint32_t)key_log.len);
	put_padded(&w->body, key_log);
	write_block(w, BLOCK_SECRETS);
}

/*
 *  0           4           8          12         16        20
 * +-----------+-----------+----------+----------+---------+------+---------
 * | interface | time high | time low | captured | on wire | data | options
 * +-----------+-----------+----------+----------+---------+------+---------
 */
void
pcapng_writer_packet(struct pcapng_writer *w, uint32_t interface, const struct packet *p, const struct bytes *comments,
		     size_t n_comments)
{
	uint64_t time = (uint64_t)p->when.time_ns;

	put_u32(&w->body, interface);
	put_u32(&w->body, (uint32_t)(time >> 32));
	put_u32(&w->body, (uint32_t)time);
	put_u32(&w->body, (uint32_t)p->data.len);
	put_u32(&w->body, p->wire_len);
	put_padded(&w->body, p->data);
	for (size_t i = 0; i < n_comments; i++)
		put_option(&w->body, OPTION_COMMENT, comments[i]);
	if (n_comments > 0)
		put_end_of_options(&w->body);
	write_block(w, BLOCK_ENHANCED);
}
