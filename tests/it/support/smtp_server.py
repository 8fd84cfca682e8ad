"""A real SMTP server that keeps what it gets: FOLDER/00001.eml with 00001.json (its envelope).
Recipients whose name begins with temperror- or permerror- are refused for now or for good; toobig- takes 30 kB at most.
With a certificate: TLS from the first byte (implicit) or STARTTLS, and a login (user `service`, password `secret`) is demanded.
Usage: smtp_server.py PORT FOLDER [implicit|starttls CERTIFICATE KEY]"""
import json
import os
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Keep:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("temperror-"):
            return "451 4.3.0 try again later"
        if address.startswith("permerror-"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        content = envelope.original_content or envelope.content
        if len(content) > 30_000 and any(to.startswith("toobig-") for to in envelope.rcpt_tos):
            return "552 5.3.4 message too big"
        self.count += 1
        name = os.path.join(self.folder, f"{self.count:05}")
        with open(name + ".tmp", "wb") as file:
            file.write(content)
        with open(name + ".json", "w") as file:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos, "at": time.time()}, file)
        os.rename(name + ".tmp", name + ".eml")
        return f"250 2.0.0 kept as {self.count}"


def check(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"service", b"secret"), handled=False)


options = {}
if len(sys.argv) > 3:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
    options = {"authenticator": check, "auth_required": True}
    if sys.argv[3] == "implicit":
        options |= {"ssl_context": context, "auth_require_tls": False}
    else:
        options |= {"tls_context": context, "require_starttls": True}
controller = Controller(
    Keep(sys.argv[2]), hostname="127.0.0.1", port=int(sys.argv[1]), server_hostname="localhost",
    data_size_limit=50_000_000, decode_data=False, **options
)
controller.ready_timeout = 20
try:
    controller.start()
except ssl.SSLError:
    pass  # its own look at whether it listens does not speak our TLS
sys.stdin.read()  # ends with the test that started it
os._exit(0)
