/* In: what is known of the TLS of a session. Out: JSON; what is not known is null. */
#include "report/record_tls.h"

#include <time.h>

#include "decode/tls_hello.h"
#include "decode/tls_info.h"
#include "decode/tls_suite.h"
#include "report/record.h"

static json_t *
word_or_null(const char *word)
{
	return word ? json_string(word) : json_null();
}

static json_t *
time_text(int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[40];
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}

/* "a.example, b.example" */
static json_t *
names_array(struct bytes names)
{
	json_t *array = json_array();

	while (names.len > 0)
		json_array_append_new(array, record_text(bytes_trim(bytes_split(&names, ','))));
	return array;
}

static json_t *
certificate_object(const struct tls_certificate *c)
{
	json_t *object = json_object();

	record_put(object, "subject", record_text(c->subject));
	record_put(object, "issuer", record_text(c->issuer));
	record_put(object, "names", names_array(c->names));
	record_put(object, "not_before", time_text(c->not_before_s));
	record_put(object, "not_after", time_text(c->not_after_s));
	return object;
}

static json_t *
certificates_array(const struct tls_info *t)
{
	json_t *array = json_array();
	size_t n;
	const struct tls_certificate *list = tls_chain_list(t->chain, &n);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, certificate_object(&list[i]));
	return array;
}

static json_t *
alert_value(const struct tls_alert *a)
{
	if (a->when.packet == 0)
		return json_null();
	return a->is_hidden ? json_string("encrypted") : json_integer(a->number);
}

json_t *
record_tls(const struct session *s)
{
	static const struct tls_info nothing = { .version = 0 };
	const struct tls_info *t = s->tls ? s->tls : &nothing;
	json_t *object;

	if (!s->tls && !s->is_encrypted && !s->is_implicit_tls && s->starttls != STARTTLS_DONE)
		return json_null();
	object = json_object();
	record_put(object, "version", word_or_null(tls_version_name(t->version)));
	record_put(object, "cipher", word_or_null(t->server_hello.packet != 0 ? tls_suite_name(t->suite) : NULL));
	record_put(object, "sni", record_text_or_null(t->sni));
	record_put(object, "alert", alert_value(&t->alert));
	record_put(object, "certificates", certificates_array(t));
	record_put(object, "decrypted", json_boolean(s->is_decrypted));
	return object;
}
