/* Ctrl-C and SIGTERM end the capture, and the report follows; the second one ends the program. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

struct capture;

void signals_stop_capture(struct capture *c); /* c must live until signals_forget */
void signals_forget(void);

#endif
