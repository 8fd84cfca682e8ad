"""The demo's mail server: takes any mail on a loopback port, keeps it, and lets nothing leave this machine.
Mail to the office is stamped as an organisation's border server stamps it (who was proven to have sent it: here everybody is)
and put into its mailbox by IMAP, at the moment that its Date tells, so that a story can be played in the past.
Usage: smtp_server.py PORT SPOOL IMAP_PORT OFFICE PASSWORD BORDER; ends when its standard input does."""
import asyncio
import datetime
import email
import email.policy
import email.utils
import imaplib
import json
import os
import sys

from aiosmtpd.controller import Controller

PORT, SPOOL, IMAP, OFFICE, PASSWORD, BORDER = sys.argv[1:7]
LOCAL, DOMAIN = OFFICE.split("@")


def is_office(address):
    local, _, domain = address.lower().partition("@")
    return domain == DOMAIN and local.partition("+")[0] == LOCAL


def stamped(raw, envelope_from):
    header = email.message_from_bytes(raw, policy=email.policy.compat32)
    writer = email.utils.parseaddr(str(header.get("From", "")))[1].rpartition("@")[2]
    top = (
        f"Return-Path: <{envelope_from}>\r\n"
        f"Authentication-Results: {BORDER};\r\n dmarc=pass (p=reject) header.from={writer}\r\n"
        f"Received: from [127.0.0.1] by {BORDER} with ESMTP; {email.utils.formatdate(localtime=True)}\r\n"
    )
    now = datetime.datetime.now(datetime.timezone.utc)
    try:
        written = email.utils.parsedate_to_datetime(header.get("Date", ""))
        written = now if written.tzinfo is None else min(written, now)
    except (TypeError, ValueError):
        written = now
    return top.encode() + raw, written


def deliver(raw, when):
    with imaplib.IMAP4("127.0.0.1", int(IMAP)) as box:
        box.login(OFFICE, PASSWORD)
        answer, what = box.append("INBOX", None, imaplib.Time2Internaldate(when), raw)
        if answer != "OK":
            raise OSError(what)


class Keep:
    count = 0

    async def handle_DATA(self, server, session, envelope):
        raw = envelope.original_content or envelope.content
        incoming = any(is_office(one) for one in envelope.rcpt_tos)
        if incoming:
            raw, when = stamped(raw, envelope.mail_from or "")
            try:
                await asyncio.get_running_loop().run_in_executor(None, deliver, raw, when)
            except (OSError, imaplib.IMAP4.error):
                return "451 4.3.0 the mailbox cannot be reached"
        Keep.count += 1
        name = os.path.join(SPOOL, f"{Keep.count:05}")
        with open(name + ".json", "w") as file:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos, "incoming": incoming}, file)
        with open(name + ".tmp", "wb") as file:
            file.write(raw)
        os.rename(name + ".tmp", name + ".eml")
        return f"250 2.0.0 kept as {Keep.count}"


controller = Controller(
    Keep(), hostname="127.0.0.1", port=int(PORT), server_hostname="localhost", data_size_limit=50_000_000, decode_data=False
)
controller.ready_timeout = 20
controller.start()
sys.stdin.read()
os._exit(0)
