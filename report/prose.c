/* In: sections of the text report, written without an end of line in sight. Out: their lines. So each format tells the
 * same, and what is told is decided in one place. */
#include "report/prose.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "report/blind.h"

#define ENDLESS ((size_t)1 << 20) /* columns */

struct prose {
	FILE *file;
	char *text;
	size_t len;
	struct bytes rest;
	bool has_questions;
};

static struct prose *
begin(struct wrap *w)
{
	struct prose *p = mem_new(sizeof(*p));

	p->file = open_memstream(&p->text, &p->len);
	if (!p->file)
		abort(); /* only for lack of memory */
	wrap_init(w, p->file, ENDLESS, false);
	return p;
}

static struct prose *
end_writing(struct prose *p)
{
	fclose(p->file);
	p->rest = bytes_of(p->text, p->len);
	bytes_split(&p->rest, '\n'); /* an empty line and the heading */
	bytes_split(&p->rest, '\n');
	return p;
}

struct prose *
prose_new_limits(const struct report_end *end, const struct questions *q)
{
	struct wrap w;
	struct prose *p = begin(&w);

	blind_print(&w, end, q);
	return end_writing(p);
}

struct prose *
prose_new_questions(const struct report_end *end, struct questions *q)
{
	struct wrap w;
	struct prose *p = begin(&w);

	p->has_questions = true;
	questions_print(q, &w, end);
	return end_writing(p);
}

bool
prose_next(struct prose *p, struct prose_line *line)
{
	struct bytes text = bytes_split(&p->rest, '\n');

	*line = (struct prose_line){ .text = bytes_trim(text) };
	if (line->text.len == 0)
		return false;
	if (p->has_questions) {
		line->question = bytes_trim(bytes_head(text, QUESTIONS_ANSWER_AT));
		line->text = bytes_trim(bytes_from(text, QUESTIONS_ANSWER_AT));
	} else if (line->text.len > 2 && line->text.p[0] == '-' && line->text.p[1] == ' ') {
		line->text = bytes_from(line->text, 2);
	}
	return true;
}

void
prose_free(struct prose *p)
{
	free(p->text);
	mem_free(p);
}
