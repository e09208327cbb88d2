/* In: counts. Out: probabilities. */
#include "rules/chance.h"

#include <math.h>

/* ln n!, by Stirling's series from 16 on: the error is below 1e-9. */
static double
log_factorial(uint64_t n)
{
	double x = (double)n, sum = 0.0;

	for (uint64_t i = 2; n < 16 && i <= n; i++)
		sum += log((double)i);
	if (n < 16)
		return sum;
	return x * log(x) - x + 0.5 * log(6.283185307179586 * x) + 1.0 / (12.0 * x) - 1.0 / (360.0 * x * x * x);
}

static double
log_choose(uint64_t n, uint64_t k)
{
	return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

double
chance_of_overlap(uint64_t n_all, uint64_t n_failing, uint64_t n_drawn, uint64_t n_hit)
{
	uint64_t most = n_failing < n_drawn ? n_failing : n_drawn;
	double all = log_choose(n_all, n_drawn), sum = 0.0;

	for (uint64_t hit = n_hit; hit <= most; hit++) {
		if (n_drawn - hit <= n_all - n_failing)
			sum += exp(log_choose(n_failing, hit) + log_choose(n_all - n_failing, n_drawn - hit) - all);
	}
	return sum < 1.0 ? sum : 1.0;
}

double
chance_of_run(uint64_t n_all, uint64_t n_failing)
{
	double p = (double)(n_all - n_failing + 1) * exp(-log_choose(n_all, n_failing));

	return p < 1.0 ? p : 1.0;
}
