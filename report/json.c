/* In: sessions, then capture, verdict and findings. Out: one JSON document (docs/schema.json), or one line per record.
 * Sessions wait in a spool, because the document begins with what is known last. */
#include "report/json.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "report/index.h"
#include "report/record.h"
#include "report/spool.h"

#define SCHEMA "smtptrace/1"

struct json_writer {
	const struct report_options *options;
	const struct json_style *style;
	struct spool *spool;
	struct buf text; /* the record at hand */
};

void *
json_writer_new(const struct report_options *o, const struct json_style *style, struct err *e)
{
	struct spool *spool = spool_new(e);
	struct json_writer *w;

	if (!spool)
		return NULL;
	record_init();
	w = mem_new(sizeof(*w));
	w->options = o;
	w->style = style;
	w->spool = spool;
	buf_init(&w->text, REPORT_RECORD_MAX);
	return w;
}

static int
add_text(const char *p, size_t len, void *user)
{
	buf_add(user, bytes_of(p, len));
	return 0;
}

/* The record as text in w->text; type goes first in the format of lines. */
static void
dump_taken(struct json_writer *w, const char *type, json_t *record)
{
	size_t flags = RECORD_DUMP_FLAGS | (w->style->is_lines ? JSON_COMPACT : JSON_INDENT(1));
	json_t *typed = NULL;

	if (w->style->is_lines) {
		typed = json_object();
		record_put(typed, "type", json_string(type));
		json_object_update(typed, record);
	}
	buf_clear(&w->text);
	json_dump_callback(typed ? typed : record, add_text, &w->text, flags);
	json_decref(typed);
	json_decref(record);
}

void
json_writer_session(void *state, const struct session *s)
{
	struct json_writer *w = state;

	dump_taken(w, "session", record_session(s));
	spool_add(w->spool, s->id, buf_bytes(&w->text));
}

/* Line breaks in JSON text are layout only (strings escape theirs), so depth can be added to each. */
static void
write_indented(FILE *out, struct bytes text, int depth)
{
	while (text.len > 0) {
		size_t n = bytes_find(text, '\n');

		fwrite(text.p, 1, n, out);
		if (n < text.len)
			fprintf(out, "\n%*s", depth, "");
		text = bytes_from(text, n + 1);
	}
}

static void
write_member(struct json_writer *w, const char *key, json_t *record)
{
	FILE *out = w->options->out;

	dump_taken(w, key, record);
	if (w->style->is_lines) {
		write_indented(out, buf_bytes(&w->text), 0);
		fputc('\n', out);
		return;
	}
	fprintf(out, ",\n \"%s\": ", key);
	write_indented(out, buf_bytes(&w->text), 1);
}

static void
write_findings(struct json_writer *w, const struct report_end *end)
{
	FILE *out = w->options->out;

	if (!w->style->is_lines)
		fputs(",\n \"findings\": [", out);
	for (size_t i = 0; i < end->n_findings; i++) {
		dump_taken(w, "finding", record_finding(&end->findings[i]));
		if (!w->style->is_lines)
			fputs(i > 0 ? ",\n  " : "\n  ", out);
		write_indented(out, buf_bytes(&w->text), 2);
		if (w->style->is_lines)
			fputc('\n', out);
	}
	if (!w->style->is_lines)
		fputs(end->n_findings > 0 ? "\n ]" : "]", out);
}

/* The spooled text of a session lacks its last member; text without the closing brace, then that member. */
static void
write_session(struct json_writer *w, const struct finding_index *index, uint64_t id)
{
	FILE *out = w->options->out;
	const struct index_entry *entries;
	size_t n = finding_index_get(index, id, &entries);
	size_t closing = w->style->is_lines ? strlen("}") : strlen("\n}");
	struct bytes text = buf_bytes(&w->text);

	write_indented(out, bytes_head(text, text.len - closing), 2);
	fputs(w->style->is_lines ? ",\"findings\":[" : ",\n   \"findings\": [", out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%llu",
			i == 0               ? ""
			: w->style->is_lines ? ","
					     : ", ",
			(unsigned long long)entries[i].finding);
	fputs(w->style->is_lines ? "]}\n" : "]\n  }", out);
}

static void
write_sessions(struct json_writer *w, const struct report_end *end)
{
	struct finding_index *index = finding_index_new(end->findings, end->n_findings);
	FILE *out = w->options->out;
	uint64_t id, n = 0;

	if (!w->style->is_lines)
		fputs(",\n \"sessions\": [", out);
	spool_rewind(w->spool);
	while (spool_next(w->spool, &id, &w->text)) {
		if (!w->style->is_lines)
			fputs(n > 0 ? ",\n  " : "\n  ", out);
		write_session(w, index, id);
		n++;
	}
	if (!w->style->is_lines)
		fputs(n > 0 ? "\n ]\n}\n" : "]\n}\n", out);
	finding_index_free(index);
}

bool
json_writer_finish(void *state, const struct report_end *end, struct err *e)
{
	struct json_writer *w = state;
	FILE *out = w->options->out;

	if (w->style->is_lines)
		fputs("{\"type\":\"schema\",\"schema\":\"" SCHEMA "\"}\n", out);
	else
		fputs("{\n \"schema\": \"" SCHEMA "\"", out);
	write_member(w, "capture", record_capture(end->capture, w->options));
	write_member(w, "verdict", record_verdict(end->verdict));
	write_findings(w, end);
	write_sessions(w, end);
	return !spool_failed(w->spool, e);
}

void
json_writer_free(void *state)
{
	struct json_writer *w = state;

	spool_free(w->spool);
	buf_fini(&w->text);
	mem_free(w);
}

static void *
open_document(const struct report_options *o, struct err *e)
{
	static const struct json_style document = { .is_lines = false };

	return json_writer_new(o, &document, e);
}

const struct report_format report_format_json = {
	.wants_details = true,
	.open = open_document,
	.session = json_writer_session,
	.finish = json_writer_finish,
	.free = json_writer_free,
};
