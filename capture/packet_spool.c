/* In: packets. Out: the same packets again, as often as wanted, with their numbers. */
#include "capture/packet_spool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/temporary.h"

struct record { /* before the bytes of each packet; the file is read by nobody else */
	uint64_t number;
	int64_t time_ns;
	uint32_t wire_len, len, snaplen;
	int32_t link_type;
	uint32_t name_len;
	uint8_t name[INTERFACE_NAME_MAX];
};

struct packet_spool {
	FILE *file;
	uint64_t n_bytes, first_lost;
	int error; /* errno of the first failure; EFBIG: the limit; 0: none */
	struct record last;
	uint8_t data[CAPTURE_SNAPLEN];
};

struct packet_spool *
packet_spool_new(struct err *e)
{
	FILE *file = temporary_file(e);
	struct packet_spool *s;

	if (!file)
		return NULL;
	s = mem_new(sizeof(*s));
	s->file = file;
	return s;
}

void
packet_spool_free(struct packet_spool *s)
{
	if (!s)
		return;
	fclose(s->file);
	mem_free(s);
}

void
packet_spool_add(struct packet_spool *s, const struct packet *p, const struct capture_interface *i)
{
	struct record r = { .number = p->when.packet,
			    .time_ns = p->when.time_ns,
			    .wire_len = p->wire_len,
			    .len = (uint32_t)p->data.len,
			    .snaplen = i->snaplen,
			    .link_type = p->link_type };
	struct bytes name = bytes_head(i->name, sizeof(r.name));

	if (s->error != 0)
		return;
	r.name_len = (uint32_t)name.len;
	if (name.len > 0)
		memcpy(r.name, name.p, name.len);
	s->n_bytes += sizeof(r) + p->data.len;
	errno = 0;
	if (p->data.len > CAPTURE_SNAPLEN || s->n_bytes > PACKET_SPOOL_MAX)
		s->error = EFBIG;
	else if (fwrite(&r, sizeof(r), 1, s->file) != 1 || fwrite(p->data.p, 1, p->data.len, s->file) != p->data.len)
		s->error = errno != 0 ? errno : EIO;
	if (s->error != 0)
		s->first_lost = p->when.packet;
}

void
packet_spool_rewind(struct packet_spool *s)
{
	rewind(s->file);
}

bool
packet_spool_next(struct packet_spool *s, struct packet *p, struct capture_interface *i)
{
	struct record *r = &s->last;

	if (fread(r, sizeof(*r), 1, s->file) != 1 || r->len > sizeof(s->data) || r->name_len > sizeof(r->name))
		return false;
	if (fread(s->data, 1, r->len, s->file) != r->len)
		return false; /* the disk became full inside of it */
	*p = (struct packet){ .data = bytes_of(s->data, r->len),
			      .wire_len = r->wire_len,
			      .when = { r->number, r->time_ns },
			      .link_type = r->link_type };
	*i = (struct capture_interface){ r->link_type, r->snaplen, bytes_of(r->name, r->name_len) };
	return true;
}

const char *
packet_spool_damage(const struct packet_spool *s, uint64_t *first)
{
	*first = s->first_lost;
	if (s->error == EFBIG)
		return "there is a limit of 4 GiB for packets that wait";
	return s->error != 0 ? strerror(s->error) : NULL;
}
