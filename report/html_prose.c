/* In: the closing sections as lines. Out: a list, and a list of questions with answers. */
#include "report/html_parts.h"
#include "report/html_write.h"
#include "report/prose.h"

/* Escaped already, as wire.h says; what is left to do is HTML's own. */
static void
put_escaped(FILE *out, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\\')
			fputc('\\', out); /* html_text would double it */
		else
			html_text(out, bytes_of(text.p + i, 1));
	}
}

void
html_limits(FILE *out, const struct report_end *end, const struct questions *q)
{
	struct prose *p = prose_new_limits(end, q);
	struct prose_line line;

	fputs("<section id=\"limits\" aria-labelledby=\"limits-h\">\n<h2 id=\"limits-h\">What this capture cannot "
	      "show</h2>\n"
	      "<ul class=\"card\">\n",
	      out);
	while (prose_next(p, &line)) {
		fputs("<li>", out);
		put_escaped(out, line.text);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n</section>\n", out);
	prose_free(p);
}

void
html_questions(FILE *out, struct questions *q, const struct report_end *end)
{
	struct prose *p = prose_new_questions(end, q);
	struct prose_line line;

	fputs("<section id=\"questions\" aria-labelledby=\"questions-h\">\n<h2 id=\"questions-h\">What a support desk "
	      "asks</h2>\n"
	      "<dl class=\"card asked\">\n",
	      out);
	while (prose_next(p, &line)) {
		fputs("<div><dt>", out);
		put_escaped(out, line.question);
		fputs("</dt><dd>", out);
		put_escaped(out, line.text);
		fputs("</dd></div>\n", out);
	}
	fputs("</dl>\n</section>\n", out);
	prose_free(p);
}
