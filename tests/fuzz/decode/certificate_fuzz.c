/* A certificate as DER, twice in one chain, and a name that it may be for. */
#include "base/arena.h"
#include "base/limits.h"
#include "decode/tls_certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_chain *chain = tls_chain_new();
	struct bytes der = bytes_of(data, size);
	struct arena arena;

	arena_init(&arena, SESSION_TEXT_MAX);
	if (tls_chain_add(chain, der, &arena))
		tls_chain_add(chain, der, &arena);
	tls_chain_judge(chain, NULL);
	(void)tls_chain_matches(chain, bytes_str("mx.example.net"));
	(void)tls_chain_matches(chain, bytes_head(der, 40));
	tls_chain_free(chain);
	arena_fini(&arena);
	return 0;
}
