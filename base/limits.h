/* Every limit of the program, each with its reason. Reaching one is a fact in
 * the record, never an error. Sizes are bytes unless the name says otherwise. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* capture */
#define CAPTURE_READ_BUFFER (256 * 1024) /* stdio's 4 KiB costs 60 times the system calls */
#define CAPTURE_SNAPLEN 262144           /* libpcap's own maximum; TSO frames pass whole */
#define INTERFACE_NAME_MAX 64            /* of a capture file; Linux has 15, Windows 50 */
#define PCAPNG_INTERFACES_MAX 4096       /* of one section; a machine has dozens */
#define CAPTURE_DAMAGE_MAX 1024          /* text about damaged files; a dozen names are enough */
#define CAPTURE_SECRETS_MAX (16 << 20)   /* key logs inside captures that nobody has asked for yet: 90000 lines */
#define CAPTURE_NAMES_MAX (4 << 20)      /* name resolution records of captures: 100000 hosts */
#define PCAPNG_BLOCK_MAX (CAPTURE_SECRETS_MAX + (1 << 20)) /* one that is written: a packet and its comments, keys */
#define PACKET_SPOOL_MAX (4ULL << 30)  /* packets of a pipe or a device that wait for what is found: 4 GiB of disk */
#define CAPTURE_ZSTD_WINDOW_LOG 27     /* 128 MiB, what zstd -d accepts; only --ultra and --long need more than 8 */
#define CAPTURE_LIVE_BUFFER (16 << 20) /* kernel ring: 16 MiB is 0.1 s of 1 Gbit/s, libpcap's default an eighth */
#define CAPTURE_WAIT_MS 200            /* a live packet is seen and an idle device reported this much later at most */
#define FILTER_EXTRA_PORTS_MAX 64      /* the kernel takes 4096 instructions, a port costs about 20 */
#define FILTER_TEXT_MAX 8192           /* of the default filter with all of them */
#define LINK_DEPTH_MAX 8               /* nested tags and tunnels; deeper ones are hostile */

/* flow */
#define FLOW_MAX 32768                        /* connections held at a time; the idlest is closed */
#define FLOW_IDLE_NS (20 * 60 * 1000000000LL) /* RFC 5321 4.5.3.2.6: 10 minutes after the dot, doubled */
#define FLOW_SYN_IDLE_NS (180 * 1000000000LL) /* last SYN retry of common stacks comes after 127 s */
#define FLOW_LINGER_NS (30 * 1000000000LL)    /* late data and resets after the end still belong to it */
#define FLOW_LINGER_MAX 1024                  /* of which so many are kept: each still has its dialogue */
#define FRAGMENT_BUDGET (4 * 1024 * 1024)     /* bytes of unfinished IP datagrams */
#define FRAGMENT_IDLE_NS (30 * 1000000000LL)  /* RFC 791: 15 s, RFC 8200: 60 s */
#define HELD_PER_FLOW (4 * 1024 * 1024)       /* out-of-order bytes of one direction: > 1 MB behind a hole */
#define HELD_TOTAL (16 * 1024 * 1024)         /* and of all of them */
#define ORDER_STREAMS_MAX 1024                /* directions with a hole at a time */
#define ORDER_SPAN_MAX (16 * 1024 * 1024)     /* a segment further ahead needs a second one: above common windows */
#define ORDER_PIECES_MAX 4096                 /* held segments of one direction: HELD_PER_FLOW at 1 KiB each */
#define ORDER_WAIT_NS (3 * 1000000000LL)      /* a hole nobody can acknowledge: above three retransmissions */
#define PAUSE_MIN_NS (5 * 1000000000LL)       /* shorter ones are no idle time */
#define GAP_MAX (1 << 30)                     /* bytes missing at once: the largest window of RFC 7323 */
#define ACK_AHEAD_NS (20 * 1000000LL)         /* an ACK captured before its data: a few interrupts of a busy host */
#define DUPLICATE_NS (50 * 1000000LL)         /* the same packet again; a retry has a new IP-ID or comes later */
#define DUPLICATE_SHORT_NS (3 * 1000000LL)    /* without IP-ID: below every retransmission timer */
#define FRAGMENT_DATAGRAMS_MAX 256            /* unfinished ones, FRAGMENT_BUDGET at 16 KiB each */
#define PACKET_LEN_MAX (1 << 20)              /* without a length in its header: Linux builds them up to 512 KiB */
#define IP_EXTENSIONS_MAX 16                  /* RFC 8200 4.1 recommends each once: 8 */
#define RESETS_KEPT 4                         /* header fields kept per connection; the rest is counted */
#define ICMP_KEPT 2

/* decode */
#define TLS_RECORD_MAX (16384 + 2048) /* RFC 5246 6.2.3: of a protected record; RFC 8446 allows 16384 + 256 */
#define TLS_KEYS_MAX 2000000          /* secrets of key logs: 190 MB; the oldest goes. 400000 connections of TLS 1.3 */
#define TLS_KEYS_LINE_MAX 1024        /* of a key log; the longest that we use has 243 */
#define TLS_SEQUENCE_WINDOW 64        /* numbers tried for a record behind a gap: small records of one segment */
#define TLS_TRIALS_MAX 4096           /* records opened in vain per direction, so that nobody can make it cost much */
#define SMTP_LINE_MAX 4096            /* RFC 5321 4.5.3.1: 512, extensions add; longer is cut */
#define SMTP_REPLY_TEXT_MAX 2048      /* joined text of a multi-line reply that is kept */
#define SMTP_REPLY_LINES_MAX 128      /* EHLO answers have about 15; more is counted, not kept */
#define SMTP_PENDING_MAX 1024         /* commands without a reply: pipelined RCPTs */
#define SMTP_HEADER_VALUE_MAX 998     /* RFC 5322 2.1.1 */
#define SESSION_REPLIES_MAX 1000      /* kept for the report; later ones are counted */
#define SESSION_MOMENTS_MAX 1000      /* likewise; only where a ladder is drawn */
#define SESSION_TRANSACTIONS_MAX 200
#define SESSION_RECIPIENTS_MAX 1000 /* of one session */
#define SESSION_CAPABILITIES_MAX 64
#define FACT_TEXT_MAX 1024        /* a text value of a fact */
#define SMTP_HELD_MAX 4096        /* bytes after DATA or STARTTLS that wait for the reply; more can only be a message */
#define SMTP_VERB_MAX 24          /* an unknown verb; longer ones are cut */
#define SMTP_CANDIDATES_MAX 16    /* lines after a gap that wait for a reply to prove that they are commands */
#define SMTP_LOST_LOOK 512        /* bytes looked at to tell text from binary when we come late */
#define AUTH_USER_MAX 255         /* RFC 4616: 255 characters */
#define AUTH_MECHANISM_LEN_MAX 20 /* RFC 4422 3.1 */
#define AUTH_MESSAGE_MAX 3072     /* what 4096 bytes of base64 hold */
#define DETECT_HELD_MAX 1024      /* first bytes of one side on other ports, until it is clear what they are */
#define DETECT_PIECES_MAX 32      /* and in how many chunks: nobody sends a greeting byte by byte on an odd port */
#define SESSION_TEXT_MAX 262144   /* bytes kept of one dialogue */
#define SESSIONS_TEXT_TOTAL (24 * 1024 * 1024) /* and of all that are open, with their records */
#define SESSIONS_SPARE_MAX 256                 /* closed sessions whose memory waits for the next one */
#define SESSION_SPARE_SIZE_MAX (32 * 1024)     /* of one of them: more than most dialogues need */
#define DEFERRED_MAX 4096 /* pairs of sender and recipient that were put off: 160 kB; a multiple of 4 */
#define HOST_PORTS_MAX 8  /* ports of one host, and of all, that are known to accept connections */
#define FAMILIES_MAX 32   /* open attempts over IPv6 that IPv4 may come instead of */
#define IDENTITIES_MAX                                                                                                 \
	1024 /* addresses of servers, of clients, and names whose answers are compared: 700 kB; a multiple of 4 */
#define IDENTITY_ANSWERS_MAX 4 /* of one address: by port, and by domain of the name in the greeting */
#define IDENTITY_NAME_MAX 79   /* names of hosts are shorter; longer ones are not compared */
#define NAME_NETWORKS_MAX 4    /* that one name greets from; more count as this many */
#define HOST_CONNECTED_MAX 3   /* ports that one client is known to have reached: a struct host fills a cache line */
#define HOSTS_MAX 4096         /* servers whose TTLs are remembered: 160 kB; a multiple of 4 */

#define TLS_MESSAGE_MAX (64 * 1024) /* a handshake message; TLS allows 16 MB, chains have 3 to 6 kB */
#define TLS_CERTIFICATES_MAX 8      /* of one chain */
#define TLS_NAMES_MAX 1000          /* bytes of the names of one certificate that are kept */
#define TLS_HELD_MAX (1024 * 1024)  /* bytes of one session that wait for its keys: a mail with a small attachment */
#define TLS_HELD_TOTAL                                                                                                 \
	(64 << 20)               /* and of all sessions: at most with a key log; a thousand dialogues of usual length */
#define TLS_HELD_PIECES_MAX 8192 /* and in how many chunks */
#define TLS_OFFER_MAX 512        /* bytes of one list of an offer, as text */

#define POLICIES_MAX 256    /* names whose SPF or DMARC records are remembered: 200 kB; a multiple of 2 */
#define HOST_NAMES_MAX 1024 /* addresses whose names are remembered: 280 kB; a multiple of 2 */
#define LOOKUPS_MAX 256     /* names that are being looked up; the oldest is decided: 80 kB */
#define LOOKUP_WAIT_NS                                                                                                 \
	(10 * 1000000000LL) /* so long after its last packet a look-up is over: resolvers ask again after 5 s */
#define QUESTIONS_MAX                                                                                                  \
	256          /* about addresses of clients that are remembered; what was answered quickly goes first: 180 kB */
#define ASKED_MAX 64 /* questions whose answers may leave them out: 18 kB */
#define DNS_STREAM_MAX (16 * 1024) /* bytes of one message over TCP; longer ones hold no names of mail hosts */
#define DNS_STREAMS_MAX 128        /* connections to name servers that are read at a time: 4 MiB */

/* rules */
#define RULE_FILE_MAX (1024 * 1024)
#define DEVICES_MEMORY_MAX 512              /* greetings and replies whose product is remembered: 8 kB */
#define RULE_TEXT_MAX 4096                  /* one text or condition of a rule; aliases must not multiply large ones */
#define RULE_PARTS_MAX 64                   /* signs, sentences, explained rules of one rule */
#define EXPRESSION_DEPTH_MAX 32             /* nested parentheses in a condition */
#define EXPRESSION_TESTS_MAX 256            /* comparisons in a condition; the longest of the catalogue has about 15 */
#define COUNTERS_MAX 8                      /* count() and its kin in a condition; kept per group */
#define DISTINCT_MAX 64                     /* values that distinct() tells apart; more count as this many */
#define REGEX_PATTERN_MAX 4096              /* characters of a regular expression */
#define REGEX_STEPS_MAX 20000               /* effort per match; a hostile pattern on a hostile text stops here */
#define RULE_FACTS_MAX 16                   /* facts in one list of a rule: over, merge_by, detail */
#define RULES_MAX 4096                      /* rules in a catalogue; explains chains are followed through all of them */
#define TABLE_ROWS_MAX 20000                /* rows of a table of replies */
#define REPLY_CACHE_MAX 1024                /* replies whose meaning is remembered: servers repeat themselves */
#define EVIDENCE_MAX 12                     /* sentences per finding; a reader stops sooner */
#define FINDINGS_MAX 4096                   /* distinct ones; repeated ones are merged */
#define FINDING_SESSIONS_MAX 100000         /* session numbers kept per finding; the rest is counted */
#define FINDING_SESSIONS_TOTAL_MAX 1000000  /* of all findings: 8 MB */
#define FINDING_TEXT_MAX 4096               /* one text of a finding, facts filled in */
#define FINDING_TEXTS_MAX (8 * 1024 * 1024) /* all texts of all findings */
#define FINDING_STREAMS_MAX 40              /* connections named in the filter of a finding */
#define EVIDENCE_SESSIONS_MAX 3             /* firings of which a merged finding keeps evidence */
#define VETOES_MAX 32768                    /* groups of one rule of which only the hash is kept: 256 kB */
#define GROUPS_MAX 20000                    /* keys of one group rule; the idlest goes */
#define GROUPS_BYTES_MAX (12 * 1024 * 1024) /* all groups of all rules but their sessions; the idlest goes */
#define GROUPS_SESSIONS_TOTAL_MAX 500000    /* session numbers of all groups: 4 MB; the rest is counted */
#define SETTINGS_PROFILES_MAX 16            /* documents of a settings file: a person writes them */
#define SETTING_VALUES_MAX 256              /* values of one key: domains of a company, addresses of a provider */
#define SETTING_TEXT_MAX 255                /* one value; RFC 5321 4.5.3.1: a path has 256 with its <> */
#define SETTING_SHOWN_MAX 300               /* of all values of a key in one sentence */
#define SETTINGS_ARENA_MAX (4 * 1024 * 1024)
#define EXPECT_DIFFERENCES_MAX 16 /* of one session: as many keys, and senders */
#define EXPECT_CLIENTS_MAX 512    /* pairs of client and key whose values are told apart; a multiple of 4 */
#define EXPECT_VALUES_MAX 8       /* different wrong values of one client and key that get a line each */
#define LEARN_PROFILES_MAX 16     /* as many as a settings file may have */
#define LEARN_VALUES_MAX 32       /* different values of one key; more are left out, and the file says so */
#define CENSUS_KEY_MAX 80         /* bytes of a recipient, a domain that is counted; a longer one is cut */
#define CENSUS_ROWS_MAX 4096      /* values of one kind that are counted apart: 700 kB; later ones are not */
#define CENSUS_FAILURES_MAX 65536 /* failures that are compared with what went well: 3 MB; the oldest go */
#define CENSUS_TIMES_MAX 65536    /* times of deliveries that failures are compared with; the oldest go */
#define SCOPE_FINDINGS_MAX 64     /* findings of which it is asked what their failures share */
#define SCOPE_MARKS_MAX 262144    /* refusals that findings are about: 4 MB; attempts with others count whole */

/* report */
#define REPORT_ATTEMPTS_MAX 200              /* lines of the text report; the rest is counted */
#define REPORT_FINDINGS_SHORT 12             /* other findings in the text report; -v shows all */
#define REPORT_EVIDENCE_SHORT 6              /* sentences of the main diagnosis; -v shows all */
#define REPORT_INDEX_MAX 1000000             /* pairs of session and finding: 24 MB at most */
#define REPORT_RECORD_MAX (64 * 1024 * 1024) /* one session as JSON: every byte of it escaped, with room to spare */
#define LADDER_RUNGS_MAX 120                 /* of one ladder, four screens; of a longer one the middle is left out */
#define LADDER_RUNGS_ALL 2100                /* before: all replies and moments, and what TCP and TLS add */
#define LADDER_TEXT_MAX 200                  /* bytes of one rung */
#define LADDER_TEXTS_MAX (1 << 20)           /* of all rungs: more than 2100 times 200 and a few words */
#define REPORT_PLACES_MAX 3000               /* pieces of evidence that are linked to a session: 100 kB */
#define REPORT_LADDERS_BAD 1000              /* ladders in an HTML report: attempts with something wrong, 6 MB */
#define REPORT_LADDERS_OTHER 200             /* and without */
#define REPORT_SERVERS_MAX 64                /* rows of its matrix; the rest is one row */
#define CSV_LIST_MAX 65536                   /* addresses in one cell: 1000 recipients of usual length */
#define STORY_DETAIL_MAX 300                 /* bytes of one line about a session */
#define STORY_TEXT_MAX 65536                 /* of all of them: 48 lines of two texts */
#define SPOOL_SORTED_MAX 65536               /* sessions that are put in order by number: 1.5 MB of places */

/* cli */
#define SELECTION_MAX (8 * 1024 * 1024) /* sessions that -Y can tell apart: 1 MB of bits */

#define REDACTED_MAX (1 << 20) /* one text with other names: longer than any that is kept */
#define PSEUDONYMS_MAX 32768   /* names of users that --redact looks for in texts: 512 KB */

/* evidence */
#define NUMBERS_MAX                                                                                                    \
	(8 * 1024 * 1024)     /* connections and packets that are wanted: 128 MB when all of a huge file are           \
			       */
#define DNS_NAMES_MAX 20000   /* answers that may lead to a wanted server: 4 MB */
#define WANTED_NAMES_MAX 1000 /* names that were looked up in vain, of findings */
#define IN_VAIN_MAX 10000     /* likewise, of all sessions: 2.6 MB */
#define COMMENTS_MAX 100000   /* findings times their evidence */
#define COMMENT_TEXT_MAX 4096 /* escapes make a sentence longer */

#endif
