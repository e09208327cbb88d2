/* Values of one kind (servers, recipients), each once, with how often things went how: a bounded hash table. It is
 * asked for every client, server, sender and recipient, so that values are told apart by 64 bits of hash and their
 * length alone. Order: init, look*, fini. Private to rules/, read by report/. */
#ifndef RULES_CENSUS_TABLE_H
#define RULES_CENSUS_TABLE_H

#include "base/limits.h"
#include "decode/session.h"

#define CENSUS_PHASES (PHASE_QUIT + 1)

enum luck { LUCK_GOOD, LUCK_BAD, LUCK_OTHER, LUCK_COUNT };

struct census_row {
	uint64_t hash;
	uint32_t key; /* where it stands in the text of the table */
	uint8_t key_len;
	uint32_t luck[LUCK_COUNT]; /* of attempts; senders: messages; recipients and domains: recipients */
	uint32_t got, taken;       /* recipients: whose message was accepted; who were accepted themselves */
};
struct census_table {
	struct census_row *rows;
	uint32_t (*stopped)[CENSUS_PHASES]; /* attempts that delivered nothing, by their furthest phase */
	size_t n, room;
	uint64_t n_uncounted; /* came when all rows were taken by other values */
	uint8_t *text;        /* of all keys */
	size_t text_len, text_room;
	uint16_t *places; /* number of a row plus 1; found by hash, never more than a quarter full */
	size_t n_places;
	bool has_phases;
};

void census_table_init(struct census_table *t, bool has_phases); /* allocates nothing; has_phases: stopped is kept */
void census_table_fini(struct census_table *t);
/* The number of its row, from 1; 0: the key is empty, or there is no room. A longer key is cut. */
size_t census_table_look(struct census_table *t, struct bytes key);
static inline struct bytes
census_key(const struct census_table *t, const struct census_row *row)
{
	return bytes_of(t->text + row->key, row->key_len);
}

#endif
