"""The lists of options in the manual page and in the completion scripts, made from cli/options.def.

Each list stands between two lines that hold MARK and END; generate_docs.py compares or writes it.
"""
import re
import sys
import textwrap
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
MARK, END = "made by .ci/generate from cli/options.def", "end of what .ci/generate made"
OPTION = re.compile(r"^OPTION\(('(?P<letter>.)'|OPT_\w+), \"(?P<name>[^\"]+)\", (NULL|\"(?P<argument>[^\"]+)\"), (?P<group>\w+),"
                    r"\s*\"(?P<help>(?:[^\"\\]|\\.)*)\"\)", re.M)
FORMAT = re.compile(r"^FORMAT\((\w+)", re.M)
WHENS = ("auto", "always", "never")
TITLES = {"GROUP_INPUT": "Input", "GROUP_JUDGE": "What is judged", "GROUP_OUTPUT": "Report", "GROUP_OTHER": "Other"}
ZSH_ACTIONS = {  # argument: how zsh completes it
    "FILE": "file:_files",
    "PATH": "path:_files",
    "SETTINGS": "settings:_files",
    "IFACE": "interface:_smtptrace_interfaces",
    "EXPR": "condition:_smtptrace_facts",
    "BPF": "capture filter: ",
}


def options():
    text = (TOP / "cli/options.def").read_text(encoding="utf-8")
    found = [match.groupdict() for match in OPTION.finditer(text)]
    if len(found) != len(re.findall(r"^OPTION\(", text, re.M)):
        sys.exit("option_lists: cli/options.def has a row that is not understood")
    for option in found:
        option["help"] = re.sub(r"\\(.)", r"\1", option["help"])
    return found


def formats():
    return FORMAT.findall((TOP / "report/formats.def").read_text(encoding="utf-8"))


def spellings(option):
    return (["-" + option["letter"]] if option["letter"] else []) + ["--" + option["name"]]


# smtptrace(1)

def roff(text):
    """A text in lines that begin with no control character, each sentence on a line of its own."""
    text = (text[0].upper() + text[1:]).replace("\\", "\\e")
    sentences = re.split(r"(?<=\w\w[.;]) ", text)
    lines = [line for one in sentences for line in textwrap.wrap(one, 78, break_long_words=False, break_on_hyphens=False)]
    return "\n".join("\\&" + line if line[0] in ".'" else line for line in lines)


def manual_entry(option):
    short = "Fl %s , " % option["letter"] if option["letter"] else ""
    argument = " Ar " + option["argument"] if option["argument"] else ""
    return ".It %sFl -%s%s\n%s." % (short, option["name"], argument, roff(option["help"]))


def manual_list():
    lines = []
    for group, title in TITLES.items():
        lines += [".Ss " + title, ".Bl -tag -width Ds"]
        lines += [manual_entry(option) for option in options() if option["group"] == group] + [".El"]
    return "\n".join(lines)


# completion

def bash_list():
    kinds = ["[%s]=%s" % (word, option["argument"]) for option in options() if option["argument"]
             for word in spellings(option)]
    words = [word for option in options() for word in spellings(option)]
    lines = ["local formats='%s' whens='%s'" % (" ".join(formats()), " ".join(WHENS))]
    lines += ["local options='%s'" % "\n\t\t".join(textwrap.wrap(" ".join(words), 100, break_on_hyphens=False))]
    lines += ["local -A argument_of=(%s)" % "\n\t\t".join(textwrap.wrap(" ".join(kinds), 100, break_on_hyphens=False))]
    return "\n".join("\t" + line for line in lines)


def zsh_action(option):
    if not option["argument"]:
        return ""
    values = {"format": formats(), "color": WHENS}.get(option["name"])
    if values:
        return ":%s:(%s)" % (option["argument"].lower(), " ".join(values))
    return ":" + ZSH_ACTIONS.get(option["argument"], option["argument"].lower() + ": ")


def zsh_list():
    lines = []
    for option in options():
        help_text = re.sub(r"([\[\]:\\])", r"\\\1", option["help"]).replace("'", "'\\''")
        words = [word + ("=" if option["argument"] and word.startswith("--") else "") for word in spellings(option)]
        before = "'*'" if "repeated" in option["help"] else "'(%s)'" % " ".join(spellings(option)) if len(words) > 1 else ""
        name = "{%s}" % ",".join(words) if len(words) > 1 else words[0]
        lines.append("\t%s%s'[%s]%s'" % (before, name, help_text, zsh_action(option)))
    return "\n".join(lines)


LISTS = {
    "docs/man/smtptrace.1": manual_list,
    "packaging/completion/smtptrace.bash": bash_list,
    "packaging/completion/_smtptrace": zsh_list,
}


def filled(name):
    """The text of the file with its list as it must be."""
    text = (TOP / name).read_text(encoding="utf-8")
    pattern = re.compile(r"(?<=%s\n).*?(?=^[^\n]*%s$)" % (re.escape(MARK), re.escape(END)), re.M | re.S)
    new, n = pattern.subn(lambda _: LISTS[name]() + "\n", text)
    if n != 1:
        sys.exit("option_lists: %s has no lines that hold '%s' and '%s'" % (name, MARK, END))
    return new
