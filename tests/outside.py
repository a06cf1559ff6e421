"""What lies outside, on loopback: an Amazon SNS that signs, and an IMAP server with and without TLS."""

import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from base64 import b64encode
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from metengage import machine, sns

AMAZON = "sns.eu-west-2.amazonaws.com"
TOPIC = "arn:aws:sns:eu-west-2:123456789012:bounces"
CERTIFICATE = f"https://{AMAZON}/SimpleNotificationService-0123456789abcdef.pem"
SUBSCRIBE = f"https://{AMAZON}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37"


class _Front(socketserver.ThreadingTCPServer):
    """A server on loopback that speaks TLS under another host's name."""

    daemon_threads = True

    def __init__(self, host: str, handler: type):
        super().__init__(("127.0.0.1", 0), handler)
        self.authority = trustme.CA()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(host).configure_cert(self.tls)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def trusted(self, monkeypatch, folder: Path) -> None:
        """Let this process trust its certificate, as it trusts those of the world."""
        self.authority.cert_pem.write_to_path(folder / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))

    def handle_error(self, *_) -> None:
        """Who does not trust us hangs up; nobody need read of it."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


# --- Amazon SNS ---


class Amazon(_Front):
    """SNS as a message of it comes to us and as we come to it: through a web proxy, which is itself."""

    def __init__(self, host: str = AMAZON):
        super().__init__(host, _AmazonHandler)
        self.renew()
        self.forget()

    def forget(self) -> None:
        self.asked: list[str] = []  # the paths that were fetched
        self.answer = "200 OK"

    def renew(self, **limits) -> None:
        """Sign with another certificate from now on; `limits` are not_before and not_after."""
        self.signer = self.authority.issue_cert("sns.amazonaws.com", key_type=trustme.KeyType.RSA, **limits)

    @property
    def pem(self) -> bytes:
        return self.signer.cert_chain_pems[0].bytes()

    def message(self, event: dict | str, version: str = "2", **instead) -> dict:
        """A notification of this event as SNS posts it, signed."""
        text = event if isinstance(event, str) else json.dumps(event)
        facts = {
            "Type": "Notification", "MessageId": "da41e39f-ea4d-435a-b922-c6aae3915ebe", "TopicArn": TOPIC,
            "Message": text, "Timestamp": "2026-11-22T12:00:00.000Z", "SigningCertURL": CERTIFICATE,
        }  # fmt: skip
        return self.signed(facts | {"SignatureVersion": version} | instead)

    def handshake(self, **instead) -> dict:
        words = {"Type": "SubscriptionConfirmation", "Token": "2336412f37", "SubscribeURL": SUBSCRIBE}
        return self.message("You have chosen to subscribe.", **(words | instead))

    def signed(self, facts: dict) -> dict:
        key = load_pem_private_key(self.signer.private_key_pem.bytes(), None)
        names = sns.SIGNED[facts["Type"]]
        text = "".join(f"{name}\n{facts[name]}\n" for name in names if name in facts)
        hash_used = SHA1() if facts["SignatureVersion"] == "1" else SHA256()
        return facts | {"Signature": b64encode(key.sign(text.encode(), PKCS1v15(), hash_used)).decode()}


class _AmazonHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        with self.server.tls.wrap_socket(self.connection, server_side=True) as secure:
            self._answer(secure)

    def _answer(self, secure: ssl.SSLSocket) -> None:
        with secure.makefile("rb") as lines:
            path = lines.readline().split()[1].decode()
            while lines.readline().strip():
                pass
        self.server.asked.append(path)
        body = self.server.pem if path.endswith(".pem") else b"<ConfirmSubscriptionResponse/>"
        head = (
            f"HTTP/1.1 {self.server.answer}\r\nLocation: https://{AMAZON}/elsewhere.pem\r\nContent-Length: {len(body)}"
        )
        secure.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode() + body)


# --- IMAP ---


def start_imap() -> tuple[subprocess.Popen, int]:
    """An IMAP server whose user is “bounces” with the password “p@ss”; (process, port)."""
    port = machine.free_port(20_000 + (os.getpid() * 7) % 20_000)
    process = subprocess.Popen(
        [
            Path(sys.executable).with_name("pymap"), "--host", "127.0.0.1", "--port", str(port), "--no-tls",
            "dict", "--demo-user", "bounces", "--demo-password", "p@ss",
        ]
    )  # fmt: skip
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.05)
    raise RuntimeError("the IMAP server did not start")


class Imaps(_Front):
    """TLS in front of that IMAP server."""

    def __init__(self, behind: int):
        self.behind = behind
        super().__init__("localhost", _ImapsHandler)


class _ImapsHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with (
            self.server.tls.wrap_socket(self.request, server_side=True) as secure,
            socket.create_connection(("127.0.0.1", self.server.behind)) as plain,
        ):
            threading.Thread(target=_carry, args=(plain, secure), daemon=True).start()
            _carry(secure, plain)


def _carry(source: socket.socket, target: socket.socket) -> None:
    try:
        while some := source.recv(65536):
            target.sendall(some)
    except OSError:
        return
