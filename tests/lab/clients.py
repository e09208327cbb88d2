"""Mail clients as the scenarios use them: swaks, msmtp, smtplib, and our own from tools/smtp_client.py."""
import os

from network import PKI, write_file
from programs import client_program

# what must not be reported about a session in which all went well
CLEAN_NOT = ("interference", "tls-failure", "blocked-port", "reset", "auth-failure", "server-error")

SMTPLIB_STARTTLS = """
c = tls_context(CA, keylog=KEYS, maxver=%r, minver=%r)
s = smtplib.SMTP("mx1.example.net", 25, local_hostname="client.example.com", timeout=15)
s.ehlo()
try:
    s.starttls(context=c)
    print(s.sock.version(), s.sock.cipher())
    s.ehlo()
    print(s.sendmail("alice@example.com", ["bob@example.net"], message(%d)))
    s.quit()
except Exception as e:
    print("EXC", repr(e))
    s.close()
"""

MSMTP_CONFIGURATION = """defaults
logfile -
timeout 15
account default
host %s
port %d
from alice@example.com
domain client.example.com
tls on
tls_starttls on
tls_trust_file %s/trust.pem
tls_priorities %s
auth plain
user alice
password secret-Pa55
"""


def swaks(lab, *options, server="mx1.example.net", timeout=10):
    """One message by swaks."""
    program, environment = client_program("swaks")
    return lab.run(program, "--from", "alice@example.com", "--to", "bob@example.net", "--ehlo", "client.example.com",
                   "--timeout", timeout, "--server", server, *options, env=environment)


def deliver_with_starttls(lab, version, n=2000):
    """smtplib, one message of n bytes over STARTTLS; the session keys are logged."""
    return lab.run_python(SMTPLIB_STARTTLS % (version, version, n))


def deliver_plainly(lab, *calls, timeout=120):
    """One message per call; each call is the arguments of simple() in tools/smtp_client.py, as text."""
    return lab.run_python("\n".join("print(simple(%s))" % call for call in calls), timeout=timeout)


def deliver_over_tls(lab, port, version):
    """One message over STARTTLS of exactly this version; the certificate is verified."""
    code = 'c = tls_context(CA, minver=%r, maxver=%r)\nprint(simple(port=%d, tls=("starttls", c)))'
    return lab.run_python(code % (version, version, port))


def deliver_with_msmtp(lab, host, port, priorities):
    """msmtp (GnuTLS), STARTTLS and AUTH PLAIN; the session keys are logged."""
    lab.n_runs += 1
    folder = "%s/msmtp%d" % (lab.scratch, lab.n_runs)
    os.makedirs(folder)
    write_file(folder + "/rc", MSMTP_CONFIGURATION % (host, port, PKI, priorities))
    os.chmod(folder + "/rc", 0o600)  # msmtp insists
    program, environment = client_program("msmtp")
    text = "From: alice@example.com\nTo: bob@example.net\nSubject: hello from msmtp\n\n" + "body line\n" * 5
    environment["SSLKEYLOGFILE"] = lab.keys
    return lab.run(program, "-C", folder + "/rc", "bob@example.net", env=environment, stdin=text)
