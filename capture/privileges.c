/* In: a process that may be root. Out: one that is nobody and stays so. Files must be open by then. */
#include "capture/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/bytes.h"

#define NOBODY 65534 /* when the system does not know the name */

struct identity {
	uid_t uid;
	gid_t gid;
};

static bool
id_from_environment(const char *name, uint32_t *id)
{
	const char *text = getenv(name);
	uint64_t value = 0;

	if (!text || !bytes_to_u64(bytes_str(text), UINT32_MAX - 1, &value) || value == 0)
		return false;
	*id = (uint32_t)value;
	return true;
}

/* Sudo's variables count only when the real user is root: whoever calls a set-uid program can set them at will. */
static struct identity
choose_identity(void)
{
	struct identity chosen = { getuid(), getgid() };
	const struct passwd *nobody;

	if (chosen.uid != 0 && chosen.gid != 0)
		return chosen;
	if (chosen.uid == 0 && id_from_environment("SUDO_UID", &chosen.uid) &&
	    id_from_environment("SUDO_GID", &chosen.gid))
		return chosen;
	nobody = getpwnam("nobody");
	if (!nobody || nobody->pw_uid == 0 || nobody->pw_gid == 0)
		return (struct identity){ NOBODY, NOBODY };
	return (struct identity){ nobody->pw_uid, nobody->pw_gid };
}

static bool
is_root(void)
{
	uid_t real, effective, saved;

	return getresuid(&real, &effective, &saved) != 0 || real == 0 || effective == 0 || saved == 0;
}

static bool
failed(struct err *e, const char *what)
{
	err_set(e, "cannot give up root privileges: %s: %s", what, strerror(errno));
	return false;
}

/* While still root: afterwards nobody may change them. */
static bool
drop_bounding_set(struct err *e)
{
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return true; /* not ours to drop; without new privileges it gives nothing either */
	capng_clear(CAPNG_SELECT_BOUNDS);
	if (capng_apply(CAPNG_SELECT_BOUNDS) != 0)
		return failed(e, "bounding set");
	return true;
}

static bool
change_identity(struct err *e)
{
	struct identity to = choose_identity();

	if (setgroups(0, NULL) != 0)
		return failed(e, "groups");
	if (setresgid(to.gid, to.gid, to.gid) != 0)
		return failed(e, "group");
	if (setresuid(to.uid, to.uid, to.uid) != 0)
		return failed(e, "user");
	return true;
}

/* Trust nothing: ask the kernel what we are now, and try to become root again. */
static bool
verify(struct err *e)
{
	if (is_root() || setresuid(0, 0, 0) == 0 || setuid(0) == 0 || getegid() == 0) {
		err_set(e, "cannot give up root privileges: the process could become root again");
		return false;
	}
	if (capng_get_caps_process() != 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE) {
		err_set(e, "cannot give up privileges: some capabilities remain");
		return false;
	}
	return true;
}

bool
privileges_drop(struct err *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failed(e, "no-new-privileges");
	if (capng_get_caps_process() != 0)
		return failed(e, "capabilities");
	if (!drop_bounding_set(e) || (is_root() && !change_identity(e)))
		return false;
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) != 0)
		return failed(e, "capabilities");
	return verify(e);
}
