/* The bytes of a message: counted, never kept. Finds the end of data (RFC 5321 4.5.2) and what is unusual about
 * the line ends, at memory speed. Private to decode/. Order: start, feed*, until is_ended. */
#ifndef DECODE_BODY_H
#define DECODE_BODY_H

#include "base/bytes.h"

#define BODY_LINE_MAX 998 /* RFC 5322 2.1.1, without CRLF */

enum body_state {
	BODY_TEXT,       /* inside a line */
	BODY_CR,         /* after a CR that may be half a CRLF */
	BODY_START,      /* first byte of a line, after CRLF */
	BODY_START_LF,   /* the same after a lone LF */
	BODY_DOT,        /* a dot that begins a line, after CRLF */
	BODY_DOT_LF,     /* ... after a lone LF */
	BODY_DOT_CR,     /* ... after a lone CR */
	BODY_DOT_END,    /* CR after such a dot: CRLF "." CR */
	BODY_DOT_END_LF, /* LF "." CR */
	BODY_DOT_END_CR, /* CR "." CR */
	BODY_ENDED,      /* CRLF "." CRLF was read */
};

struct body {
	enum body_state state;
	bool is_after_gap;   /* the last bytes were missing */
	bool is_lenient_end; /* the last bytes were a lone dot, and its line ends are not both CRLF */
	bool is_chunked;     /* BDAT: dots mean nothing and there is no end of data */
	uint64_t n_raw;      /* bytes fed, the final dot line included */
	uint64_t line_raw;   /* bytes of the current line so far */
	uint64_t n_stuffed;  /* dots that only hide another dot (RFC 5321 4.5.2) */
	uint64_t n_bare_lf, n_bare_cr, n_high, n_nul;
	uint64_t n_smuggling;  /* lone dots between line ends of which one is no CRLF */
	uint64_t n_long_lines; /* longer than BODY_LINE_MAX */
};

void body_start(struct body *b);         /* DATA */
void body_start_chunked(struct body *b); /* BDAT */
/* Returns how many bytes belong to the body: all of them, unless its end is among them. */
size_t body_feed(struct body *b, struct bytes data);
/* n bytes of the body are not in the capture; the place in the line is lost. */
void body_missing(struct body *b, uint64_t n);
/* Size as RFC 1870 counts: without the final dot line and without stuffed dots. */
uint64_t body_size(const struct body *b);

#endif
