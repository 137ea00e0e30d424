"""The emails of a folder: files, mbox files, maildirs."""

from dev.differential.mailboxes import mails

LETTERS = b"From ana@x.example Thu Apr  2 10:00:00 2026\nSubject: one\n\nHello\n\n" \
    b"From bo@x.example Fri Apr  3 10:00:00 2026\nSubject: two\n\nFrom here on\n"  # fmt: skip


def test_emails_of_a_folder(tmp_path):
    for place, data in {
        "b.eml": b"\nbroken",
        "a/noted": b"Received: x\n\n",
        "a/box.mbox": LETTERS,
        "a/saved.txt": LETTERS[:60],
        "a/maildir/cur/1:2,S": b"Subject: read\n\n",
        "a/maildir/new/2": b"Subject: new\n\n",
        "a/maildir/tmp/3": b"Subject: on its way\n\n",
        "a/maildir/.Sent/cur/4": b"Subject: sent\n\n",
        "LICENCE": b"Do as you like: ever.\n",
        "outlook.msg": b"\xd0\xcf\x11\xe0" + b"From: x\n",
        "empty.eml": b"",
        ".hidden": b"Subject: x\n\n",
    }.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "a/maildir/.Sent/new").mkdir()
    found, others = mails(tmp_path)
    assert [mail.name for mail in found] == [
        "b.eml", "a/box.mbox:1", "a/box.mbox:2", "a/noted", "a/saved.txt",
        "a/maildir/.Sent/cur/4", "a/maildir/cur/1:2,S", "a/maildir/new/2",
    ]  # fmt: skip
    assert [path.name for path in others] == ["LICENCE", "empty.eml", "outlook.msg"]
    one, two, saved = found[1], found[2], found[4]
    assert one.read() == b"Subject: one\n\nHello\n\n"
    assert two.read() == b"Subject: two\n\nFrom here on\n"
    assert saved.read() == LETTERS[:60]
    assert [mail.name for mail in mails(tmp_path / "b.eml")[0]] == ["b.eml"]
