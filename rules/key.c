/* In: the value of a fact. Out: bytes, each value its own. */
#include "rules/key.h"

void
key_add_value(enum fact_type type, const struct fact *value, struct buf *key)
{
	uint16_t len;

	switch (type) {
	case FACT_BOOL:
		buf_add_u8(key, value->truth);
		break;
	case FACT_INT:
		buf_add(key, bytes_of(&value->number, sizeof(value->number)));
		break;
	case FACT_SECONDS:
		buf_add(key, bytes_of(&value->seconds, sizeof(value->seconds)));
		break;
	case FACT_TEXT:
		len = (uint16_t)value->text.len; /* at most FACT_TEXT_MAX */
		buf_add(key, bytes_of(&len, sizeof(len)));
		buf_add(key, value->text);
		break;
	case FACT_ADDRESS:
		buf_add(key, bytes_of(&value->address, sizeof(value->address))); /* all bytes */
		break;
	}
}
