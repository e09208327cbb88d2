/* In: what is known about capture, verdict and findings. Out: JSON values. Does not print. */
#include "report/record.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "report/wire.h"

static void *
allocate(size_t size)
{
	return mem_resize(NULL, size);
}

void
record_init(void)
{
	json_set_alloc_funcs(allocate, mem_free);
}

void
record_put(json_t *object, const char *key, json_t *value_taken)
{
	int result = json_object_set_new_nocheck(object, key, value_taken);

	assert(result == 0); /* our own keys; memory is always there */
	(void)result;
}

static void
append(json_t *array, json_t *value_taken)
{
	int result = json_array_append_new(array, value_taken);

	assert(result == 0);
	(void)result;
}

static json_t *
string_taken(struct buf *escaped)
{
	struct bytes b = buf_bytes(escaped);
	json_t *string = json_stringn_nocheck(b.len > 0 ? (const char *)b.p : "", b.len); /* ASCII only */

	buf_fini(escaped);
	return string;
}

json_t *
record_text(struct bytes wire)
{
	struct buf escaped;

	buf_init(&escaped, REPORT_RECORD_MAX);
	wire_escape(&escaped, wire);
	return string_taken(&escaped);
}

json_t *
record_text_or_null(struct bytes wire)
{
	return wire.len > 0 ? record_text(wire) : json_null();
}

json_t *
record_prose(struct bytes text)
{
	struct buf escaped;

	buf_init(&escaped, REPORT_RECORD_MAX);
	wire_escape_prose(&escaped, text);
	return string_taken(&escaped);
}

json_t *
record_number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* Whole microseconds first: they fit a double exactly, nanoseconds since 1970 do not. */
json_t *
record_time(struct when when)
{
	int64_t us = when.time_ns / 1000;

	return when.packet > 0 ? json_real((double)us / 1e6) : json_null();
}

static const char *
vantage_name(enum vantage v)
{
	static const char *const names[] = {
		[VANTAGE_UNKNOWN] = "unknown",
		[VANTAGE_CLIENT] = "client",
		[VANTAGE_SERVER] = "server",
		[VANTAGE_BETWEEN] = "between",
	};

	return names[v];
}

json_t *
record_capture(const struct report_capture *c, const struct report_options *o)
{
	json_t *object = json_object(), *files = json_array();

	for (size_t i = 0; i < o->n_files; i++)
		append(files, record_text(bytes_str(o->files[i])));
	record_put(object, "files", files);
	record_put(object, "link_type", c->link_type ? record_text(bytes_str(c->link_type)) : json_null());
	record_put(object, "packets", record_number(c->summary.n_packets));
	record_put(object, "bytes", record_number(c->n_bytes));
	record_put(object, "first", record_time(c->summary.first));
	record_put(object, "last", record_time(c->summary.last));
	record_put(object, "vantage", json_string(vantage_name(c->vantage)));
	return object;
}

json_t *
record_verdict(const struct verdict *v)
{
	json_t *object = json_object();

	record_put(object, "result", json_string(v->result == SEVERITY_INFO ? "ok" : severity_name(v->result)));
	record_put(object, "text", record_prose(v->text));
	record_put(object, "attempts", record_number(v->n_attempts));
	record_put(object, "delivered", record_number(v->n_delivered));
	record_put(object, "failed", record_number(v->n_failed));
	record_put(object, "unknown", record_number(v->n_unknown));
	return object;
}

static json_t *
evidence_list(const struct finding *f)
{
	json_t *array = json_array();

	for (size_t i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i];
		json_t *object = json_object();

		record_put(object, "packet", e->when.packet > 0 ? record_number(e->when.packet) : json_null());
		record_put(object, "time", record_time(e->when));
		record_put(object, "text", record_prose(e->text));
		append(array, object);
	}
	return array;
}

/* A number if the text is one from end to end, else the text. */
static json_t *
number_or_text(struct bytes value)
{
	char text[64], *end;
	double real;
	long long whole;

	if (value.len == 0 || value.len >= sizeof(text))
		return record_text(value);
	for (size_t i = 0; i < value.len; i++)
		text[i] = (char)value.p[i];
	text[value.len] = '\0';
	errno = 0;
	whole = strtoll(text, &end, 10);
	if (errno == 0 && end == text + value.len)
		return json_integer(whole);
	real = strtod(text, &end);
	if (end == text + value.len && isfinite(real))
		return json_real(real);
	return record_text(value);
}

static json_t *
detail_object(const struct finding *f)
{
	json_t *object = json_object();

	for (size_t i = 0; i < f->n_detail; i++) {
		const struct detail *d = &f->detail[i];

		record_put(object, d->key, d->is_number ? number_or_text(d->value) : record_text(d->value));
	}
	return object;
}

static json_t *
scope_name(const struct scope_line *line)
{
	json_t *object = json_object();

	record_put(object, "rule", record_text(bytes_str(line->rule)));
	record_put(object, "dimension", record_text(bytes_str(line->dimension)));
	record_put(object, "value", record_text_or_null(line->value));
	return object;
}

/* One entry at most: what cannot be told apart from it is listed in it. */
static json_t *
scope_list(const struct finding *f)
{
	json_t *array = json_array(), *others = json_array(), *object;
	const struct scope_line *line = f->scope;

	if (f->n_scope > 0) {
		object = scope_name(line);
		record_put(object, "unit", record_text(bytes_str(line->unit)));
		record_put(object, "failing", record_number(line->failing));
		record_put(object, "failing_of", record_number(line->failing + line->failing_elsewhere));
		record_put(object, "working", record_number(line->tried - line->failing));
		record_put(
		    object, "working_of",
		    record_number(line->tried - line->failing + line->tried_elsewhere - line->failing_elsewhere));
		record_put(object, "others", record_number(line->n_others));
		record_put(object, "text", record_prose(line->text));
		for (size_t i = 1; i < f->n_scope; i++)
			append(others, scope_name(&f->scope[i]));
		record_put(object, "not_apart_from", others);
		append(array, object);
		return array;
	}
	json_decref(others);
	return array;
}

json_t *
record_finding(const struct finding *f)
{
	json_t *object = json_object(), *sessions = json_array();

	for (size_t i = 0; i < f->n_sessions; i++)
		append(sessions, record_number(f->sessions[i]));
	record_put(object, "id", record_number(f->id));
	record_put(object, "rule", record_text(bytes_str(f->rule)));
	record_put(object, "severity", json_string(severity_name(f->severity)));
	record_put(object, "certainty", json_string(certainty_name(f->certainty)));
	record_put(object, "fault", record_text(bytes_str(f->fault)));
	record_put(object, "title", record_prose(f->title));
	record_put(object, "means", record_prose(f->means));
	record_put(object, "not_proven", record_prose(f->not_proven));
	record_put(object, "remedy", record_prose(f->remedy));
	record_put(object, "caused_by", f->caused_by > 0 ? record_number(f->caused_by) : json_null());
	record_put(object, "sessions", sessions);
	if (f->n_sessions_dropped > 0)
		record_put(object, "sessions_dropped", record_number(f->n_sessions_dropped));
	record_put(object, "first", record_time(f->first));
	record_put(object, "last", record_time(f->last));
	record_put(object, "evidence", evidence_list(f));
	record_put(object, "scope", scope_list(f));
	record_put(object, "filter", record_text_or_null(f->filter));
	record_put(object, "detail", detail_object(f));
	return object;
}
