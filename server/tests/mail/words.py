"""Writes words.json: the words that Python's `email` package finds in each mail of the folder `mails`.

Run it with Python 3 after a mail was added:

    python3 server/tests/mail/words.py

The test `keeps_every_word_that_python_finds` reads the result.
"""

import email
import email.policy
import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).parent


def read_texts(mail):
    """Yields the subjects and the texts of a mail and of the mails that it forwards, without attachments."""
    for part in mail.walk():
        if part["Subject"]:
            yield str(part["Subject"])
        if part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for block in part.get_payload():
                yield from (str(value) for value in block.values())
        elif part.get_content_maintype() == "text":
            try:
                yield part.get_content()
            except LookupError:
                # Python does not know the charset.
                yield part.get_payload(decode=True).decode("ascii", "replace")
        elif part.get_content_maintype() in ("multipart", "message") and not part.is_multipart():
            yield part.get_payload()


def find_words(raw):
    """Returns the words of a mail, without the characters that Python could not decode and that XML forbids."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    text = "\n".join(read_texts(mail))
    # Python stores bytes that it cannot decode as surrogates.
    text = re.sub("[\ufffd\ud800-\udfff\ufeff]", " ", text)
    text = re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    return sorted({word for word in text.split() if any(c.isalnum() for c in word)})


words = {path.stem: find_words(path.read_bytes()) for path in sorted((FOLDER / "mails").glob("*.eml"))}
(FOLDER / "words.json").write_text(json.dumps(words, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
