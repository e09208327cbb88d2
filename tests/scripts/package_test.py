#!/usr/bin/python3
"""The Debian package of a release build: it is made, lintian finds no error, and what it holds works.

usage: package_test.py BUILD

The package is unpacked into a folder and used there. tests/package/in_clean_root installs it into a fresh Debian.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests/package"))
from installed import Installed  # noqa: E402

VERSION = re.search(r"project\(smtptrace VERSION ([0-9.]+)", (TOP / "CMakeLists.txt").read_text()).group(1)
LIBRARIES = ("libc6", "libpcap0.8", "libnids1.21", "libssl3", "libyaml-0-2", "libpcre2-8-0", "libjansson4", "libcap-ng0")


def make_package(build, folder):
    done = subprocess.run(["cpack", "--config", build / "CPackConfig.cmake", "-G", "DEB", "-B", folder], cwd=build,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    packages = list(folder.glob("*.deb"))
    if done.returncode != 0 or len(packages) != 1:
        sys.exit("package_test: cpack: exit status %d\n%s" % (done.returncode, done.stdout))
    return packages[0]


def lint(place, package):
    """Root, since tests may run as root."""
    done = subprocess.run(["lintian", "--allow-root", "--tag-display-limit", "0", package], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    place.expect("lintian finds no error", done.returncode == 0 and not re.search(r"^E:", done.stdout, re.M), done.stdout)
    print(done.stdout, end="")


def check_control(place, package):
    depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, capture_output=True, text=True).stdout
    for library in LIBRARIES:
        place.expect("it depends on " + library, re.search(r"(^|, )%s\b" % re.escape(library), depends), depends)


def check_files(place, folder):
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode & 0o7777
        is_program = path.is_dir() or path == folder / "usr/bin/smtptrace"
        place.expect("%s has mode %o" % (path, mode), mode == (0o755 if is_program else 0o644))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        package = make_package(build, Path(name))
        root = Path(name) / "root"
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
        root.chmod(0o755)
        place = Installed([], str(root))
        check_control(place, package)
        check_files(place, root)
        lint(place, package)
        place.check_all(VERSION)
    print("package_test: %d checks, %d complaints" % (place.n, place.n_bad))
    return 1 if place.n_bad or not place.n else 0


sys.exit(main())
