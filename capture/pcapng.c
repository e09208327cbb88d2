/* In: the stream of a pcapng file. Out: its packets with the link type of their interface. Other blocks
 * (statistics) are skipped, but for names and the key logs of TLS. */
#include "capture/pcapng.h"

#include <pcap/dlt.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "capture/field.h"
#include "capture/filetime.h"
#include "capture/link.h"

enum block_type {
	BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete, but written for years */
	BLOCK_SIMPLE = 3,
	BLOCK_NAMES = 4,
	BLOCK_ENHANCED = 6,
	BLOCK_SECRETS = 10,
};

#define BLOCK_LEN_MIN 12 /* type, length, and the length again at the end */
#define INTERFACE_LEN 16 /* up to the options */
#define PACKET_LEN 28    /* up to the data */
#define SIMPLE_LEN 12
#define SECRETS_LEN 16 /* up to the secrets */
#define SECRETS_KEY_LOG 0x544c534b
#define LINKTYPE_RAW 101 /* DLT_RAW in files; the other numbers that link.c knows are the same */
#define NAMES_LEN 8      /* up to the records */
#define OPTION_END 0
#define OPTION_NAME 2
#define OPTION_TSRESOL 9
#define OPTION_TSOFFSET 14

struct interface {
	int link_type;
	uint32_t snaplen; /* 0 = no limit */
	struct filetime_unit unit;
	uint8_t name_len;
	uint8_t name[INTERFACE_NAME_MAX];
};

struct pcapng {
	struct stream *stream;
	struct secrets *secrets;
	bool is_big;
	struct interface *interfaces; /* of this section */
	size_t n_interfaces, capacity;
	uint32_t of_last; /* interface of the packet that was given out last */
	int first_link_type;
	bool has_interface; /* in any section */
	bool has_known;     /* one with a link type that we can read */
	uint64_t n_packets;
	int64_t last_time_ns;
	uint64_t rest; /* bytes of the current block that were not taken */
};

/* One block as far as its head goes. */
struct block {
	uint32_t type, len;
};

bool
pcapng_is(struct bytes head)
{
	return field_u32(head, 0, true) == BLOCK_SECTION;
}

static bool
cut_off(struct err *damage)
{
	err_set(damage, "the file is cut off in the middle of a block");
	return false;
}

/*
 *  0        4        8               a section begins: the byte order of all that follows
 * +--------+--------+--------------+
 * | type   | length | 0x1A2B3C4D   | ...
 * +--------+--------+--------------+
 */
static bool
begin_section(struct pcapng *ng, struct err *damage)
{
	uint32_t order = field_u32(stream_peek(ng->stream, 12), 8, true);

	if (order != 0x1a2b3c4d && order != 0x4d3c2b1a) {
		err_set(damage, "a pcapng section has no valid byte-order mark");
		return false;
	}
	ng->is_big = order == 0x1a2b3c4d;
	ng->n_interfaces = 0;
	return true;
}

/* False at the end of the file, and with damage where it is broken. */
static bool
next_block(struct pcapng *ng, struct block *block, struct err *damage)
{
	struct bytes b;

	if (!stream_skip_far(ng->stream, ng->rest)) {
		ng->rest = 0;
		return cut_off(damage);
	}
	ng->rest = 0;
	b = stream_peek(ng->stream, 8);
	if (b.len == 0)
		return false;
	if (b.len < 8)
		return cut_off(damage);
	if (pcapng_is(b) && !begin_section(ng, damage))
		return false;
	block->type = field_u32(b, 0, ng->is_big);
	block->len = field_u32(stream_peek(ng->stream, 8), 4, ng->is_big);
	if (block->len < BLOCK_LEN_MIN || block->len % 4 != 0) {
		err_set(damage, "a pcapng block has the impossible length %u", (unsigned)block->len);
		return false;
	}
	ng->rest = block->len;
	return true;
}

static void
keep_name(struct interface *to, struct bytes value)
{
	value = bytes_head(value, sizeof(to->name));
	to->name_len = (uint8_t)value.len;
	if (value.len > 0)
		memcpy(to->name, value.p, value.len);
}

/* Options are code, length, value, padded to 4 bytes; see section 3.5 of the draft. */
static void
read_options(struct interface *to, struct bytes options, bool is_big)
{
	while (options.len >= 4) {
		uint16_t code = field_u16(options, 0, is_big);
		size_t len = field_u16(options, 2, is_big);
		struct bytes value = bytes_head(bytes_from(options, 4), len);

		if (code == OPTION_END)
			return;
		if (code == OPTION_NAME)
			keep_name(to, value);
		if (code == OPTION_TSRESOL && value.len >= 1)
			filetime_set_resolution(&to->unit, value.p[0]);
		if (code == OPTION_TSOFFSET && value.len >= 8)
			filetime_set_offset(&to->unit, field_u32(value, is_big ? 0 : 4, is_big),
					    field_u32(value, is_big ? 4 : 0, is_big));
		options = bytes_from(options, 4 + (len + 3) / 4 * 4);
	}
}

/*
 *  0        4        8          10         12         16
 * +--------+--------+----------+----------+----------+---------
 * | type   | length | linktype | reserved | snaplen  | options
 * +--------+--------+----------+----------+----------+---------
 */
static bool
add_interface(struct pcapng *ng, const struct block *block, struct err *damage)
{
	struct interface *to;
	struct bytes b;

	if (ng->n_interfaces >= PCAPNG_INTERFACES_MAX || block->len > STREAM_PEEK_MAX) {
		err_set(damage, "more interfaces, or longer descriptions of them, than a capture can have");
		return false;
	}
	b = bytes_head(stream_peek(ng->stream, block->len), block->len - 4);
	if (b.len < INTERFACE_LEN)
		return cut_off(damage);
	if (ng->n_interfaces == ng->capacity) {
		ng->capacity = ng->capacity > 0 ? 2 * ng->capacity : 4;
		ng->interfaces = mem_resize(ng->interfaces, ng->capacity * sizeof(*to));
	}
	to = &ng->interfaces[ng->n_interfaces++];
	*to = (struct interface){ .link_type = field_u16(b, 8, ng->is_big), .snaplen = field_u32(b, 12, ng->is_big) };
	if (to->link_type == LINKTYPE_RAW)
		to->link_type = DLT_RAW;
	filetime_set_resolution(&to->unit, FILETIME_MICROSECONDS);
	read_options(to, bytes_from(b, INTERFACE_LEN), ng->is_big);
	if (!ng->has_interface)
		ng->first_link_type = to->link_type;
	ng->has_interface = true;
	ng->has_known = ng->has_known || link_is_known(to->link_type);
	return true;
}

/* Takes the packet out of the block: its data begin at offset at. */
static bool
give_packet(struct pcapng *ng, struct packet *p, size_t at, uint32_t len, struct err *damage)
{
	struct bytes b;

	if (len > CAPTURE_SNAPLEN || at + len + 4 > ng->rest) { /* 4: the length again */
		err_set(damage, "packet %llu has the impossible length %u", (unsigned long long)ng->n_packets + 1,
			(unsigned)len);
		return false;
	}
	b = stream_peek(ng->stream, at + len);
	if (b.len < at + len) {
		err_set(damage, "the file is cut off inside packet %llu", (unsigned long long)ng->n_packets + 1);
		return false;
	}
	p->data = bytes_of(b.p + at, len);
	p->wire_len = p->wire_len > len ? p->wire_len : len;
	ng->n_packets++;
	ng->last_time_ns = p->when.time_ns;
	return true;
}

/*
 *  0        4        8            12          16         20           24          28
 * +--------+--------+------------+-----------+----------+------------+-----------+------
 * | type   | length | interface  | time high | time low | captured   | on wire   | data
 * +--------+--------+------------+-----------+----------+------------+-----------+------
 * The obsolete packet block has 16 bits of interface and 16 of drops.
 */
static bool
read_packet(struct pcapng *ng, const struct block *block, struct packet *p, struct err *damage)
{
	struct bytes b = stream_peek(ng->stream, PACKET_LEN);
	const struct interface *from;
	uint32_t i = block->type == BLOCK_PACKET ? field_u16(b, 8, ng->is_big) : field_u32(b, 8, ng->is_big);

	if (b.len < PACKET_LEN)
		return cut_off(damage);
	if (i >= ng->n_interfaces) {
		err_set(damage, "packet %llu belongs to an interface that the file does not describe",
			(unsigned long long)ng->n_packets + 1);
		return false;
	}
	from = &ng->interfaces[i];
	ng->of_last = i;
	p->link_type = from->link_type;
	p->wire_len = field_u32(b, 24, ng->is_big);
	p->when.time_ns = filetime_ns(&from->unit, field_u32(b, 12, ng->is_big), field_u32(b, 16, ng->is_big));
	return give_packet(ng, p, PACKET_LEN, field_u32(b, 20, ng->is_big), damage);
}

/*
 *  0        4        8         12
 * +--------+--------+---------+------   no time, no interface (it is the first one), and the captured
 * | type   | length | on wire | data    length is what the block holds
 * +--------+--------+---------+------
 */
static bool
read_simple_packet(struct pcapng *ng, const struct block *block, struct packet *p, struct err *damage)
{
	struct bytes b = stream_peek(ng->stream, SIMPLE_LEN);
	uint32_t len = block->len > SIMPLE_LEN + 4 ? block->len - SIMPLE_LEN - 4 : 0;

	if (b.len < SIMPLE_LEN)
		return cut_off(damage);
	if (ng->n_interfaces == 0) {
		err_set(damage, "packet %llu belongs to an interface that the file does not describe",
			(unsigned long long)ng->n_packets + 1);
		return false;
	}
	ng->of_last = 0;
	p->link_type = ng->interfaces[0].link_type;
	p->wire_len = field_u32(b, 8, ng->is_big);
	p->when.time_ns = ng->last_time_ns;
	len = p->wire_len < len ? p->wire_len : len;
	if (ng->interfaces[0].snaplen > 0 && ng->interfaces[0].snaplen < len)
		len = ng->interfaces[0].snaplen;
	return give_packet(ng, p, SIMPLE_LEN, len, damage);
}

/* Records are type, length, value, padded to 4 bytes; type 0 ends them. What is longer than a packet may be is cut. */
static void
read_names(struct pcapng *ng, const struct block *block)
{
	struct bytes b = stream_peek(ng->stream, block->len < STREAM_PEEK_MAX ? block->len : STREAM_PEEK_MAX);

	b = bytes_from(bytes_head(b, block->len - 4), NAMES_LEN);
	while (b.len >= 4 && field_u16(b, 0, ng->is_big) != 0) {
		size_t len = field_u16(b, 2, ng->is_big);

		if (4 + len > b.len)
			return;
		secrets_note_name(ng->secrets, field_u16(b, 0, ng->is_big), bytes_head(bytes_from(b, 4), len));
		b = bytes_from(b, 4 + (len + 3) / 4 * 4);
	}
}

/* Without a line that is not whole, unless it is the last one. */
static struct bytes
whole_lines(struct bytes text, bool is_last)
{
	size_t len = text.len;

	while (!is_last && len > 0 && text.p[len - 1] != '\n')
		len--;
	return bytes_head(text, len);
}

/*
 *  0        4        8              12       16
 * +--------+--------+--------------+--------+---------
 * | type   | length | secrets type | length | secrets
 * +--------+--------+--------------+--------+---------
 * They may be longer than what can be looked at, and are taken by whole lines.
 */
static bool
read_secrets(struct pcapng *ng, struct err *damage)
{
	struct bytes b = stream_peek(ng->stream, SECRETS_LEN);
	uint64_t left;

	if (b.len < SECRETS_LEN || ng->rest < SECRETS_LEN + 4)
		return cut_off(damage);
	if (field_u32(b, 8, ng->is_big) != SECRETS_KEY_LOG)
		return true;
	left = field_u32(b, 12, ng->is_big);
	stream_skip(ng->stream, SECRETS_LEN);
	ng->rest -= SECRETS_LEN;
	if (left + 4 > ng->rest) { /* 4: the length again */
		err_set(damage, "a block of secrets has the impossible length %llu", (unsigned long long)left);
		return false;
	}
	while (left > 0) {
		size_t n = left < STREAM_PEEK_MAX ? (size_t)left : STREAM_PEEK_MAX;
		struct bytes text = bytes_head(stream_peek(ng->stream, n), n), lines = whole_lines(text, n == left);

		if (text.len < n)
			return cut_off(damage);
		secrets_tell(ng->secrets, lines);
		if (lines.len > 0)
			n = lines.len;
		stream_skip(ng->stream, n);
		ng->rest -= n;
		left -= n;
	}
	return true;
}

/* Blocks that say something about packets to come. False: damage. */
static bool
read_other(struct pcapng *ng, const struct block *block, struct err *damage)
{
	if (block->type == BLOCK_INTERFACE)
		return add_interface(ng, block, damage);
	if (block->type == BLOCK_NAMES)
		read_names(ng, block);
	return block->type != BLOCK_SECRETS || read_secrets(ng, damage);
}

bool
pcapng_next(struct pcapng *ng, struct packet *p, struct err *damage)
{
	struct block block;

	while (next_block(ng, &block, damage)) {
		if (LIKELY(block.type == BLOCK_ENHANCED || block.type == BLOCK_PACKET))
			return read_packet(ng, &block, p, damage);
		if (block.type == BLOCK_SIMPLE)
			return read_simple_packet(ng, &block, p, damage);
		if (!read_other(ng, &block, damage))
			return false;
	}
	if (!ng->has_known && ng->n_packets > 0 && damage->text[0] == '\0')
		err_set(damage, "no interface in it has a link type that smtptrace can read");
	return false;
}

struct pcapng *
pcapng_open(struct stream *s, struct secrets *secrets, struct err *e)
{
	struct pcapng *ng = mem_new(sizeof(*ng));
	struct block block;

	ng->stream = s;
	ng->secrets = secrets;
	while (!ng->has_interface && next_block(ng, &block, e))
		if (!read_other(ng, &block, e))
			break;
	if (ng->has_interface)
		return ng;
	if (e->text[0] == '\0')
		err_set(e, "the pcapng file describes no interface");
	pcapng_free(ng);
	return NULL;
}

void
pcapng_free(struct pcapng *ng)
{
	if (!ng)
		return;
	mem_free(ng->interfaces);
	mem_free(ng);
}

struct capture_interface
pcapng_interface(const struct pcapng *ng)
{
	const struct interface *i = &ng->interfaces[ng->of_last < ng->n_interfaces ? ng->of_last : 0];

	return (struct capture_interface){ i->link_type, i->snaplen, bytes_of(i->name, i->name_len) };
}

int
pcapng_link_type(const struct pcapng *ng)
{
	return ng->first_link_type;
}
