/* In: records with an id. Out: the same records later. Keeps places (24 bytes each, bounded), not records. */
#include "report/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/temporary.h"

struct place {
	uint64_t id;
	uint64_t offset; /* of the record's bytes in the file */
	uint64_t len;
};

struct spool {
	FILE *file; /* each record: struct place, then its bytes */
	struct place *places;
	size_t n_places, capacity;
	size_t next;     /* place to read next */
	uint64_t offset; /* where the next record goes; when reading in file order: where it begins */
	uint64_t end;
	bool is_reading; /* nothing is added any more */
	bool is_sorted;  /* all places are known */
	int error;       /* errno of the first failure; 0 = none */
};

struct spool *
spool_new(struct err *e)
{
	FILE *file = temporary_file(e);
	struct spool *s;

	if (!file)
		return NULL;
	s = mem_new(sizeof(*s));
	s->file = file;
	s->is_sorted = true;
	return s;
}

static void
remember_place(struct spool *s, const struct place *p)
{
	if (s->n_places == SPOOL_SORTED_MAX)
		s->is_sorted = false;
	if (!s->is_sorted)
		return;
	if (s->n_places == s->capacity) {
		s->capacity = s->capacity > 0 ? s->capacity * 2 : 64;
		s->places = mem_resize(s->places, s->capacity * sizeof(*s->places));
	}
	s->places[s->n_places++] = *p;
}

static void
note_error(struct spool *s)
{
	if (s->error == 0)
		s->error = errno != 0 ? errno : EIO;
}

void
spool_add(struct spool *s, uint64_t id, struct bytes record)
{
	struct place p = { .id = id, .offset = s->offset + sizeof(p), .len = record.len };

	if (s->error != 0)
		return;
	errno = 0;
	if (fwrite(&p, sizeof(p), 1, s->file) != 1 ||
	    (record.len > 0 && fwrite(record.p, 1, record.len, s->file) != record.len)) {
		note_error(s);
		return;
	}
	remember_place(s, &p);
	s->offset += sizeof(p) + record.len;
}

static int
place_cmp(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

void
spool_rewind(struct spool *s)
{
	errno = 0;
	if (fflush(s->file) != 0)
		note_error(s);
	if (!s->is_reading)
		s->end = s->offset;
	s->is_reading = true;
	s->offset = 0;
	s->next = 0;
	if (s->is_sorted && s->n_places > 0)
		qsort(s->places, s->n_places, sizeof(*s->places), place_cmp);
}

/* Exactly n bytes from the file into the buffer's end. */
static bool
read_at(struct spool *s, uint64_t offset, uint64_t n, void *to)
{
	uint8_t *p = to;

	while (n > 0) {
		ssize_t got = pread(fileno(s->file), p, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got < 0 ? errno : EIO;
			note_error(s);
			return false;
		}
		p += got;
		offset += (uint64_t)got;
		n -= (uint64_t)got;
	}
	return true;
}

static bool
next_place(struct spool *s, struct place *p)
{
	if (s->is_sorted) {
		if (s->next == s->n_places)
			return false;
		*p = s->places[s->next++];
		return true;
	}
	if (s->offset >= s->end || !read_at(s, s->offset, sizeof(*p), p))
		return false;
	s->offset = p->offset + p->len;
	return true;
}

bool
spool_next(struct spool *s, uint64_t *id, struct buf *record)
{
	uint8_t piece[16384];
	struct place p;

	buf_clear(record);
	if (s->error != 0 || !next_place(s, &p))
		return false;
	*id = p.id;
	while (p.len > 0) {
		size_t n = p.len < sizeof(piece) ? (size_t)p.len : sizeof(piece);

		if (!read_at(s, p.offset, n, piece))
			return false;
		buf_add(record, bytes_of(piece, n));
		p.offset += n;
		p.len -= n;
	}
	return true;
}

bool
spool_failed(const struct spool *s, struct err *e)
{
	if (s->error == 0)
		return false;
	err_set(e, "cannot keep sessions in a temporary file in %s: %s; set TMPDIR to a directory with room",
		temporary_folder(), strerror(s->error));
	return true;
}

void
spool_free(struct spool *s)
{
	if (!s)
		return;
	fclose(s->file);
	mem_free(s->places);
	mem_free(s);
}
