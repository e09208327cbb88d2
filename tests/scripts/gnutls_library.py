"""TLS by GnuTLS over a connected socket, with any single cipher suite; both ends. gnutls-serv can only echo, so the library
itself is used. Keys go where SSLKEYLOGFILE says, which must be set before the first connection."""
import ctypes
import ctypes.util

SERVER, CLIENT = 1, 2
CRD_CERTIFICATE, CRD_ANON, CRD_SRP, CRD_PSK = 1, 2, 3, 4
FMT_PEM = 1
AGAIN, INTERRUPTED = -28, -52

lib = ctypes.CDLL(ctypes.util.find_library("gnutls") or "libgnutls.so.30")
for name in ("cipher_suite_info", "kx_get_name", "cipher_get_name", "mac_get_name", "protocol_get_name", "strerror"):
    getattr(lib, "gnutls_" + name).restype = ctypes.c_char_p
lib.gnutls_record_recv.restype = lib.gnutls_record_send.restype = ctypes.c_ssize_t
lib.gnutls_record_recv.argtypes = lib.gnutls_record_send.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
lib.gnutls_global_init()


class Datum(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_uint)]


class Failed(Exception):
    pass


def check(result):
    if result < 0:
        raise Failed(lib.gnutls_strerror(result).decode())
    return result


def suites():
    """All of them: number, key exchange, cipher, MAC and the oldest version as priority strings call them."""
    index, found = 0, []
    while True:
        number = ctypes.create_string_buffer(2)
        kx, cipher, mac, version = (ctypes.c_int() for _ in range(4))
        name = lib.gnutls_cipher_suite_info(index, number, *map(ctypes.byref, (kx, cipher, mac, version)))
        if not name:
            return found
        words = [lib.gnutls_kx_get_name(kx), lib.gnutls_cipher_get_name(cipher), lib.gnutls_mac_get_name(mac),
                 lib.gnutls_protocol_get_name(version)]
        found.append((int.from_bytes(number.raw, "big"), *[w.decode() if w else "" for w in words]))
        index += 1


def pointer():
    return ctypes.c_void_p()


class Credentials:
    """For every key exchange there is. folder: NAME.pem and NAME.key for rsa, ec, dsa; srp.pwd and srp.conf."""

    def __init__(self, is_server, folder):
        certificate, anon, psk, srp = pointer(), pointer(), pointer(), pointer()
        check(lib.gnutls_certificate_allocate_credentials(ctypes.byref(certificate)))
        end = "server" if is_server else "client"
        for kind, to in (("anon", anon), ("psk", psk), ("srp", srp)):
            check(getattr(lib, "gnutls_%s_allocate_%s_credentials" % (kind, end))(ctypes.byref(to)))
        if is_server:
            for name in ("rsa", "ec", "dsa"):
                check(lib.gnutls_certificate_set_x509_key_file(
                    certificate, (folder + "/%s.pem" % name).encode(), (folder + "/%s.key" % name).encode(), FMT_PEM))
            lib.gnutls_certificate_set_known_dh_params(certificate, 3)
            lib.gnutls_anon_set_server_known_dh_params(anon, 3)
            lib.gnutls_psk_set_server_known_dh_params(psk, 3)
            check(lib.gnutls_psk_set_server_credentials_file(psk, (folder + "/psk").encode()))
            check(lib.gnutls_srp_set_server_credentials_file(srp, (folder + "/srp.pwd").encode(),
                                                             (folder + "/srp.conf").encode()))
        else:
            key = Datum(b"00112233445566778899aabbccddeeff", 32)
            check(lib.gnutls_psk_set_client_credentials(psk, b"user", ctypes.byref(key), 1))
            check(lib.gnutls_srp_set_client_credentials(srp, b"user", b"password"))
        self.of_kind = {CRD_CERTIFICATE: certificate, CRD_ANON: anon, CRD_PSK: psk, CRD_SRP: srp}


class Connection:
    def __init__(self, sock, is_server, priority, credentials):
        self.sock, self.session = sock, pointer()
        check(lib.gnutls_init(ctypes.byref(self.session), SERVER if is_server else CLIENT))
        wrong = ctypes.c_char_p()
        if lib.gnutls_priority_set_direct(self.session, priority.encode(), ctypes.byref(wrong)) < 0:
            raise Failed("priority: %s" % wrong.value)
        for kind, value in credentials.of_kind.items():
            check(lib.gnutls_credentials_set(self.session, kind, value))
        lib.gnutls_handshake_set_timeout(self.session, 5000)
        lib.gnutls_transport_set_int2(self.session, sock.fileno(), sock.fileno())

    def handshake(self):
        while True:
            result = lib.gnutls_handshake(self.session)
            if result not in (AGAIN, INTERRUPTED):
                return check(result)

    def send(self, data):
        check(lib.gnutls_record_send(self.session, data, len(data)))

    def receive(self):
        room = ctypes.create_string_buffer(4096)
        return room.raw[:check(lib.gnutls_record_recv(self.session, room, len(room)))]

    def close(self):
        lib.gnutls_bye(self.session, 1)
        lib.gnutls_deinit(self.session)
        self.sock.close()
