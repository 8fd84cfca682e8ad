"""A real SMTP server that keeps what it gets: FOLDER/00001.eml with 00001.json (its envelope).
Recipients whose name begins with temperror- or permerror- are refused for now or for good.
Usage: smtp_server.py PORT FOLDER"""
import json
import os
import sys
import time

from aiosmtpd.controller import Controller


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
        self.count += 1
        name = os.path.join(self.folder, f"{self.count:05}")
        content = envelope.original_content or envelope.content
        with open(name + ".tmp", "wb") as file:
            file.write(content)
        with open(name + ".json", "w") as file:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos, "at": time.time()}, file)
        os.rename(name + ".tmp", name + ".eml")
        return f"250 2.0.0 kept as {self.count}"


controller = Controller(Keep(sys.argv[2]), hostname="127.0.0.1", port=int(sys.argv[1]), data_size_limit=50_000_000, decode_data=False)
controller.start()
sys.stdin.read()  # ends with the test that started it
controller.stop()
