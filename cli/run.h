/* The pipeline of DESIGN.md section 2, put together for one run. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/options.h"

/* *status is CLI_OK or CLI_FOUND. false: e says why input, options or output could not be used. */
bool run_diagnose(const struct options *o, int *status, struct err *e) MUST_USE;

#endif
