"""Mail clients as the scenarios use them: swaks, msmtp, smtplib, and our own from tools/smtp_client.py."""
import os

from network import PKI, write_file
from programs import TOOLS, client_program

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
"""
MSMTP_LOGIN = "auth plain\nuser alice\npassword secret-Pa55\n"
GNUTLS_PRIORITIES = {"1.2": "NORMAL:-VERS-ALL:+VERS-TLS1.2", "1.3": "NORMAL:-VERS-ALL:+VERS-TLS1.3"}


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


def deliver_over_tls(lab, port, version, trust="CA", host="mx1.example.net"):
    """One message over STARTTLS of exactly this version; the certificate is verified, unless trust is "None"."""
    code = 'c = tls_context(%s, minver=%r, maxver=%r)\nprint(simple(host=%r, port=%d, tls=("starttls", c)))'
    return lab.run_python(code % (trust, version, version, host, port))


def deliver_with_msmtp(lab, host, port, priorities, login=MSMTP_LOGIN, keys=True):
    """msmtp (GnuTLS), STARTTLS; the session keys are logged."""
    lab.n_runs += 1
    folder = "%s/msmtp%d" % (lab.scratch, lab.n_runs)
    os.makedirs(folder)
    write_file(folder + "/rc", MSMTP_CONFIGURATION % (host, port, PKI, priorities) + login)
    os.chmod(folder + "/rc", 0o600)  # msmtp insists
    program, environment = client_program("msmtp")
    text = "From: alice@example.com\nTo: bob@example.net\nSubject: hello from msmtp\n\n" + "body line\n" * 5
    if keys:
        environment["SSLKEYLOGFILE"] = lab.keys
    return lab.run(program, "-C", folder + "/rc", "bob@example.net", env=environment, stdin=text)


def handshake_with_openssl(lab, version, *options, keys=False):
    """openssl s_client, which verifies certificate and name, and says QUIT if it got so far."""
    options = ["-keylogfile", lab.keys, *options] if keys else options
    return lab.run("openssl", "s_client", "-starttls", "smtp", "-name", "client.example.com",
                   "-tls" + version.replace(".", "_"), "-CAfile", PKI + "/trust.pem", "-verify_return_error",
                   "-verify_hostname", "mx1.example.net", "-connect", "mx1.example.net:25", "-crlf", "-quiet", *options, stdin="QUIT\n", timeout=20)


def handshake_with_gnutls(lab, version, *options, keys=False):
    """gnutls-cli, likewise."""
    program, environment = client_program("gnutls-cli")
    if keys:
        environment["SSLKEYLOGFILE"] = lab.keys
    return lab.run(program, "--starttls-proto=smtp", "--priority", GNUTLS_PRIORITIES[version], "--x509cafile",
                   PKI + "/trust.pem", "--crlf", "-p", "25", *options, "mx1.example.net", stdin="QUIT\n", env=environment,
                   timeout=20)


def handshake_with_java(lab, version):
    """Java's own TLS, which trusts the issuers that Java comes with."""
    return lab.run("java", os.path.join(TOOLS, "StartTls.java"), "mx1.example.net", 25, "TLSv" + version, timeout=40)


def try_each(lab, *clients, keys=False):
    """The clients by name and TLS version, one after the other: "openssl 1.2" and so on. All of them verify."""
    for client in clients:
        program, version = client.split()
        if program == "python":
            deliver_over_tls(lab, 25, version)
        elif program == "openssl":
            handshake_with_openssl(lab, version, keys=keys)
        elif program == "gnutls-cli":
            handshake_with_gnutls(lab, version, keys=keys)
        else:
            deliver_with_msmtp(lab, "mx1.example.net", 25, GNUTLS_PRIORITIES[version], login="", keys=keys)
