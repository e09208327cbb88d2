/* In: the first bytes of both sides. Out: is it mail? On the usual ports nobody asks. */
#include "decode/detect.h"

#include "base/attr.h"
#include "decode/detect_proxy.h"
#include "decode/smtp_command.h"
#include "decode/smtp_reply.h"

static struct bytes
first_line(struct bytes data, bool *is_whole)
{
	size_t end = bytes_find(data, '\n');

	*is_whole = end < data.len;
	data = bytes_head(data, end);
	while (data.len > 0 && data.p[data.len - 1] == '\r')
		data.len--;
	return data;
}

/* Could data become text that begins with word, or does it already? */
static bool
may_begin(struct bytes data, const char *word)
{
	size_t n = bytes_str(word).len;

	return data.len < n ? bytes_eq_nocase(data, bytes_head(bytes_str(word), data.len))
			    : bytes_starts_nocase(data, word);
}

static enum detected
detect_client(struct bytes data)
{
	static const char *const beginnings[] = { "EHLO ", "HELO ", "LHLO ", "MAIL FROM:", "RCPT TO:", "STARTTLS" };
	bool is_whole;
	struct bytes line = first_line(data, &is_whole);

	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++)
		if (may_begin(line, beginnings[i]))
			return line.len >= bytes_str(beginnings[i]).len ? DETECT_YES
			       : is_whole                               ? DETECT_NO
									: DETECT_MAYBE;
	return DETECT_NO;
}

static bool
names_other_protocol(struct bytes line)
{
	static const char *const words[] = { "FTP", "NNTP", "IMAP", "POP3" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (bytes_contains_nocase(line, words[i]))
			return true;
	return false;
}

/* FTP greets with 220 too: unless the line says SMTP, the client's first line decides. */
static enum detected
detect_server(struct bytes data)
{
	bool is_whole;
	struct bytes line = first_line(data, &is_whole);
	struct reply_line r = reply_line_parse(line);

	for (size_t i = 0; i < line.len && i < 3; i++)
		if (line.p[i] < '0' || line.p[i] > '9')
			return DETECT_NO;
	if (!is_whole && line.len < 4)
		return DETECT_MAYBE;
	if (!r.is_well_formed || r.code < 200 || r.code >= 600)
		return DETECT_NO;
	if (bytes_contains_nocase(line, "SMTP") || bytes_contains_nocase(line, "LMTP"))
		return DETECT_YES;
	return is_whole && names_other_protocol(line) ? DETECT_NO : DETECT_MAYBE;
}

enum detected
detect_smtp(const struct bytes first[2], const uint16_t *mail_ports, size_t n_mail_ports)
{
	struct bytes left[2] = { first[0], first[1] };
	enum detected client = DETECT_MAYBE, server = DETECT_MAYBE, behind_proxy;

	if (detect_proxy(left, (struct mail_ports){ mail_ports, n_mail_ports }, &behind_proxy))
		return behind_proxy;
	if (left[SIDE_CLIENT].len > 0)
		client = detect_client(left[SIDE_CLIENT]);
	if (left[SIDE_SERVER].len > 0)
		server = detect_server(left[SIDE_SERVER]);
	if (client == DETECT_NO || (server == DETECT_NO && client == DETECT_MAYBE))
		return DETECT_NO;
	return client == DETECT_YES || server == DETECT_YES ? DETECT_YES : DETECT_MAYBE;
}

const char *
detect_protocol(struct bytes line)
{
	static const struct {
		const char *beginning, *protocol;
	} known[] = {
		{ "GET ", "http" },      { "POST ", "http" },     { "HEAD ", "http" }, { "OPTIONS ", "http" },
		{ "HTTP/", "http" },     { "CONNECT ", "http" },  { "SSH-", "ssh" },   { "* OK", "imap" },
		{ "* BYE", "imap" },     { "+OK", "pop3" },       { "-ERR", "pop3" },  { "USER ", "pop3" },
		{ "\x05\x01", "socks" }, { "\x04\x01", "socks" }, { "RFB ", "vnc" },   { "INVITE sip:", "sip" },
		{ "\x03", "rdp" },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (bytes_starts_nocase(line, known[i].beginning))
			return known[i].protocol;
	return line.len > 0 && line.p[0] >= 0x14 && line.p[0] <= 0x17 ? "tls" : "";
}
