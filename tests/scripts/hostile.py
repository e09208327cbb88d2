"""A capture in which everything that a stranger can choose is markup, a formula, or something that a terminal obeys."""
from connections import Connection, Wire
from packets import write_pcap

MARKUP = '<script>window.hacked=1</script>"><img src=x onerror="window.hacked=1"></title></style><svg/onload=hacked=1>'
LINK = "[here](javascript:alert(1)) ![](http://evil.example/a.png) www.evil.example @everyone | `x` ``` ]]> -->"
FORMULA = "=cmd|' /C calc'!A0"
CONTROLS = "\x1b[31m\x08\x7f\u202e&lt;&#60;"
GREETING = "mx.example.net " + MARKUP + LINK
DIALOGUES = [
    ["S: 220 " + GREETING, "C: EHLO " + MARKUP, "S: 250-" + MARKUP, "S: 250-" + LINK, "S: 250 " + FORMULA,
     "C: MAIL FROM:<" + FORMULA + "@example.com>", "S: 250 " + CONTROLS, "C: RCPT TO:<\"" + MARKUP + "\"@example.net>",
     "S: 550 5.1.1 " + MARKUP + CONTROLS, "C: RCPT TO:<+1@example.net>", "S: 550 5.1.1 " + LINK,
     "C: RCPT TO:<@SUM(1)>", "S: 450 4.7.1 " + FORMULA, "C: QUIT", "S: 221 " + MARKUP],
    ["S: 554 " + FORMULA],
    ["S: 554 \t+1 " + LINK],
    ["S: 220 -1 " + MARKUP, "C: AUTH " + MARKUP, "S: 535 5.7.8 @SUM(A1) " + LINK, "C: " + MARKUP, "S: 500 " + MARKUP],
]


def write_hostile(path):
    wire = Wire()
    for lines in DIALOGUES:
        connection = Connection(wire)
        connection.connect()
        for line in lines:
            connection.send(line[0], line[3:].encode() + b"\r\n")
        connection.close("C")
    write_pcap(path, wire.packets)
