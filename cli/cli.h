/* The program: everything but main(), so that tests can link it. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

enum cli_status {
	CLI_OK = 0,       /* nothing wrong was found */
	CLI_FOUND = 1,    /* at least one finding of severity error */
	CLI_UNUSABLE = 2, /* input or options could not be used; one line on standard error says why */
};

int cli_main(int argc, char **argv);

#endif
