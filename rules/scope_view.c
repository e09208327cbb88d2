/* In: rows of the census. Out: values of a dimension. */
#include "rules/scope_view.h"

#include <string.h>

#include "base/alloc.h"
#include "rules/settings.h"

#define ADDRESS_KEY_LEN 17 /* of an endpoint: octets and family, in front of the port */
#define FAMILY_AT 16

static const struct {
	const char *name;
	enum census_of of;
	bool is_of_recipient;
} dimensions[DIMENSION_COUNT] = {
#define DIMENSION(id, name, of, is_of_recipient) { name, of, is_of_recipient },
#include "rules/dimensions.def"
#include "rules/settings.h"
#undef DIMENSION
};

const char *
dimension_name(enum dimension d)
{
	return dimensions[d].name;
}

enum census_of
dimension_of(enum dimension d)
{
	return dimensions[d].of;
}

bool
dimension_is_of_recipient(enum dimension d)
{
	return dimensions[d].is_of_recipient;
}

/* Of a domain of recipients; empty when no domain is known to be the user's own. */
static const char *
side_of(struct bytes domain, const struct settings *own)
{
	if (!own || !settings_has_own_domains(own))
		return "";
	return settings_owns_domain(own, domain) ? "internal" : "external";
}

/* Do several rows of the census have one value? */
static bool
has_parts(enum dimension d)
{
	return d == DIMENSION_SERVER || d == DIMENSION_PORT || d == DIMENSION_FAMILY || d == DIMENSION_SIDE;
}

/* The part of the key that tells values of the dimension apart. */
static struct bytes
part_of_key(enum dimension d, struct bytes key, const struct settings *own)
{
	switch (d) {
	case DIMENSION_SERVER:
		return bytes_head(key, ADDRESS_KEY_LEN);
	case DIMENSION_PORT:
		return bytes_head(bytes_from(key, ADDRESS_KEY_LEN), sizeof(uint16_t));
	case DIMENSION_FAMILY:
		return bytes_head(bytes_from(key, FAMILY_AT), 1);
	case DIMENSION_SIDE:
		return bytes_str(side_of(key, own));
	default:
		return key;
	}
}

static void
add_counts(struct scope_view *v, size_t value, const struct census_table *t, size_t row)
{
	struct census_row *to = &v->sums.rows[value - 1];
	const struct census_row *from = &t->rows[row];

	for (size_t i = 0; i < LUCK_COUNT; i++)
		to->luck[i] += from->luck[i];
	to->got += from->got;
	to->taken += from->taken;
	for (size_t i = 0; t->has_phases && i < CENSUS_PHASES; i++)
		v->sums.stopped[value - 1][i] += t->stopped[row][i];
}

void
scope_view_init(struct scope_view *v, enum dimension d, const struct census *c, const struct settings *own)
{
	const struct census_table *t = &c->of[dimensions[d].of];

	census_table_init(&v->sums, t->has_phases);
	v->value_of = NULL;
	v->table = t;
	if (!has_parts(d))
		return;
	v->table = &v->sums;
	v->value_of = mem_new_array(t->n + 1, sizeof(v->value_of[0]));
	for (size_t i = 0; i < t->n; i++) {
		size_t value = census_table_look(&v->sums, part_of_key(d, census_key(t, &t->rows[i]), own));

		v->value_of[i + 1] = (uint16_t)value;
		if (value > 0)
			add_counts(v, value, t, i);
	}
}

void
scope_view_fini(struct scope_view *v)
{
	census_table_fini(&v->sums);
	mem_free(v->value_of);
}

static void
print_address(struct bytes key, struct buf *text)
{
	struct address a = { .family = key.p[FAMILY_AT] };
	char printed[ADDRESS_TEXT_MAX];

	memcpy(a.octets, key.p, sizeof(a.octets));
	buf_add_str(text, address_text(&a, printed));
}

void
scope_view_print(const struct scope_view *v, enum dimension d, size_t value, struct buf *text)
{
	struct bytes key = census_key(v->table, &v->table->rows[value - 1]);

	switch (d) {
	case DIMENSION_SERVER:
	case DIMENSION_CLIENT:
		print_address(key, text);
		break;
	case DIMENSION_PORT:
		buf_addf(text, "%u", (unsigned)(key.p[0] << 8 | key.p[1]));
		break;
	case DIMENSION_FAMILY:
		buf_add_str(text, key.p[0] == 6 ? "IPv6" : "IPv4");
		break;
	default:
		buf_add(text, key);
		break;
	}
}
