/* In: a session. Out: its JSON value, all but the findings. */
#include "report/record.h"

#include <assert.h>

#include "report/attempt.h"
#include "report/record_tls.h"

static void
append(json_t *array, json_t *value_taken)
{
	int result = json_array_append_new(array, value_taken);

	assert(result == 0); /* memory is always there */
	(void)result;
}

static json_t *
address_or_null(const struct address *a)
{
	char text[ADDRESS_TEXT_MAX];

	return a->family != 0 ? json_string(address_text(a, text)) : json_null();
}

static json_t *
endpoint_object(const struct endpoint *end)
{
	json_t *object = json_object();

	record_put(object, "address", end ? address_or_null(&end->address) : json_null());
	record_put(object, "port", end && end->port != 0 ? record_number(end->port) : json_null());
	return object;
}

static json_t *
closer_or_null(enum closer c)
{
	return c != CLOSED_BY_NONE ? json_string(attempt_closer_name(c)) : json_null();
}

static json_t *
tcp_object(const struct session *s)
{
	const struct tcp_facts *t = s->tcp;
	json_t *object;

	if (!t)
		return json_null();
	object = json_object();
	record_put(object, "handshake", json_string(attempt_handshake_name(attempt_handshake(t))));
	record_put(object, "closed_by", json_string(attempt_closer_name(s->closed_by)));
	record_put(object, "reset_by", closer_or_null(s->reset_by));
	record_put(object, "packets", record_number((uint64_t)t->side[0].n_packets + t->side[1].n_packets));
	record_put(object, "missing_bytes", record_number(t->side[0].missing_bytes + t->side[1].missing_bytes));
	return object;
}

static json_t *
starttls_or_null(enum starttls state)
{
	static const char *const names[] = {
		[STARTTLS_NONE] = "none",
		[STARTTLS_OFFERED] = "offered",
		[STARTTLS_REFUSED] = "refused",
		[STARTTLS_DONE] = "done",
	};

	return state != STARTTLS_UNKNOWN ? json_string(names[state]) : json_null();
}

static json_t *
smtp_object(const struct session *s)
{
	json_t *object = json_object(), *capabilities = json_array();

	for (size_t i = 0; i < s->n_capabilities; i++)
		append(capabilities, record_text(s->capabilities[i]));
	record_put(object, "greeting", record_text_or_null(s->greeting));
	record_put(object, "ehlo", record_text_or_null(s->ehlo));
	record_put(object, "capabilities", capabilities);
	record_put(object, "starttls", starttls_or_null(s->starttls));
	return object;
}

static json_t *
code_or_null(unsigned code)
{
	return code != 0 ? record_number(code) : json_null();
}

static json_t *
auth_object(const struct session *s)
{
	json_t *object;

	if (s->auth_mechanism.len == 0 && s->auth_user.len == 0 && s->auth_code == 0)
		return json_null();
	object = json_object();
	record_put(object, "mechanism", record_text_or_null(s->auth_mechanism));
	record_put(object, "user", record_text_or_null(s->auth_user));
	record_put(object, "code", code_or_null(s->auth_code));
	return object;
}

static void
put_answer(json_t *object, const struct reply *r)
{
	record_put(object, "code", code_or_null(r->code));
	record_put(object, "enhanced", record_text_or_null(r->enhanced));
	record_put(object, "text", r->code != 0 ? record_text(r->text) : json_null());
}

static json_t *
recipients_list(const struct transaction *t)
{
	json_t *array = json_array();

	for (size_t i = 0; i < t->n_recipients; i++) {
		json_t *object = json_object();

		record_put(object, "address", record_text(t->recipients[i].address));
		put_answer(object, &t->recipients[i].reply);
		append(array, object);
	}
	return array;
}

/* The last word on the transaction: the final reply, or the refusal of MAIL that ended it. */
static json_t *
final_reply(const struct transaction *t)
{
	const struct reply *r = t->reply.code == 0 && t->mail_reply.code >= 400 ? &t->mail_reply : &t->reply;
	json_t *object;

	if (r->code == 0)
		return json_null();
	object = json_object();
	put_answer(object, r);
	return object;
}

static json_t *
transaction_object(const struct transaction *t)
{
	json_t *object = json_object();

	record_put(object, "mail_from",
		   t->has_null_sender || t->mail_from.len > 0 ? record_text(t->mail_from) : json_null());
	record_put(object, "recipients", recipients_list(t));
	record_put(object, "bytes", record_number(t->n_bytes));
	record_put(object, "reply", final_reply(t));
	record_put(object, "queue_id", record_text_or_null(t->queue_id));
	return object;
}

static json_t *
replies_list(const struct session *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->n_replies; i++) {
		const struct reply *r = &s->replies[i];
		json_t *object = json_object();

		record_put(object, "packet", r->when.packet > 0 ? record_number(r->when.packet) : json_null());
		record_put(object, "code", record_number(r->code));
		record_put(object, "enhanced", record_text_or_null(r->enhanced));
		record_put(object, "to", record_text_or_null(r->to));
		record_put(object, "text", record_text(r->text));
		append(array, object);
	}
	return array;
}

json_t *
record_session(const struct session *s)
{
	json_t *object = json_object(), *server = endpoint_object(s->tcp ? &s->tcp->end[SIDE_SERVER] : NULL);
	struct endpoint asker = { .address = s->client };
	json_t *transactions = json_array();

	for (size_t i = 0; i < s->n_transactions; i++)
		append(transactions, transaction_object(&s->transactions[i]));
	record_put(server, "name", record_text_or_null(s->server_name));
	record_put(object, "id", record_number(s->id));
	record_put(object, "client", endpoint_object(s->tcp ? &s->tcp->end[SIDE_CLIENT] : &asker));
	record_put(object, "server", server);
	record_put(object, "started", record_time(s->started));
	record_put(object, "ended", record_time(s->ended));
	record_put(object, "phase", json_string(phase_name(s->phase)));
	record_put(object, "outcome", json_string(outcome_name(s->outcome)));
	record_put(object, "tcp", tcp_object(s));
	record_put(object, "smtp", smtp_object(s));
	record_put(object, "tls", record_tls(s));
	record_put(object, "auth", auth_object(s));
	record_put(object, "transactions", transactions);
	record_put(object, "replies", replies_list(s));
	if (s->n_replies_dropped > 0)
		record_put(object, "replies_dropped", record_number(s->n_replies_dropped));
	return object;
}
