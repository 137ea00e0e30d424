"""Hostile shapes: texts that cost much time in a parser which is not careful, when they are repeated."""

#: What is repeated.
UNITS = (
    '<a href="http://x/<!--', '<a href="http://x/<!--‹!--">', "<", "<!", "<!--", "<?", "</",
    "<div>", "</div>", "<b><i>", "<p>", "<table><tr><td>", "<blockquote>", "<li><ul>", "<br>", "<o:",
    '<img src="cid:a">', "<span style='color:red'>x", '<p style="color:aaaa', '<p style="',
    "<style>a{color:red}", "<style>a{", "<!doctype html><html><body>", "<![CDATA[", "&", "&#",
    "&amp;", "&nbsp;", " ", "\t", "\n", "\r\n", "\r", "> ", ">\n", "-- \n", "x", "x ", "1", "1.",
    "é", "あ", "\u202e", "\x00", "=", "=?", "=?utf-8?q?", "=?utf-8?q?a?= ", "=?utf-8?b?4oKs?=",
    "=\n", "=E2", '"', "'", "\\", '\\"', "(", "()", ")", "[", "{", "{}", "/*", "*/", "url(", "%",
    "%20", "@", "a@b", "a@b.c,", "a@b.c ", "<a@b.c>", '"a" <a@b.c>, ', ",", ";", ":", "a:b;",
    "a=b;", "name*0=a;", "--b\n", "--b\n\n", "--b--\n", "cid:", "http://x.y/ ", "begin 644 a\nM\n",
    "=ybegin line=1 size=1 name=a\n", "BEGIN:VEVENT\n", "SUMMARY:x\n ", "From: a@b.c\n",
    "On Monday, Bo wrote:\n> x\n", "-----BEGIN PGP MESSAGE-----\n", "Re: ", "QUJD", "QUJD\n", "*",
    "_", "-", "~", "| ",
)  # fmt: skip
