/* In: verdict and capture. Out: what stands around the sections: the head with its policy, style and script built in,
 * the first lines that everybody reads, the foot. */
#include <openssl/evp.h>
#include <string.h>

#include "base/attr.h"
#include "report/clock.h"
#include "report/html_parts.h"
#include "report/html_write.h"

struct builtin { /* a file of report/html/ as it was when the program was built */
	const char *name;
	const unsigned char *bytes;
	size_t len;
};

#include "report_builtin.inc"

#define HASH_TEXT_MAX 64 /* base64 of SHA-256: 44 and NUL */

static struct bytes
file_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return bytes_of(builtins[i].bytes, builtins[i].len);
	return bytes_of(NULL, 0);
}

/* As Content-Security-Policy wants it: the hash of exactly what stands between the tags. */
static void
put_hash(FILE *out, struct bytes text)
{
	unsigned char digest[EVP_MAX_MD_SIZE], base64[HASH_TEXT_MAX];
	unsigned len = 0;

	if (EVP_Digest(text.p, text.len, digest, &len, EVP_sha256(), NULL) != 1)
		len = 0; /* the browser then refuses the style: plain, but readable */
	EVP_EncodeBlock(base64, digest, (int)len);
	fprintf(out, "'sha256-%s'", (const char *)base64);
}

static void
put_head(FILE *out, const struct report_end *end)
{
	struct bytes css = file_of("report.css"), js = file_of("report.js");

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ",
	      out);
	put_hash(out, css);
	fputs("; script-src ", out);
	put_hash(out, js);
	fputs("; base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
	      "<title>smtptrace: ",
	      out);
	html_prose(out, end->verdict->text);
	fputs("</title>\n<style>", out);
	fwrite(css.p, 1, css.len, out);
	fputs("</style>\n<script>", out);
	fwrite(js.p, 1, js.len, out);
	fputs("</script>\n</head>\n", out);
}

static void
put_source(FILE *out, const struct report_options *o, const struct report_capture *c)
{
	char clock[CLOCK_TEXT_MAX];

	fputs("<p class=\"source\">", out);
	for (size_t i = 0; i < o->n_files; i++) {
		fputs(i > 0 ? ", <b>" : "<b>", out);
		html_text(out, bytes_str(o->files[i]));
		fputs("</b>", out);
	}
	fprintf(out, "%s%llu packets", o->n_files > 0 ? ": " : "", (unsigned long long)c->summary.n_packets);
	if (c->summary.first.packet > 0) {
		fprintf(out, ", %s", clock_full(c->summary.first.time_ns, clock));
		fprintf(out, " to %s", clock_full(c->summary.last.time_ns, clock));
	}
	if (c->vantage == VANTAGE_CLIENT || c->vantage == VANTAGE_SERVER)
		fprintf(out, ", taken at the %s", c->vantage == VANTAGE_CLIENT ? "client" : "server");
	fputs("</p>\n", out);
}

static void
put_count(FILE *out, const char *class, uint64_t n, const char *what)
{
	fprintf(out, "<li%s%s%s><b>%llu</b> %s</li>", class[0] != '\0' ? " class=\"" : "", class,
		class[0] != '\0' ? "\"" : "", (unsigned long long)n, what);
}

/* The main diagnosis follows below, in a heading of its own. */
static struct bytes
without_diagnosis(struct bytes text)
{
	return bytes_head(text, bytes_find_str(text, "; the main diagnosis: "));
}

static void
put_verdict(FILE *out, const struct verdict *v)
{
	static const char *const words[] = {
		[SEVERITY_INFO] = "OK", [SEVERITY_WARNING] = "Warning", [SEVERITY_ERROR] = "Problem"
	};
	struct bytes text = without_diagnosis(v->text);

	fprintf(out, "<header class=\"verdict %s\">\n<h1><span class=\"result\">%s</span> ",
		v->result == SEVERITY_INFO ? "ok" : severity_name(v->result), words[v->result]);
	html_prose(out, text);
	fputs(text.len < v->text.len ? "." : "", out);
	fputs("</h1>\n<ul class=\"counts\">", out);
	put_count(out, "", v->n_attempts, v->n_attempts == 1 ? "attempt" : "attempts");
	put_count(out, v->n_delivered > 0 ? "good" : "", v->n_delivered, outcome_name(OUTCOME_DELIVERED));
	put_count(out, v->n_failed > 0 ? "bad" : "", v->n_failed, "failed");
	if (v->n_unknown > 0)
		put_count(out, "", v->n_unknown, "unknown");
	fputs("</ul>\n", out);
}

void
html_page_begin(FILE *out, const struct report_options *o, const struct report_end *end)
{
	put_head(out, end);
	fputs("<body>\n<a class=\"skip\" href=\"#main\">Skip to the diagnosis</a>\n", out);
	put_verdict(out, end->verdict);
	put_source(out, o, end->capture);
	fputs("</header>\n<nav aria-label=\"Sections\"><a href=\"#main\">Diagnosis</a>", out);
	if (end->n_findings > 1)
		fputs("<a href=\"#findings\">Other findings</a>", out);
	fputs("<a href=\"#servers\">Servers</a><a href=\"#timeline\">Timeline</a><a href=\"#attempts\">Attempts</a>"
	      "<a href=\"#limits\">Limits</a><a href=\"#questions\">Support questions</a></nav>\n"
	      "<main id=\"main\" tabindex=\"-1\">\n",
	      out);
}

void
html_page_end(FILE *out)
{
	fputs("</main>\n<footer>Made by smtptrace " SMTPTRACE_VERSION
	      ". Times are UTC. Bytes outside printable ASCII are "
	      "shown as \\x and two digits. No passwords, no message text.</footer>\n</body>\n</html>\n",
	      out);
}
