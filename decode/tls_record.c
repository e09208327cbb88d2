/* In: bytes of one direction. Out: records. After missing bytes the next chunk that begins like a record is taken for
 * the beginning of one: senders write records as a whole. */
#include "decode/tls_record.h"

#include "base/limits.h"

#define HEADER_LEN 5
#define V2_HEADER_LEN 2

void
tls_records_init(struct tls_records *r)
{
	*r = (struct tls_records){ .state = RECORDS_HEADER };
	buf_init(&r->held, TLS_RECORD_MAX + HEADER_LEN);
}

void
tls_records_fini(struct tls_records *r)
{
	buf_fini(&r->held);
}

static size_t
header_len(const struct tls_records *r, uint8_t first)
{
	return !r->has_begun && (first & 0x80) ? V2_HEADER_LEN : HEADER_LEN;
}

/* False: no header of a record. */
static bool
parse_header(const struct tls_records *r, const uint8_t *p, struct tls_record *record)
{
	*record = (struct tls_record){ .type = p[0], .is_lossy = r->is_lossy };
	if (header_len(r, p[0]) == V2_HEADER_LEN) {
		record->type = TLS_V2_HELLO;
		record->len = (size_t)(p[0] & 0x7f) << 8 | p[1];
		return true;
	}
	record->version = (uint16_t)(p[1] << 8 | p[2]);
	record->len = (size_t)p[3] << 8 | p[4];
	return p[0] >= TLS_CHANGE_CIPHER_SPEC && p[0] <= TLS_HEARTBEAT && p[1] == 3 && p[2] <= 4 &&
	       record->len <= TLS_RECORD_MAX && (record->len > 0 || p[0] == TLS_APPLICATION_DATA);
}

static void
finish(struct tls_records *r)
{
	r->state = RECORDS_HEADER;
	r->has_begun = true;
	r->is_lossy = false;
}

/* The usual: header and body lie in data. */
static bool
lend(struct tls_records *r, struct bytes *data, struct tls_record *record)
{
	size_t header;

	if (r->held.len > 0)
		return false;
	header = header_len(r, data->p[0]);
	if (data->len < header || !parse_header(r, data->p, record) || data->len - header < record->len)
		return false;
	record->body = bytes_head(bytes_from(*data, header), record->len);
	*data = bytes_from(*data, header + record->len);
	finish(r);
	return true;
}

static bool
collect(struct tls_records *r, struct bytes *data, size_t wanted)
{
	struct bytes mine = bytes_head(*data, wanted - r->held.len);

	buf_add(&r->held, mine);
	*data = bytes_from(*data, mine.len);
	return r->held.len == wanted;
}

/* True: a record is told at its header. */
static bool
begin(struct tls_records *r, struct bytes *data, bool wants_data, struct tls_record *record)
{
	size_t header = header_len(r, r->held.len > 0 ? r->held.p[0] : data->p[0]);

	if (!collect(r, data, header))
		return false;
	if (!parse_header(r, r->held.p, &r->current)) {
		r->state = RECORDS_BROKEN;
		buf_fini(&r->held);
		return false;
	}
	buf_clear(&r->held);
	r->left = r->current.len;
	if (r->current.type != TLS_APPLICATION_DATA || wants_data) {
		r->state = RECORDS_BODY;
		return false;
	}
	*record = r->current;
	r->has_begun = true;
	r->is_lossy = false;
	r->state = RECORDS_SKIP;
	return true;
}

static bool
take_body(struct tls_records *r, struct bytes *data, struct tls_record *record)
{
	size_t whole = r->held.len + r->left;

	r->left -= bytes_head(*data, r->left).len;
	if (!collect(r, data, whole))
		return false;
	*record = r->current;
	record->body = buf_bytes(&r->held);
	r->is_spent = true;
	finish(r);
	return true;
}

static void
skip(struct tls_records *r, struct bytes *data)
{
	struct bytes mine = bytes_head(*data, r->left);

	r->left -= mine.len;
	*data = bytes_from(*data, mine.len);
	if (r->left == 0)
		r->state = RECORDS_HEADER;
}

static void
look_for_header(struct tls_records *r, struct bytes *data)
{
	struct tls_record record;

	if (data->len >= HEADER_LEN && parse_header(r, data->p, &record))
		r->state = RECORDS_HEADER;
	else
		*data = bytes_of(NULL, 0);
}

bool
tls_records_next(struct tls_records *r, struct bytes *data, bool wants_data, struct tls_record *record)
{
	if (r->is_spent)
		buf_clear(&r->held);
	r->is_spent = false;
	while (data->len > 0) {
		switch (r->state) {
		case RECORDS_HEADER:
			if (lend(r, data, record) || begin(r, data, wants_data, record))
				return true;
			break;
		case RECORDS_BODY:
			if (take_body(r, data, record))
				return true;
			break;
		case RECORDS_SKIP:
			skip(r, data);
			break;
		case RECORDS_LOST:
			look_for_header(r, data);
			break;
		case RECORDS_BROKEN:
			return false;
		}
	}
	return false;
}

void
tls_records_missing(struct tls_records *r, uint64_t n)
{
	if (r->state == RECORDS_BROKEN)
		return;
	r->is_lossy = r->has_begun = true;
	r->is_spent = false;
	buf_clear(&r->held);
	if ((r->state == RECORDS_BODY || r->state == RECORDS_SKIP) && n <= r->left) {
		r->left -= (size_t)n;
		r->state = r->left > 0 ? RECORDS_SKIP : RECORDS_HEADER;
	} else {
		r->state = RECORDS_LOST;
	}
}
