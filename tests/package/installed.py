"""What must work where the package is installed, or unpacked: the program, its manual, its completion, its examples."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|.\x08|[\x07\x0f]")
FONTS = re.compile(r".\x08")
PATIENCE_S = 8
SHELLS = {  # how each is started, and what makes it list all candidates at once
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             "bind 'set show-all-if-ambiguous on'; bind 'set completion-query-items 0'; bind 'set page-completions off'; "
             "bind 'set enable-bracketed-paste off'; source /usr/share/bash-completion/bash_completion"),
    "zsh": (["zsh", "-f", "-i"],
            "LISTMAX=10000; fpath=(%(top)s/usr/share/zsh/vendor-completions $fpath); autoload -Uz compinit; compinit -u -D"),
}
CASES = [  # what is typed before the tabulator, what must be offered or completed
    ("smtptrace expl", ["explain"]),
    ("smtptrace --list-i", ["--list-interfaces"]),
    ("smtptrace --format ", ["text", "json", "ndjson"]),
    ("smtptrace --format=nd", ["ndjson"]),
    ("smtptrace --color ", ["auto", "always", "never"]),
    ("smtptrace fields smtp.reply.cau", ["smtp.reply.cause"]),
    ("smtptrace -Y server.addr", ["server.address"]),
    ("smtptrace -Y 'server.port == 25 && connect.unans", ["connect.unanswered"]),
    ("smtptrace explain recipient-un", ["recipient-unknown"]),
]


class Terminal:
    """A shell that believes to have a person in front of it."""

    def __init__(self, argv, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 500, 150, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, is_enough):
        """What it writes until that is enough, or patience ends."""
        text, end = "", time.time() + PATIENCE_S
        while not is_enough(text) and time.time() < end:
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    text += os.read(self.fd, 65536).decode(errors="replace")
                except OSError:
                    break
        return ESCAPES.sub("", text)

    def complete(self, typed, wanted):
        """Empties the line, types and presses the tabulator; again when a shell that was not ready lost it."""
        for _ in range(4):
            self.type("\x15\n")
            self.read_until(lambda text: "ready " in text)
            self.type(typed + "\t")
            said = self.read_until(lambda text: all(word in text for word in wanted))
            missing = [word for word in wanted if word not in said]
            if not missing:
                break
        return missing, said

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


class Installed:
    """prefix: a command that runs others there (chroot); top: the folder that holds usr/, as they see it."""

    def __init__(self, prefix, top):
        self.prefix, self.top = prefix, top
        self.n = self.n_bad = 0
        self.env = {"PATH": "%s/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" % top, "TERM": "xterm", "LC_ALL": "C", "TZ": "UTC",
                    "MANPATH": top + "/usr/share/man", "XDG_DATA_DIRS": top + "/usr/share", "HOME": "/nonexistent",
                    "MANROFFOPT": "", "MANPAGER": "cat", "MANWIDTH": "200"}

    def expect(self, what, is_fine, said=""):
        self.n += 1
        if not is_fine:
            self.n_bad += 1
            print("FAILED: %s\n%s" % (what, said[-3000:]))

    def run(self, *argv):
        done = subprocess.run([*self.prefix, *argv], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60)
        return done.returncode, done.stdout.decode(errors="replace")

    def lines(self, *argv):
        status, text = self.run(*argv)
        self.expect(" ".join(argv), status == 0, text)
        return text.splitlines()

    def check_program(self, version):
        examples = self.top + "/usr/share/doc/smtptrace/examples"
        self.expect("the version", self.lines("smtptrace", "--version") == ["smtptrace " + version])
        status, text = self.run("smtptrace", examples + "/pcaps/26-user-unknown.pcap")
        self.expect("a sample is diagnosed", status == 1 and "[recipient-unknown]" in text, text)
        status, text = self.run("smtptrace", "-R", examples + "/own-rules.yaml", "-R", examples + "/own-replies.tsv",
                                examples + "/pcaps/26-user-unknown.pcap")
        self.expect("the example rules work", status == 1 and "[own-address-book" in text, text)
        self.lines("smtptrace", "rules", "--check", examples + "/catalogue")

    def check_manual(self):
        page = FONTS.sub("", "\n".join(self.lines("man", "smtptrace")))
        for word in re.findall(r"--[a-z-]+", "\n".join(self.lines("smtptrace", "--help"))):
            self.expect("smtptrace(1) knows " + word, word in page, page)
        page = FONTS.sub("", "\n".join(self.lines("man", "5", "smtptrace-rules")))
        self.expect("smtptrace-rules(5) can be read", "CONDITIONS" in page, page)

    def check_completion(self, shell):
        """Types the cases; each must be answered with all wanted words."""
        argv, prepare = SHELLS[shell]
        rules = [line.split()[0] for line in self.lines("smtptrace", "rules")]
        terminal = Terminal([*self.prefix, *argv], self.env)
        try:
            terminal.type(prepare % {"top": self.top} + "; PS1='rea''dy '\n")
            said = terminal.read_until(lambda text: "ready " in text)
            self.expect(shell + " starts", "ready " in said, said)
            for typed, wanted in CASES + [("smtptrace rules ", rules)]:
                missing, said = terminal.complete(typed, wanted)
                self.expect("%s completes '%s'; missing: %s" % (shell, typed, missing), not missing, said)
        finally:
            terminal.close()

    def check_all(self, version):
        self.check_program(version)
        self.check_manual()
        for shell in SHELLS:
            self.check_completion(shell)
