/* In: sessions that are over. Out: a settings file from which none of them differs. What comes in to a server beside
 * which the capture was taken is learnt only when nothing else is there. Values that a settings file cannot hold are
 * left out with their key. */
#include "rules/learn.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/limits.h"
#include "rules/compare.h"
#include "rules/seen.h"

struct learnt { /* of one key */
	struct bytes values[LEARN_VALUES_MAX];
	size_t n;
	bool is_lost; /* a value that cannot be written, or too many */
};
struct lesson { /* of one server and port */
	struct learnt of[SETTING_COUNT];
	struct bytes server;
	struct address address; /* of the first session; family 0: behind a proxy */
	int64_t port, version;  /* the lowest; 0: none seen */
	bool may_go_out;        /* not all of it was captured beside the server */
};

struct learn {
	struct lesson *lessons;
	size_t n;
	bool has_too_many;
	struct arena arena;
};

struct learn *
learn_new(void)
{
	struct learn *l = mem_new(sizeof(*l));

	l->lessons = mem_new_array(LEARN_PROFILES_MAX, sizeof(l->lessons[0]));
	arena_init(&l->arena, SETTINGS_ARENA_MAX);
	return l;
}

void
learn_free(struct learn *l)
{
	if (!l)
		return;
	mem_free(l->lessons);
	arena_fini(&l->arena);
	mem_free(l);
}

void
learn_wants(uint64_t *words)
{
	seen_wants(words);
}

static bool
is_true(const struct session *s, enum fact_id id)
{
	const struct fact *f = facts_get(s->facts, id);

	return f && f->truth;
}

static bool
is_good(const struct session *s)
{
	const struct fact *login = facts_get(s->facts, FACT_ID_AUTH_CODE);

	if (s->outcome == OUTCOME_DELIVERED || s->outcome == OUTCOME_PARTLY_DELIVERED)
		return true;
	if (login && login->number >= 200 && login->number < 300)
		return true;
	return s->outcome == OUTCOME_UNKNOWN && is_true(s, FACT_ID_TLS_ESTABLISHED) && is_true(s, FACT_ID_TLS_TALKED);
}

enum form { FORM_TEXT, FORM_HOST, FORM_WORD }; /* as the readers of settings.c want them */

/* Printable ASCII: what else names and addresses hold is safer left out than written wrongly. */
static bool
can_be_written(struct bytes value, enum form form)
{
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.p[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (c < ' ' || c > '~')
			return false;
		if (form != FORM_TEXT && !is_letter && c != '-' && c != '_' && (c != '.' || form == FORM_WORD))
			return false;
	}
	if (form == FORM_HOST && value.len > 0 && (value.p[0] == '-' || value.p[0] == '.'))
		return false;
	return value.len > 0 && value.len <= SETTING_TEXT_MAX;
}

static void
note(struct learn *l, struct lesson *to, enum setting_id id, struct bytes value, enum form form)
{
	struct learnt *k = &to->of[id];

	for (size_t i = 0; i < k->n; i++)
		if (bytes_eq_nocase(k->values[i], value))
			return;
	if (k->n == LEARN_VALUES_MAX || !can_be_written(value, form))
		k->is_lost = true;
	else
		k->values[k->n++] = arena_copy(&l->arena, value);
}

static void
note_shown(struct learn *l, struct lesson *to, enum setting_id id, const struct shown *value)
{
	if (value->when.packet != 0)
		note(l, to, id, value->text, FORM_TEXT);
}

/* Which of its names the certificate is asked for: that of the server, else the first. */
static void
note_certificate(struct learn *l, struct lesson *to, const struct seen *seen)
{
	struct bytes names = seen->certificate.text;
	struct learnt *k = &to->of[SETTING_CERTIFICATE];

	if (seen->certificate.when.packet == 0)
		return;
	for (size_t i = 0; i < k->n; i++)
		if (certificate_is_for(names, k->values[i]))
			return;
	if (certificate_is_for(names, to->server)) {
		note(l, to, SETTING_CERTIFICATE, to->server, FORM_HOST);
		return;
	}
	names = bytes_trim(bytes_split(&names, ','));
	if (bytes_starts_nocase(names, "*.") && can_be_written(bytes_from(names, 2), FORM_HOST))
		note(l, to, SETTING_CERTIFICATE, names, FORM_TEXT);
	else
		note(l, to, SETTING_CERTIFICATE, names, FORM_HOST);
}

static void
note_senders(struct learn *l, struct lesson *to, const struct session *s)
{
	for (size_t i = 0; i < s->n_transactions; i++) {
		struct bytes from = s->transactions[i].mail_from;

		if (from.len > 0)
			note(l, to, SETTING_SENDER, bytes_after_last(from, '@'), FORM_HOST);
	}
}

static struct lesson *
find_or_add(struct learn *l, struct bytes server, const struct seen *seen)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->lessons[i].port == seen->port.number && bytes_eq_nocase(l->lessons[i].server, server))
			return &l->lessons[i];
	if (l->n == LEARN_PROFILES_MAX) {
		l->has_too_many = true;
		return NULL;
	}
	l->lessons[l->n] = (struct lesson){ .server = arena_copy(&l->arena, server), .port = seen->port.number };
	l->lessons[l->n].address = seen->server;
	return &l->lessons[l->n++];
}

void
learn_session(struct learn *l, const struct session *s)
{
	struct seen seen = seen_in(s);
	struct shown name = seen_name(&seen);
	struct lesson *to;

	if (!is_good(s) || seen.port.when.packet == 0)
		return;
	if (!can_be_written(name.text, FORM_HOST))
		name.text = bytes_str(seen.address);
	if (name.text.len == 0)
		return;
	to = find_or_add(l, name.text, &seen);
	if (!to)
		return;
	to->may_go_out = to->may_go_out || !seen.is_at_server;
	if (seen.tls.when.packet != 0 && seen.tls.number != TLS_MODE_CLEAR_FIRST)
		note(l, to, SETTING_TLS, bytes_str(tls_mode_names[seen.tls.number]), FORM_WORD);
	if (facts_get(s->facts, FACT_ID_TLS_VERSION_NUMBER) && (to->version == 0 || seen.version.number < to->version))
		to->version = seen.version.number;
	note_certificate(l, to, &seen);
	note_shown(l, to, SETTING_HELO, &seen.helo);
	if (seen.auth.when.packet != 0)
		note(l, to, SETTING_AUTH, seen.auth.text, FORM_WORD);
	note_shown(l, to, SETTING_USER, &seen.user);
	note_senders(l, to, s);
}

static void
write_quoted(struct buf *yaml, struct bytes value)
{
	buf_add_u8(yaml, '"');
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			buf_add_u8(yaml, '\\');
		buf_add_u8(yaml, value.p[i]);
	}
	buf_add_u8(yaml, '"');
}

static void
write_key(struct buf *yaml, const struct lesson *of, enum setting_id id)
{
	const struct learnt *k = &of->of[id];

	if (k->is_lost || k->n == 0) {
		buf_addf(yaml, "# %s: %s\n", setting_names[id],
			 k->is_lost ? "too many values, or odd ones" : "not seen");
		return;
	}
	buf_addf(yaml, "%s: %s", setting_names[id], k->n > 1 ? "[" : "");
	for (size_t i = 0; i < k->n; i++) {
		buf_add_str(yaml, i > 0 ? ", " : "");
		write_quoted(yaml, k->values[i]);
	}
	buf_add_str(yaml, k->n > 1 ? "]\n" : "\n");
}

static void
write_lesson(struct buf *yaml, const struct lesson *of)
{
	static const enum setting_id keys[] = { SETTING_CERTIFICATE, SETTING_HELO, SETTING_AUTH, SETTING_USER,
						SETTING_SENDER };

	buf_add_str(yaml, "server: ");
	write_quoted(yaml, of->server);
	buf_addf(yaml, "\nport: %d\n", (int)of->port);
	write_key(yaml, of, SETTING_TLS);
	if (of->version >= VERSION_FIRST && of->version <= VERSION_FIRST + 3)
		buf_addf(yaml, "tls_min: 1.%d\n", (int)(of->version - VERSION_FIRST));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		write_key(yaml, of, keys[i]);
	buf_add_str(yaml, "# own_domains, allowlist: a capture does not show them\n");
}

/* Where other mail goes out, what comes in to this side is left out. */
static bool
is_of_interest(const struct learn *l, const struct lesson *one)
{
	bool has_outgoing = false, is_same = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct lesson *other = &l->lessons[i];
		bool is_same_host = bytes_eq_nocase(other->server, one->server) ||
				    (one->address.family != 0 && address_eq(&other->address, &one->address));

		has_outgoing = has_outgoing || other->may_go_out;
		is_same = is_same || (other->may_go_out && is_same_host);
	}
	return is_same || !has_outgoing;
}

bool
learn_write(const struct learn *l, struct buf *yaml, struct err *e)
{
	size_t n = 0;

	if (l->n == 0) {
		err_set(e,
			"nothing to learn: the capture shows no mail that was delivered and no login that succeeded");
		return false;
	}
	if (l->has_too_many) {
		err_set(e, "more than %d servers and ports to learn; choose some of them with -Y", LEARN_PROFILES_MAX);
		return false;
	}
	buf_add_str(yaml, "# Settings for smtptrace -e, as a capture shows them. Read them before you trust them, and\n"
			  "# complete them: docs/SETTINGS.md.\n");
	for (size_t i = 0; i < l->n; i++) {
		if (!is_of_interest(l, &l->lessons[i]))
			continue;
		buf_add_str(yaml, n++ > 0 ? "---\n" : "");
		write_lesson(yaml, &l->lessons[i]);
	}
	return true;
}
