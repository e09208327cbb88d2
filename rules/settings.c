/* In: the YAML text of a settings file. Out: profiles whose values are checked, or the place of what is wrong. Compares
 * nothing with anything. */
#include "rules/settings.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"
#include "rules/constant.h"
#include "rules/file.h"
#include "rules/load.h"
#include "rules/profile.h"

const char *const tls_mode_names[] = { "none", "starttls", "implicit", "required", NULL };
static const char *const version_words[] = { "1.0", "1.1", "1.2", "1.3", NULL };

const char *const setting_names[] = {
#define SETTING(id, name, read, is_list) name,
#include "rules/settings.def"
#undef SETTING
	NULL,
};

/* Readers of one value: n is a scalar that is not empty, v->text is set. */
static bool
read_text(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	for (size_t i = 0; i < v->text.len; i++)
		if (v->text.p[i] < ' ' || v->text.p[i] == 0x7f)
			return yaml_fail(y, n, "a control character stands in this value");
	return true;
}

static bool
is_host_name(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.p[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
				 c >= 0x80;

		if (!is_letter && c != '-' && c != '.' && c != '_')
			return false;
	}
	return name.len > 0 && name.p[0] != '.' && name.p[0] != '-';
}

static bool
read_host_name(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	bool is_pattern = bytes_starts_nocase(v->text, "*.");

	return is_host_name(bytes_from(v->text, is_pattern ? 2 : 0)) ||
	       yaml_fail(y, n, "a host name is expected here: mail.example.com, or *.example.com");
}

static bool
read_network(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	return constant_address(v->text, &v->net, &v->n_bits) ||
	       yaml_fail(y, n, "an address or network is expected here: 192.0.2.1, 192.0.2.0/24, 2001:db8::/32");
}

static bool
read_host(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	if (constant_address(v->text, &v->net, &v->n_bits))
		return true;
	v->net.family = 0;
	if (bytes_find(v->text, ':') < v->text.len)
		return yaml_fail(y, n, "a host name or address is expected here; the port has a key of its own");
	return read_host_name(y, n, v);
}

static bool
read_domain(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	if (v->text.p[0] == '@')
		v->text = bytes_from(v->text, 1);
	return is_host_name(v->text) || yaml_fail(y, n, "a domain is expected here: example.com");
}

static bool
read_sender(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	size_t at = bytes_find(v->text, '@');

	if (at > 0 && at + 1 < v->text.len)
		return read_text(y, n, v);
	if (at == v->text.len && bytes_starts_nocase(v->text, "*."))
		return read_host_name(y, n, v);
	if (at == 0 || at == v->text.len)
		return read_domain(y, n, v);
	return yaml_fail(y, n, "an address or domain is expected here: alice@example.com, example.com");
}

static bool
read_port(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	uint64_t port = 0;

	if (!bytes_to_u64(v->text, UINT16_MAX, &port) || port == 0)
		return yaml_fail(y, n, "a port from 1 to 65535 is expected here");
	v->number = (int64_t)port;
	return true;
}

static bool
read_word(struct yaml *y, const yaml_node_t *n, const char *const *words, struct setting_value *v)
{
	int word = 0;

	if (!load_word(y, n, words, &word))
		return false;
	v->number = word;
	return true;
}

static bool
read_tls(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	return read_word(y, n, tls_mode_names, v);
}

static bool
read_version(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	if (!read_word(y, n, version_words, v))
		return false;
	v->number += VERSION_FIRST;
	return true;
}

static bool
read_mechanism(struct yaml *y, const yaml_node_t *n, struct setting_value *v)
{
	for (size_t i = 0; i < v->text.len; i++) {
		uint8_t c = v->text.p[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!is_letter && c != '-' && c != '_')
			return yaml_fail(y, n,
					 "a mechanism is expected here: PLAIN, LOGIN, XOAUTH2, ...; or any, or none");
	}
	return true;
}

static const struct {
	bool (*read)(struct yaml *y, const yaml_node_t *n, struct setting_value *v);
	bool is_list;
} readers[] = {
#define SETTING(id, name, read, is_list) { read, is_list },
#include "rules/settings.def"
#undef SETTING
};

static bool
add_value(struct settings *s, struct yaml *y, const yaml_node_t *n, enum setting_id id, struct setting *to)
{
	struct setting_value *v = &to->values[to->n];

	if (!yaml_want(y, n, YAML_SCALAR_NODE, "a value"))
		return false;
	if (yaml_text(n).len == 0)
		return yaml_fail(y, n, "the value is empty");
	if (yaml_text(n).len > SETTING_TEXT_MAX)
		return yaml_fail(y, n, "longer than %d bytes", SETTING_TEXT_MAX);
	v->text = arena_copy(&s->arena, yaml_text(n));
	if (!readers[id].read(y, n, v))
		return false;
	to->n++;
	return true;
}

/* "a, b or c", no longer than a sentence bears. */
static struct bytes
in_words(struct settings *s, const struct setting *of)
{
	struct buf text;
	struct bytes kept;

	buf_init(&text, SETTING_SHOWN_MAX + 64 + SETTING_TEXT_MAX);
	for (size_t i = 0; i < of->n && text.len < SETTING_SHOWN_MAX; i++) {
		if (i > 0)
			buf_add_str(&text, i + 1 == of->n ? " or " : ", ");
		buf_add(&text, of->values[i].text);
	}
	if (text.len >= SETTING_SHOWN_MAX)
		buf_add_str(&text, ", ...");
	kept = arena_copy(&s->arena, buf_bytes(&text));
	buf_fini(&text);
	return kept;
}

static struct bytes
place_in_words(struct settings *s, struct place at)
{
	struct buf text;
	struct bytes kept;

	buf_init(&text, FACT_TEXT_MAX);
	buf_addf(&text, "%s:%u", at.file, at.line);
	kept = arena_copy(&s->arena, buf_bytes(&text));
	buf_fini(&text);
	return kept;
}

static bool
read_setting(struct settings *s, struct yaml *y, const yaml_node_t *n, enum setting_id id, struct setting *to)
{
	const yaml_node_item_t *first = NULL;
	size_t n_items = 1;

	if (n->type == YAML_SEQUENCE_NODE && readers[id].is_list) {
		first = n->data.sequence.items.start;
		n_items = (size_t)(n->data.sequence.items.top - first);
		if (n_items == 0)
			return yaml_fail(y, n, "the list is empty");
	}
	if (n_items > SETTING_VALUES_MAX)
		return yaml_fail(y, n, "more than %d values", SETTING_VALUES_MAX);
	to->values = mem_new_array(n_items, sizeof(to->values[0]));
	for (size_t i = 0; i < n_items; i++)
		if (!add_value(s, y, first ? yaml_node(y, first[i]) : n, id, to))
			return false;
	to->text = in_words(s, to);
	to->place = place_in_words(s, yaml_place(y, n));
	return true;
}

/* Before they are called unknown: why they are not wanted. */
static bool
has_no_secret(struct yaml *y, const yaml_node_t *mapping)
{
	static const char *const secrets[] = { "password", "pass", "passwd", "secret", "token", "app_password" };

	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top;
		     p++) {
			const yaml_node_t *key = yaml_node(y, p->key);

			if (key->type == YAML_SCALAR_NODE && bytes_is_word(yaml_text(key), secrets[i]))
				return yaml_fail(y, key,
						 "%s: secrets are neither compared nor kept; remove it from this file",
						 secrets[i]);
		}
	return true;
}

static bool
add_profile(struct settings *s, struct yaml *y, const yaml_node_t *root)
{
	struct profile *p;

	if (!yaml_want(y, root, YAML_MAPPING_NODE, "keys and values (server: mail.example.com)"))
		return false;
	if (s->n == SETTINGS_PROFILES_MAX)
		return yaml_fail(y, root, "more than %d documents", SETTINGS_PROFILES_MAX);
	if (!has_no_secret(y, root) || !load_keys(y, root, setting_names, "key"))
		return false;
	s->profiles = mem_resize(s->profiles, (s->n + 1) * sizeof(s->profiles[0]));
	p = &s->profiles[s->n++];
	*p = (struct profile){ 0 };
	for (int id = 0; id < SETTING_COUNT; id++) {
		const yaml_node_t *value = load_value(y, root, setting_names[id]);

		if (value && !read_setting(s, y, value, (enum setting_id)id, &p->of[id]))
			return false;
	}
	return true;
}

struct settings *
settings_read_text(const char *name, struct bytes text, struct err *e)
{
	struct settings *s = mem_new(sizeof(*s));
	struct yaml y;
	yaml_node_t *root = NULL;
	bool is_ok;

	arena_init(&s->arena, SETTINGS_ARENA_MAX);
	is_ok = yaml_open(&y, name, text, e);
	if (is_ok) {
		while ((is_ok = yaml_next(&y, &root)) && root && (is_ok = add_profile(s, &y, root)))
			;
		yaml_close(&y);
		if (is_ok && s->n == 0) {
			err_set(e, "%s:1:1: no settings in this file", name);
			is_ok = false;
		}
	}
	if (is_ok)
		return s;
	settings_free(s);
	return NULL;
}

struct settings *
settings_read(const char *path, struct err *e)
{
	struct settings *s = NULL;
	struct buf text;

	buf_init(&text, RULE_FILE_MAX);
	if (file_read(path, &text, e))
		s = settings_read_text(path, buf_bytes(&text), e);
	buf_fini(&text);
	return s;
}

void
settings_free(struct settings *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < SETTING_COUNT; k++)
			mem_free(s->profiles[i].of[k].values);
	mem_free(s->profiles);
	arena_fini(&s->arena);
	mem_free(s);
}
