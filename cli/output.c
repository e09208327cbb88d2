/* In: the wishes for the report. Out: a stream to write it to. Knows no format. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define WIDTH_PLAIN 80 /* when not a terminal */
#define WIDTH_MIN 40
#define WIDTH_MAX 110 /* longer lines are hard to read */

static bool
wants_colour(const struct options *o, FILE *file)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->colour != COLOUR_AUTO)
		return o->colour == COLOUR_ALWAYS;
	if ((no_colour && no_colour[0] != '\0') || (term && strcmp(term, "dumb") == 0))
		return false;
	return isatty(fileno(file)) == 1;
}

static unsigned
columns_of(FILE *file)
{
	struct winsize size;

	if (isatty(fileno(file)) != 1 || ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_PLAIN;
	if (size.ws_col < WIDTH_MIN)
		return WIDTH_MIN;
	return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

/* Is it one of the files that are about to be read? */
static bool
is_input(const struct stat *output, const struct options *o)
{
	struct stat input;

	for (size_t i = 0; i < o->n_files; i++)
		if (stat(o->files[i], &input) == 0 && input.st_dev == output->st_dev && input.st_ino == output->st_ino)
			return true;
	return false;
}

/* option: which names it, for messages. */
static bool
open_file(struct output *out, const struct options *o, const char *option, struct err *e)
{
	int fd = open(out->name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		err_set(e, "cannot write to '%s': %s", out->name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (S_ISREG(st.st_mode) && is_input(&st, o)) {
		err_set(e, "%s '%s' would overwrite the capture; choose another file", option, out->name);
		close(fd);
		return false;
	}
	out->file = fdopen(fd, "w");
	out->is_ours = true;
	return true;
}

bool
output_open(struct output *out, const struct options *o, struct err *e)
{
	const char *name = o->learn ? o->learn : o->output;

	if (o->learn && strcmp(o->learn, "-") == 0)
		name = NULL;
	*out = (struct output){ .file = stdout, .name = name ? name : "standard output" };
	if (name && !open_file(out, o, o->learn ? "--learn" : "-o", e))
		return false;
	out->use_colour = wants_colour(o, out->file);
	out->width = columns_of(out->file);
	return true;
}

bool
output_open_packets(struct output *out, const struct options *o, struct err *e)
{
	*out = (struct output){ .name = o->write };
	return open_file(out, o, "-w", e);
}

bool
output_begin(struct output *out, struct err *e)
{
	struct stat st;

	if (!out->is_ours || fstat(fileno(out->file), &st) != 0 || !S_ISREG(st.st_mode))
		return true; /* a pipe or a device holds nothing to empty */
	if (ftruncate(fileno(out->file), 0) == 0)
		return true;
	err_set(e, "cannot empty '%s': %s", out->name, strerror(errno));
	return false;
}

bool
output_end(struct output *out, struct err *e)
{
	bool is_fine;

	errno = 0;
	is_fine = fflush(out->file) == 0 && !ferror(out->file);
	if (out->is_ours && fclose(out->file) != 0)
		is_fine = false;
	if (!is_fine && e->text[0] == '\0')
		err_set(e, "cannot write to %s: %s", out->name, strerror(errno != 0 ? errno : EIO));
	return is_fine;
}
