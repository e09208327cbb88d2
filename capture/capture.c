/* In: files or a device. Out: packets, and counts of them. The work is done in files.c and live.c. */
#include "capture/capture.h"

#include <signal.h>

#include "base/alloc.h"
#include "capture/files.h"
#include "capture/live.h"
#include "capture/origin.h"
#include "capture/secrets.h"

struct capture {
	volatile sig_atomic_t stop; /* written by signal handlers */
	struct files *files;        /* NULL: live */
	struct live *live;          /* NULL: files */
	struct secrets secrets;
	uint64_t n_packets, n_bytes, n_cut;
	int first_link_type;
	struct when first, last;
};

struct capture *
capture_open_files(const char *const *names, size_t n_names, const char *filter, struct err *e)
{
	struct capture *c = mem_new(sizeof(*c));

	secrets_init(&c->secrets);
	c->files = files_open(names, n_names, filter, &c->stop, &c->secrets, e);
	if (c->files)
		return c;
	capture_free(c);
	return NULL;
}

struct capture *
capture_open_device(const struct capture_live *how, struct err *e)
{
	struct capture *c = mem_new(sizeof(*c));

	secrets_init(&c->secrets);
	c->live = live_open(how, &c->stop, e);
	if (c->live)
		return c;
	capture_free(c);
	return NULL;
}

void
capture_set_secrets(struct capture *c, void (*add)(void *user, struct bytes text), void *user)
{
	secrets_set(&c->secrets, add, user);
}

/* Not inline: the compiler would read the time of every packet as one 16-byte value right after its halves were
 * written, for which processors wait. */
static RARE void
note_first(struct capture *c, const struct packet *p)
{
	c->first = p->when;
	c->first_link_type = p->link_type;
}

enum capture_result
capture_next(struct capture *c, struct packet *p)
{
	enum capture_result result;

	if (LIKELY(c->files != NULL))
		result = files_next(c->files, p) ? CAPTURE_PACKET : CAPTURE_END;
	else
		result = live_next(c->live, p);
	if (UNLIKELY(result != CAPTURE_PACKET))
		return result;
	if (UNLIKELY(c->n_packets == 0))
		note_first(c, p);
	c->n_packets++;
	c->n_bytes += p->data.len;
	c->n_cut += p->wire_len > p->data.len;
	c->last = p->when;
	return CAPTURE_PACKET;
}

void
capture_stop(struct capture *c)
{
	c->stop = 1;
	if (c->live)
		live_interrupt(c->live);
}

struct capture_info
capture_info(const struct capture *c)
{
	struct capture_info info = { .n_packets = c->n_packets, .n_bytes = c->n_bytes, .n_cut = c->n_cut };

	info.first = c->first;
	info.last = c->last;
	if (c->live)
		live_fill_info(c->live, &info);
	else
		files_fill_info(c->files, &info);
	if (c->n_packets > 0)
		info.link_type = c->first_link_type;
	return info;
}

struct capture_interface
capture_interface(const struct capture *c)
{
	return c->live ? live_interface(c->live) : files_interface(c->files);
}

struct bytes
capture_names(const struct capture *c)
{
	return buf_bytes(&c->secrets.names);
}

void
capture_free(struct capture *c)
{
	if (!c)
		return;
	files_free(c->files);
	live_free(c->live);
	secrets_fini(&c->secrets);
	mem_free(c);
}
