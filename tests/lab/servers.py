"""Real mail servers and proxies, each in its own overlay root, mount and PID namespace. Their configurations are in etc/."""
import os
import time

from network import GATEWAY, GATEWAY_OUT, MX1, MX1_6, SERVERS_RESOLVER, write_file
from programs import HERE, read_tool

POSTFIX_START = """cp /etc/services /etc/hosts /var/spool/postfix/etc/ 2>/dev/null
mkdir -p /etc/postfix/sasl
printf 'pwcheck_method: auxprop\\nauxprop_plugin: sasldb\\nmech_list: PLAIN LOGIN CRAM-MD5\\n' > /etc/postfix/sasl/smtpd.conf
echo 'secret-Pa55' | saslpasswd2 -p -c -u @HOST@ alice 2>&1
chgrp postfix /etc/sasldb2
chmod 640 /etc/sasldb2
@BEFORE@
exec postfix start-fg
"""
POSTFIX_SENDER = """import_environment = MAIL_CONFIG LD_PRELOAD=/keylog_preload.so SSLKEYLOGFILE=/keys
"""
POSTFIX_USERS = ("bob@example.net", "carol@example.net", "postmaster@example.net", "mailer@example.net", "bob")

EXIM_START = """mkdir -p /run/exim4
chown Debian-exim /run/exim4
touch /var/log/exim4/mainlog
chown Debian-exim /var/log/exim4/*
exec exim4 -bdf @OPTIONS@
"""

OPENSMTPD_START = """useradd -r -s /bin/sh lab 2>/dev/null
mkdir -p /var/spool/smtpd /var/empty /run
chmod 711 /var/spool/smtpd
chmod 600 /pki/*.key
exec smtpd -d -v
"""

SENDMAIL_START = """cd /etc/mail
chmod 600 /pki/*.key
m4 lab.mc > sendmail.cf || exit 1
sed -i 's/^O UseMSP=.*//' sendmail.cf
: > local-host-names
: > relay-domains
: > access
echo 'bob: /dev/null' > aliases
mkdir -p /run/sendmail/mta /var/spool/mqueue /var/lib/sendmail/host_status
chown smmta:smmsp /run/sendmail/mta 2>/dev/null
useradd -r bob 2>/dev/null
useradd -r carol 2>/dev/null
newaliases 2>&1
exec sendmail -bD -q10m -C /etc/mail/sendmail.cf
"""


def filled(text, **values):
    """@NAME@ becomes the value of name."""
    for name, value in values.items():
        text = text.replace("@%s@" % name.upper(), value)
    return text


def configuration(name, **values):
    with open(os.path.join(HERE, "etc", name)) as template:
        return filled(template.read(), **values)


def note_server(lab, software, host):
    lab.truth.setdefault("servers", []).append("%s as %s" % (software, host))


def postfix(lab, more="", host="mx1.example.net", domain="example.net", addresses=None, cert="mx", tag="",
            more_services="", before="", files=None):
    """more: lines of main.cf; more_services: of master.cf; before: shell commands that run first."""
    addresses = addresses or MX1 + ", " + MX1_6
    root_files = {
        "/etc/postfix/main.cf": configuration("postfix-main.cf", host=host, domain=domain, addresses=addresses, cert=cert,
                                              more=more),
        "/etc/postfix/master.cf": configuration("postfix-master.cf", more=more_services),
        "/etc/postfix/users": "".join(user + " x\n" for user in POSTFIX_USERS),
    }
    root_files.update(files or {})
    start = filled(POSTFIX_START, host=host, before=before)
    process = lab.start_in_root("postfix", "s", start, name=host, tag=tag, files=root_files)
    lab.wait_for_port(addresses.split(",")[0].strip(), 25)
    note_server(lab, "Postfix 3.7.11 (OpenSSL)", host)
    return process


def postfix_sender(lab, more=""):
    """Postfix on the client's host, which delivers what send_with_postfix() gives it; its TLS keys are logged."""
    files = {
        "/etc/postfix/main.cf": configuration("postfix-main.cf", host="client.example.com", domain="", addresses="127.0.0.1",
                                              cert="mx", more=POSTFIX_SENDER + more),
        "/etc/postfix/master.cf": configuration("postfix-master.cf", more=""),
        "/keylog_preload.c": read_tool("keylog_preload.c"),
    }
    before = "cc -shared -fPIC -o /keylog_preload.so /keylog_preload.c -lssl\n: > /keys\nchmod 666 /keys"
    start = filled(POSTFIX_START, host="client.example.com", before=before)
    process = lab.start_in_root("postfix", "c", start, name="client.example.com", tag="sender", files=files)
    lab.wait_for_port("127.0.0.1", 25, "c")
    note_server(lab, "Postfix 3.7.11 (OpenSSL)", "client.example.com, which sends")
    return process


def send_with_postfix(lab, sender, recipient):
    """One message; returns when the queue is empty, and keeps the keys that were logged."""
    text = "From: alice@example.com\nTo: %s\nSubject: lab\n\nHello.\n" % recipient
    lab.run_in_root_of(sender, "sendmail", "-f", "alice@example.com", recipient, stdin=text)
    lab.run_in_root_of(sender, "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; mailq | grep -q empty && break; done")
    write_file(lab.keys, lab.run_in_root_of(sender, "cat", "/keys").stdout)


def exim(lab, on="s", host="mx1.example.net", domain="example.net", addresses=None, tag="", ports="25 : 587 : 465", more="",
         routers="", remote=""):
    """on: "s", or "c" for one that sends; then it listens to the host itself only and works off its queue."""
    if addresses is None:
        addresses = "<; %s ; %s" % (MX1, MX1_6) if on == "s" else "127.0.0.1"
    text = configuration("exim4.conf", host=host, domain=domain, addresses=addresses, ports=ports, cert="mx", more=more,
                         routers=routers, remote=remote)
    start = filled(EXIM_START, options="" if on == "s" else "-q5s")
    process = lab.start_in_root("exim", on, start, name=host, tag=tag, files={"/etc/exim4/exim4.conf": text})
    lab.wait_for_port(addresses.replace("<;", "").split(";")[0].strip(), 25, on)
    note_server(lab, "Exim 4.96 (GnuTLS)", host)
    return process


def opensmtpd(lab, host, domain, address, tag=""):
    text = configuration("smtpd.conf", host=host, domain=domain, address=address)
    process = lab.start_in_root("opensmtpd", "s", OPENSMTPD_START, name=host, tag=tag, files={"/etc/smtpd.conf": text})
    lab.wait_for_port(address, 25)
    note_server(lab, "OpenSMTPD 6.8.0p2", host)
    return process


def sendmail(lab, host="mx1.example.net", address=MX1, tag=""):
    text = configuration("sendmail.mc", host=host, address=address)
    process = lab.start_in_root("sendmail", "s", SENDMAIL_START, name=host, tag=tag, files={"/etc/mail/lab.mc": text})
    lab.wait_for_port(address, 25)
    note_server(lab, "Sendmail 8.17.1.9", host)
    return process


def resolver(lab, options="", data=()):
    """Unbound on the gateway, instead of our own name server; it asks the one of the servers. data: records of its own."""
    lines = "".join(" local-data: '%s'\n" % record for record in data)
    text = configuration("unbound.conf", address=GATEWAY, upstream=SERVERS_RESOLVER, options=options, data=lines)
    process = lab.start_in_root("resolver", "m", "exec unbound -d -c /etc/unbound/lab.conf\n", name="dns.example.com",
                                files={"/etc/unbound/lab.conf": text})
    time.sleep(1)
    note_server(lab, "Unbound 1.17.1", "dns.example.com, the client's resolver")
    return process


def socks_proxies(lab):
    """Dante on port 1080, which does not allow port 25; microsocks on 1081, which wants a login."""
    text = configuration("danted.conf", internal=GATEWAY, external=GATEWAY_OUT)
    start = "microsocks -i %s -p 1081 -u alice -P secret-Pa55 &\nexec danted -N 2 -f /etc/danted.conf\n" % GATEWAY
    lab.start_in_root("proxy", "m", start, name="proxy.example.com", files={"/etc/danted.conf": text})
    for port in (1080, 1081):
        lab.wait_for_port(GATEWAY, port, "m")
    note_server(lab, "Dante 1.4.2 and microsocks 1.0.3", "proxy.example.com")


def web_proxy(lab):
    """Squid: tunnels to 465 and 587, for those who log in."""
    files = {"/etc/squid/squid.conf": configuration("squid.conf", address=GATEWAY)}
    start = "printf 'alice:%s\\n' \"$(openssl passwd -apr1 secret-Pa55)\" > /etc/squid/users\n"
    start += "chown -R proxy /var/spool/squid /var/log/squid\nexec squid -N -f /etc/squid/squid.conf\n"
    lab.start_in_root("proxy", "m", start, name="proxy.example.com", files=files)
    lab.wait_for_port(GATEWAY, 3128, "m")
    note_server(lab, "Squid 5.7", "proxy.example.com")


def balancer(lab, ways):
    """haproxy; ways: {port of the gateway: what follows the name in a server line}"""
    text = configuration("haproxy.cfg")
    for port, way in ways.items():
        text += "listen port%d\n bind %s:%d\n server mail %s\n" % (port, GATEWAY, port, way)
    lab.start_in_root("proxy", "m", "exec haproxy -db -f /etc/haproxy/haproxy.cfg\n", name="proxy.example.com",
                      files={"/etc/haproxy/haproxy.cfg": text})
    time.sleep(1)  # a connection to a port of it would be one to the server behind
    note_server(lab, "haproxy 2.6.12", "proxy.example.com")
