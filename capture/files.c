/* In: file names. Out: one timeline of packets, numbered through, filtered. What one file holds is for savefile.c.
 * Only the current file is open: a hundred rotated files do not need a hundred buffers. Pipes stay open, since they
 * can be read only once. */
#include "capture/files.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "capture/filter.h"
#include "capture/savefile.h"

struct file {
	char *name;
	size_t order;              /* in which the user named them */
	struct savefile *savefile; /* NULL: not open */
	bool has_packet;
	bool is_waiting;     /* first was read from a pipe and not given out */
	struct packet first; /* its bytes are valid while the pipe is not read further */
	uint64_t n_stored;   /* bytes; 0 = unknown */
};

struct files {
	struct file *list;
	size_t n, now;            /* now: the file that is being read */
	struct savefile *reading; /* its packets; NULL: there are none, or the first one waits */
	const volatile sig_atomic_t *stop;
	struct secrets *secrets;
	struct filter filter;
	uint64_t n_packets; /* so far, with those that the filter refused: as packet viewers count */
	uint64_t n_read;    /* stored bytes of the files before now */
	int link_type;
	struct buf damage;
};

static void
close_file(struct file *file)
{
	savefile_free(file->savefile);
	file->savefile = NULL;
}

/* The time of the first packet decides the place of the file. */
static void
look_at_first(struct file *file)
{
	file->has_packet = savefile_next(file->savefile, &file->first);
	file->is_waiting = file->has_packet && !stream_can_reopen(savefile_stream(file->savefile));
}

static bool
open_file(struct files *f, struct file *file, struct err *e)
{
	struct err why;

	file->savefile = savefile_open(file->name, f->stop, f->secrets, e);
	if (!file->savefile)
		return false;
	file->n_stored = stream_stored_size(savefile_stream(file->savefile));
	if (filter_prepare(&f->filter, savefile_link_type(file->savefile), &why))
		return true;
	err_set(e, "%s: %s", stream_label(file->name), why.text);
	return false;
}

static int
compare(const void *left, const void *right)
{
	const struct file *a = left, *b = right;
	int64_t a_time = a->has_packet ? a->first.when.time_ns : INT64_MAX;
	int64_t b_time = b->has_packet ? b->first.when.time_ns : INT64_MAX;

	if (a_time != b_time)
		return a_time < b_time ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static bool
check_names(const char *const *names, size_t n_names, struct err *e)
{
	size_t n_stdin = 0;

	for (size_t i = 0; i < n_names; i++)
		n_stdin += strcmp(names[i], "-") == 0;
	if (n_names == 0)
		err_set(e, "no capture file was named");
	else if (n_stdin > 1)
		err_set(e, "standard input was named twice");
	return n_names > 0 && n_stdin <= 1;
}

void
files_free(struct files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		close_file(&f->list[i]);
		mem_free(f->list[i].name);
	}
	mem_free(f->list);
	filter_fini(&f->filter);
	buf_fini(&f->damage);
	mem_free(f);
}

static void
add_damage(struct files *f, const char *name, const char *what)
{
	if (*f->stop) /* we cut it off ourselves */
		return;
	if (f->damage.len > 0)
		buf_add_str(&f->damage, "; ");
	if (name)
		buf_addf(&f->damage, "%s: ", stream_label(name));
	buf_add_str(&f->damage, what);
}

static void
reopen(struct files *f)
{
	struct file *file = &f->list[f->now];
	struct err e = { "" };

	if (!file->savefile && !open_file(f, file, &e))
		add_damage(f, NULL, e.text); /* it was readable a moment ago */
	f->reading = file->is_waiting ? NULL : file->savefile;
}

/* Opens the next file of the user's list, and closes it again where that can be undone. */
static bool
add_file(struct files *f, const char *name, bool is_only_one, struct err *e)
{
	struct file *file = &f->list[f->n];

	*file = (struct file){ .name = mem_copy_str(name), .order = f->n++ };
	if (!open_file(f, file, e))
		return false;
	if (file->order == 0)
		f->link_type = savefile_link_type(file->savefile);
	if (is_only_one)
		return true;
	look_at_first(file);
	if (stream_can_reopen(savefile_stream(file->savefile)))
		close_file(file);
	return true;
}

struct files *
files_open(const char *const *names, size_t n_names, const char *filter, const volatile sig_atomic_t *stop,
	   struct secrets *secrets, struct err *e)
{
	struct files *f;

	if (!check_names(names, n_names, e))
		return NULL;
	f = mem_new(sizeof(*f));
	f->list = mem_new_array(n_names, sizeof(*f->list));
	f->stop = stop;
	f->secrets = secrets;
	filter_init(&f->filter, filter);
	buf_init(&f->damage, CAPTURE_DAMAGE_MAX);
	while (f->n < n_names)
		if (!add_file(f, names[f->n], n_names == 1, e)) {
			files_free(f);
			return NULL;
		}
	qsort(f->list, f->n, sizeof(*f->list), compare);
	reopen(f);
	return f;
}

/* Ends the current file and opens the next one. False when there is none. */
static RARE bool
turn_page(struct files *f)
{
	struct file *file = &f->list[f->now];

	if (f->now == f->n)
		return false;
	if (file->savefile && savefile_damage(file->savefile))
		add_damage(f, file->name, savefile_damage(file->savefile));
	if (file->savefile)
		f->n_read += stream_stored_read(savefile_stream(file->savefile));
	close_file(file);
	f->reading = NULL;
	if (++f->now == f->n)
		return false;
	reopen(f);
	return true;
}

/* The first packet of a pipe, which was read to learn its time. */
static RARE bool
take_waiting(struct files *f, struct packet *p)
{
	struct file *file = &f->list[f->now];

	if (f->now == f->n || !file->is_waiting)
		return false;
	file->is_waiting = false;
	f->reading = file->savefile;
	*p = file->first;
	return true;
}

FLATTEN bool
files_next(struct files *f, struct packet *p)
{
	while (!*f->stop) {
		bool is_packet = LIKELY(f->reading != NULL) ? savefile_next(f->reading, p) : take_waiting(f, p);

		if (UNLIKELY(!is_packet)) {
			if (!turn_page(f))
				return false;
			continue;
		}
		p->when.packet = ++f->n_packets;
		if (!f->filter.text || filter_admits(&f->filter, p))
			return true;
	}
	return false;
}

struct capture_interface
files_interface(const struct files *f)
{
	const struct savefile *now = f->now < f->n ? f->list[f->now].savefile : NULL;

	return now ? savefile_interface(now) : (struct capture_interface){ .link_type = f->link_type };
}

void
files_fill_info(struct files *f, struct capture_info *info)
{
	bool is_open = f->now < f->n && f->list[f->now].savefile;

	info->link_type = f->link_type;
	info->bytes_read = f->n_read;
	if (is_open)
		info->bytes_read += stream_stored_read(savefile_stream(f->list[f->now].savefile));
	info->bytes_total = 0;
	for (size_t i = 0; i < f->n; i++) {
		if (f->list[i].n_stored == 0) {
			info->bytes_total = 0;
			break;
		}
		info->bytes_total += f->list[i].n_stored;
	}
	info->damage = f->damage.len > 0 ? buf_str(&f->damage) : NULL;
}
