/* In: certificates as the server sent them. Out: their fields, and whether the chain leads to a trusted issuer. Their
 * validity is not part of that: it depends on the clock, and is judged on its own. */
#include "decode/tls_certificate.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "decode/tls_store.h"

#define RSA_BITS_MIN 2048 /* NIST SP 800-57 part 1: 112 bits of security */
#define EC_BITS_MIN 224

struct tls_chain {
	X509 *x509[TLS_CERTIFICATES_MAX];
	struct tls_certificate list[TLS_CERTIFICATES_MAX];
	size_t n;
	enum tls_trusted trusted;
};

struct tls_chain *
tls_chain_new(void)
{
	return mem_new(sizeof(struct tls_chain));
}

void
tls_chain_free(struct tls_chain *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		X509_free(c->x509[i]);
	mem_free(c);
}

static struct bytes
distinguished_name(X509_NAME *name, struct arena *arena)
{
	unsigned long flags = (XN_FLAG_RFC2253 | XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV | ASN1_STRFLGS_UTF8_CONVERT) &
			      ~(unsigned long)(ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_MSB | XN_FLAG_SEP_COMMA_PLUS);
	BIO *bio = BIO_new(BIO_s_mem());
	struct bytes text = { NULL, 0 };
	char *p = NULL;

	if (bio && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
		long len = BIO_get_mem_data(bio, &p);

		text = arena_copy(arena, bytes_head(bytes_of(p, (size_t)len), TLS_NAMES_MAX));
	}
	BIO_free(bio);
	return text;
}

static void
add_name(struct buf *names, struct bytes name)
{
	if (names->len + 2 + name.len > names->limit)
		return;
	if (names->len > 0)
		buf_add_str(names, ", ");
	buf_add(names, name);
}

static void
add_address(struct buf *names, const ASN1_OCTET_STRING *address)
{
	char *text = NULL;
	ASN1_OCTET_STRING *copy = ASN1_OCTET_STRING_dup(address);
	GENERAL_NAME name = { .type = GEN_IPADD, .d = { .iPAddress = copy } };
	BIO *bio = BIO_new(BIO_s_mem());

	if (copy && bio && GENERAL_NAME_print(bio, &name)) { /* "IP Address:192.0.2.1" */
		struct bytes printed = bytes_of(NULL, 0);
		long len = BIO_get_mem_data(bio, &text);

		printed = bytes_of(text, (size_t)len);
		bytes_split(&printed, ':');
		add_name(names, printed);
	}
	BIO_free(bio);
	ASN1_OCTET_STRING_free(copy);
}

static void
add_common_name(struct buf *names, X509 *x)
{
	X509_NAME *subject = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	ASN1_STRING *value = at >= 0 ? X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)) : NULL;

	if (value)
		add_name(names, bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)));
}

static struct bytes
alternative_names(X509 *x, struct arena *arena)
{
	GENERAL_NAMES *list = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	struct bytes text;
	struct buf names;

	buf_init(&names, TLS_NAMES_MAX);
	for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);

		if (name->type == GEN_DNS)
			add_name(&names, bytes_of(ASN1_STRING_get0_data(name->d.dNSName),
						  (size_t)ASN1_STRING_length(name->d.dNSName)));
		else if (name->type == GEN_IPADD)
			add_address(&names, name->d.iPAddress);
	}
	GENERAL_NAMES_free(list);
	if (names.len == 0)
		add_common_name(&names, x);
	text = arena_copy(arena, buf_bytes(&names));
	buf_fini(&names);
	return text;
}

static int64_t
seconds_of(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	bool is_ok = epoch && ASN1_TIME_diff(&days, &seconds, epoch, t);

	ASN1_TIME_free(epoch);
	return is_ok ? (int64_t)days * 86400 + seconds : 0;
}

static void
take_key(struct tls_certificate *c, X509 *x, struct arena *arena)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	int type = key ? EVP_PKEY_get_base_id(key) : 0, bits = key ? EVP_PKEY_get_bits(key) : 0;
	struct buf text;

	if (!key)
		return;
	buf_init(&text, 40);
	buf_addf(&text, "%s %d", EVP_PKEY_get0_type_name(key) ? EVP_PKEY_get0_type_name(key) : "key", bits);
	c->key = arena_copy(arena, buf_bytes(&text));
	buf_fini(&text);
	c->is_weak_key = ((type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS || type == EVP_PKEY_DSA) &&
			  bits < RSA_BITS_MIN) ||
			 (type == EVP_PKEY_EC && bits < EC_BITS_MIN);
}

static void
take_signature(struct tls_certificate *c, X509 *x)
{
	int digest = NID_undef, bits = 0;

	if (X509_get_signature_info(x, &digest, NULL, &bits, NULL) && digest != NID_undef)
		c->signature = bytes_str(OBJ_nid2sn(digest));
	c->is_weak_signature = !c->is_self_signed &&
			       (digest == NID_md5 || digest == NID_sha1 || digest == NID_md4 || digest == NID_md2);
}

static bool
is_self_signed(X509 *x)
{
	return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 &&
	       X509_verify(x, X509_get0_pubkey(x)) == 1;
}

static bool
names_issuer_url(X509 *x)
{
	AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
	bool is_there = false;

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(info); i++)
		is_there = is_there || OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(info, i)->method) == NID_ad_ca_issuers;
	AUTHORITY_INFO_ACCESS_free(info);
	return is_there;
}

bool
tls_chain_add(struct tls_chain *c, struct bytes der, struct arena *arena)
{
	const unsigned char *p = der.p;
	struct tls_certificate *t;
	X509 *x;

	if (c->n == TLS_CERTIFICATES_MAX || der.len == 0)
		return false;
	x = d2i_X509(NULL, &p, (long)der.len);
	ERR_clear_error();
	if (!x)
		return false;
	t = &c->list[c->n];
	*t = (struct tls_certificate){
		.subject = distinguished_name(X509_get_subject_name(x), arena),
		.issuer = distinguished_name(X509_get_issuer_name(x), arena),
		.names = alternative_names(x, arena),
		.not_before_s = seconds_of(X509_get0_notBefore(x)),
		.not_after_s = seconds_of(X509_get0_notAfter(x)),
		.is_self_signed = is_self_signed(x),
		.names_issuer_url = names_issuer_url(x),
	};
	take_key(t, x, arena);
	take_signature(t, x);
	ERR_clear_error();
	c->x509[c->n++] = x;
	return true;
}

/* The error of OpenSSL that ends the search for a trusted issuer; X509_V_OK: there is one. */
static int
verify(const struct tls_chain *c, X509_STORE *store)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	int result = X509_V_ERR_UNSPECIFIED;

	for (size_t i = 1; i < c->n && others; i++)
		sk_X509_push(others, c->x509[i]);
	if (context && others && X509_STORE_CTX_init(context, store, c->x509[0], others)) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);

		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
		X509_VERIFY_PARAM_set_auth_level(param, 0);
		X509_verify_cert(context);
		result = X509_STORE_CTX_get_error(context);
	}
	sk_X509_free(others);
	X509_STORE_CTX_free(context);
	ERR_clear_error();
	return result;
}

void
tls_chain_judge(struct tls_chain *c, struct tls_trust *trust)
{
	c->trusted = TLS_TRUST_UNKNOWN;
	if (c->n == 0 || !trust || tls_trust_is_empty(trust))
		return;
	if (verify(c, tls_trust_store(trust)) == X509_V_OK)
		c->trusted = TLS_TRUST_YES;
	else if (c->n == 1 && !c->list[0].is_self_signed)
		c->trusted = TLS_TRUST_INCOMPLETE;
	else
		c->trusted = TLS_TRUST_NO;
}

const struct tls_certificate *
tls_chain_list(const struct tls_chain *c, size_t *n)
{
	*n = c ? c->n : 0;
	return c ? c->list : NULL;
}

enum tls_trusted
tls_chain_trusted(const struct tls_chain *c)
{
	return c->trusted;
}

int
tls_chain_matches(const struct tls_chain *c, struct bytes name)
{
	char host[256];
	int is_host, is_address;

	if (c->n == 0 || name.len == 0 || name.len >= sizeof(host) || bytes_find(name, '\0') < name.len)
		return -1;
	memcpy(host, name.p, name.len);
	host[name.len] = '\0';
	is_address = X509_check_ip_asc(c->x509[0], host, 0);
	is_host = X509_check_host(c->x509[0], host, name.len, 0, NULL);
	ERR_clear_error();
	return is_address == 1 || is_host == 1 ? 1 : is_host < 0 ? -1 : 0;
}
