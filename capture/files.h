/* Several capture files as one timeline, in the order of their first packets. Order: open, next*, free. */
#ifndef CAPTURE_FILES_H
#define CAPTURE_FILES_H

#include <signal.h>

#include "capture/origin.h"
#include "capture/secrets.h"

struct files;

/* stop as in stream_open: non-zero ends everything. secrets are borrowed; they may be told twice. */
struct files *files_open(const char *const *names, size_t n_names, const char *filter,
			 const volatile sig_atomic_t *stop, struct secrets *secrets, struct err *e);
void files_free(struct files *f); /* NULL is fine */
/* False at the end. Fills all of p. */
bool files_next(struct files *f, struct packet *p);
struct capture_interface files_interface(const struct files *f); /* of the last packet */
/* Sets link_type (of the first file), bytes_read, bytes_total and damage. */
void files_fill_info(struct files *f, struct capture_info *info);

#endif
