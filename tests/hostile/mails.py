"""The hostile emails: what each of them tries, and its bytes.

In the HTML ``TRAP`` stands for a folder of the trap, and ``JS`` for a script that tells the page above
all frames that it ran. An image that a reader may ask for is ``TRAP/image.png``; whatever else is
loaded, is loaded against his will.
"""

import base64
from dataclasses import dataclass

# ruff: noqa: E501 - attacks read better in one piece

SVG = (
    "data:image/svg+xml;base64,"
    + base64.b64encode(
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="top.postMessage(`hostile:svg-data`,`*`)"/>'
    ).decode()
)


@dataclass(frozen=True)
class Hostile:
    """One hostile email.

    ``html`` is what is made of it for one trap; ``only_cleaning``: it asks the browser for something
    that neither sandbox nor policy forbid, so that only the cleaning stands against it.
    """

    name: str
    html: str
    content_type: str = "text/html; charset=utf-8"
    only_cleaning: bool = False

    @property
    def marker(self):
        """The text that it begins with, by which it is recognised."""
        return f"marker:{self.name};"

    def bytes(self):
        """The email."""
        encoded = self.html.encode("utf-8", "surrogateescape")
        head = (
            "From: Mallory <mallory@hostile.example>\r\nTo: office@club.example\r\n"
            "Subject: Greetings\r\nDate: Mon, 05 Jan 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{self.name}@hostile.example>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: {self.content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        )
        return head.encode() + base64.encodebytes(encoded)


def hostile_mails(trap_url):
    """All of them, for the trap at ``trap_url``."""
    for name, html in BODIES.items():
        mail = Hostile(name, "", only_cleaning=name in ONLY_CLEANING)
        script = f"top.postMessage(`hostile:{name}`,`*`)"
        html = html.replace("TRAP", f"{trap_url}/{name}").replace("JS", script)
        yield Hostile(
            name,
            f"<p>{mail.marker}</p>{html}<p>the end</p>",
            CONTENT_TYPES.get(name, mail.content_type),
            mail.only_cleaning,
        )


#: Browsers connect or look a name up for these whatever the policy says.
ONLY_CLEANING = frozenset(("link-preconnect", "link-dns-prefetch"))

CONTENT_TYPES = {
    "utf-7": "text/html; charset=utf-7",
    "charset-unknown": "text/html; charset=no-such-charset",
    "plain-text": "text/plain; charset=utf-8",
}

BODIES = {
    # -- scripts ----------------------------------------------------------------------------------
    "script": "<script>JS</script><script src=TRAP/hit></script><script type=module>JS</script>",
    "script-case": "<ScRiPt>JS</sCrIpT\n><script/x>JS</script>",
    "script-broken": "<scr<script>ipt>JS</scr</script>ipt><<script>JS//<</script>",
    "handlers": "<img src=x onerror=JS><body onload=JS><p onclick=JS onmouseover=JS onfocus=JS "
    "tabindex=0 autofocus>x</p><svg onload=JS><details open ontoggle=JS><summary>x</summary></details>"
    "<marquee onstart=JS>x</marquee><video onloadstart=JS src=x></video><audio src=x onerror=JS>"
    "<input autofocus onfocus=JS><select autofocus onfocus=JS><textarea autofocus onfocus=JS>"
    "</textarea><div onanimationstart=JS style='animation: x 1s'>x</div>"
    "<div onpointerrawupdate=JS onbeforematch=JS hidden=until-found>x</div>",
    "handlers-slashes": "<img/src=x/onerror=JS><img\tsrc=x\tonerror=JS><img\nsrc=x\nonerror\n=\nJS>"
    "<img src=x onerror\x0b=JS><img src='x'onerror=JS><img src=x oNeRrOr=JS>",
    "handlers-quotes": '<img src="x` `<script>JS</script>"` `><img alt="x\'" onerror=JS src=x>'
    '<a title="--><img src=x onerror=JS>">x</a>',
    "animation-events": "<style>@keyframes x{from{color:red}}</style><b style='animation-name:x' "
    "onanimationend=JS onwebkitanimationend=JS ontransitionend=JS>x</b>",
    # -- links ------------------------------------------------------------------------------------
    "links-javascript": "<a href='javascript:JS'>x</a><a href='JaVaScRiPt:JS'>x</a>"
    "<a href='java\tscript:JS'>x</a><a href='java\nscript:JS'>x</a><a href=' \x01javascript:JS'>x</a>"
    "<a href='&#106;avascript&colon;JS'>x</a><a href='javascript&Tab;:JS'>x</a>"
    "<a href='&#x6A&#x61vascript:JS'>x</a><a href='javascript\u200b:JS'>x</a>",
    "links-data": "<a href='data:text/html,<script>JS</script>'>x</a><a href='vbscript:JS'>x</a>"
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>"
    "<a href='blob:null/1'>x</a><a href='filesystem:x'>x</a><a href='view-source:x'>x</a>",
    "links-top": "<a href='TRAP/hit' target=_top>x</a><a href=/web/session/logout target=_parent>x</a>"
    "<a href='TRAP/hit' ping='TRAP/hit'>x</a><a href=TRAP/hit download=x>x</a>",
    "links-map": "<img src=x usemap=#m><map name=m><area href='javascript:JS' shape=default></map>",
    "links-bidi": "<a href='https://evil.invalid/'>\u202emoc.knab//:sptth</a>"
    "<bdo dir=rtl><a href='https://evil.invalid/'>elpmaxe.knab</a></bdo>",
    "links-anchors": "<a name=top href=#top>x</a><a id=o_main_navbar href='#o_main_navbar'>x</a>",
    "anchor-clobber": "<a id=defaultView name=defaultView href=x>x</a><a id=odoo></a>"
    "<form id=odoo name=odoo><input name=__session_info__></form><img name=body><img id=cookie>"
    "<form name=body><input id=attributes><input id=parentNode></form>",
    # -- documents within documents -----------------------------------------------------------------
    "iframe": "<iframe src=TRAP/hit></iframe><iframe src='javascript:JS'></iframe>",
    "iframe-srcdoc": "<iframe srcdoc='<script>JS</script><img src=TRAP/hit>'></iframe>",
    "frameset": "<frameset><frame src='TRAP/hit'><frame src='javascript:JS'></frameset>",
    "object": "<object data=TRAP/hit></object><embed src=TRAP/hit><applet code=x archive=TRAP/hit>"
    "</applet><object type=text/html data='data:text/html,<script>JS</script>'></object>"
    "<embed src='javascript:JS'><object><param name=src value=TRAP/hit></object>",
    "portal": "<portal src=TRAP/hit></portal><fencedframe src=TRAP/hit></fencedframe>",
    "meta-refresh": "<meta http-equiv=refresh content='0;url=TRAP/hit'>",
    "meta-refresh-script": "<meta http-equiv=refresh content='0;url=javascript:JS'>"
    "<meta http-equiv=refresh content='0;url=data:text/html,<script>JS</script>'>",
    "meta-others": "<meta http-equiv=set-cookie content='x=y'><meta name=referrer content=unsafe-url>"
    "<meta http-equiv=Content-Security-Policy content=\"default-src *; script-src 'unsafe-inline'\">"
    "<meta name=color-scheme content=dark><meta http-equiv=x-dns-prefetch-control content=on>",
    "base": "<base href='TRAP/hit/'><base target=_top><img src=hit><a href=hit>x</a>",
    "import-map": "<script type=importmap>{}</script><script type=speculationrules>"
    '{"prefetch":[{"source":"list","urls":["TRAP/hit"]}]}</script>',
    # -- forms --------------------------------------------------------------------------------------
    "forms": "<form action=TRAP/hit><input name=password type=password autofocus>"
    "<button formaction='javascript:JS' autofocus>x</button><input type=image src=TRAP/hit></form>"
    "<form id=f action=/web/session/logout></form><button form=f>x</button>"
    "<isindex action=TRAP/hit><keygen autofocus onfocus=JS>",
    "form-in-form": "<form action=TRAP/hit><div></form><form action=TRAP/hit><input>"
    "<math><mtext></form><form><mglyph><style></math><img src=x onerror=JS>",
    "dialog": "<dialog open style='position:fixed;inset:0'>Your session has expired<input autofocus>"
    "</dialog><div popover=manual id=p>x</div><button popovertarget=p autofocus>x</button>"
    "<button command=show-modal commandfor=p>x</button>",
    # -- links that load by themselves ----------------------------------------------------------------
    "link-stylesheet": "<link rel=stylesheet href=TRAP/hit><link rel=icon href=TRAP/hit>"
    "<link rel=manifest href=TRAP/hit><link rel=modulepreload href=TRAP/hit>"
    "<link rel=import href=TRAP/hit>",
    "link-prefetch": "<link rel=prefetch href=TRAP/hit><link rel=preload as=image href=TRAP/hit>"
    "<link rel=prerender href=TRAP/hit><link rel=next href=TRAP/hit>",
    "link-preconnect": "<link rel=preconnect href=TRAP/>",
    "link-dns-prefetch": "<link rel=dns-prefetch href='//hostile.invalid'>",
    # -- CSS ------------------------------------------------------------------------------------------
    "css-import": "<style>@import 'TRAP/hit'; @import url(TRAP/hit);</style>",
    "css-font-face": "<style>@font-face{font-family:x;src:url(TRAP/hit)} *{font-family:x}</style>"
    "<p style='font-family:x'>x</p>",
    "css-images": "<p style='background:url(TRAP/hit)'>x</p><p style='background-image:url(\"TRAP/hit\")'"
    ">x</p><ul style='list-style-image:url(TRAP/hit)'><li style='list-style:url(TRAP/hit)'>x</ul>"
    "<p style='cursor:url(TRAP/hit),auto'>x</p><p style='border-image:url(TRAP/hit) 1'>x</p>"
    "<p style='content:url(TRAP/hit)'>x</p><p style='mask:url(TRAP/hit);-webkit-mask-image:url(TRAP/hit);"
    "filter:url(TRAP/hit#x);clip-path:url(TRAP/hit#x);shape-outside:url(TRAP/hit)'>x</p>"
    "<p style='-webkit-box-reflect:below 0 url(TRAP/hit)'>x</p><p style='offset-path:url(TRAP/hit#x)'>x</p>",
    "css-image-set": "<p style='background-image:image-set(\"TRAP/hit\" 1x)'>x</p>"
    "<p style='background-image:-webkit-image-set(url(TRAP/hit) 1x)'>x</p>"
    "<p style='background:cross-fade(url(TRAP/hit),url(TRAP/hit),50%)'>x</p>"
    "<p style='background:-webkit-cross-fade(url(TRAP/hit),url(TRAP/hit),50%)'>x</p>"
    "<p style='background:image(\"TRAP/hit\")'>x</p>",
    "css-escapes": "<p style='background:u\\72l(TRAP/hit)'>x</p><p style='b\\61ckground:url(TRAP/hit)'>x"
    "</p><p style='background:/**/url/**/(TRAP/hit)'>x</p><p style='background:url(/**/TRAP/hit)'>x</p>"
    "<p style='background:URL(TRAP/hit)'>x</p><p style=\"background:&#117;rl(TRAP/hit)\">x</p>"
    "<p style='--x:url(TRAP/hit);background:var(--x)'>x</p>",
    "css-page": "<style>html,body,.o_main_navbar,.o_form_view,*{display:none!important}"
    "body::before{content:url(TRAP/hit)} :root{--o-color:red} @page{margin:0}"
    "@media print{body{background:url(TRAP/hit)}} @view-transition{navigation:auto}"
    "input[value^=a]{background:url(TRAP/hit)} ::view-transition{display:none}</style>"
    "</style><p class='o_form_view modal o_dialog d-none' id=o_main_navbar>x</p>",
    "css-overlay": "<div style='position:fixed;inset:0;z-index:2147483647;background:red'>x</div>"
    "<div style='position:absolute;top:-9999px;left:-9999px;width:99999px;height:99999px'>x</div>"
    "<div style='margin:-5000px;transform:scale(1000)'>x</div><div style='position:sticky;top:0'>x</div>",
    "css-expression": "<p style='width:expression(JS);behavior:url(TRAP/hit);-moz-binding:url(TRAP/hit)'>"
    "x</p><p style='x:\"</style><img src=x onerror=JS>\"'>x</p><style></style><img src=x onerror=JS>",
    # -- media ------------------------------------------------------------------------------------------
    "images": "<img src='TRAP/image.png'><img src='TRAP/image.png' width=1 height=1>",
    "images-sources": "<img srcset='TRAP/hit 1x, TRAP/hit 2x'><picture><source srcset=TRAP/hit><img "
    "srcset=TRAP/hit></picture><img lowsrc=TRAP/hit dynsrc=TRAP/hit longdesc=TRAP/hit>"
    "<image src=TRAP/image.png><img imagesrcset=TRAP/hit>",
    "images-odd": f"<img src='{SVG}'><img src='javascript:JS'><img src='/web/session/logout'>"
    "<img src='/web/image/../session/logout'><img src='/web/image/1%2f..%2f..%2fsession/logout'>"
    "<img src='file:///etc/passwd'><img src='data:text/html,<script>JS</script>'>",
    "background-attribute": "<table background=TRAP/hit><tr background=TRAP/hit><td background=TRAP/hit>"
    "x</td></tr></table><div background=TRAP/hit>x</div>",
    "css-own-image": "<p style='background:url(/web/image/1) TRAP/hit'>x</p><p style='background:url(/web/image/1)"
    ",url(TRAP/hit)'>x</p><p style='background:url(/web/image/1\\29,url(TRAP/hit)'>x</p><p style='background:"
    "url(/web/image/1?/../../TRAP/hit)'>x</p><p style='background-image:url(/web/image/1)url(TRAP/hit)'>x</p>"
    "<img data-original-src='TRAP/hit'><img src=/web/image/1 data-original-src='/web/image/1 TRAP/hit'>",
    "css-sheet-backgrounds": "<style>.x,#x{background:url(TRAP/hit)} body{background:url(TRAP/hit)}"
    ".y{background:#fff url('TRAP/hit');background-image:url(/web/image/1),url(TRAP/hit)}"
    ".z{background:red;}</style><body><p class='x y z' id=x>x</p></body>",
    "video-poster": "<video poster=TRAP/hit src=TRAP/hit onloadstart=JS><source src=TRAP/hit onerror=JS>"
    "<img src=x onerror=JS></video><audio src=TRAP/hit autoplay onerror=JS><script>JS</script></audio>",
    "body-background": "<body background=TRAP/hit style='background:url(TRAP/hit)' onload=JS>x</body>",
    "media": "<video src=TRAP/hit poster=TRAP/hit autoplay><source src=TRAP/hit><track src=TRAP/hit "
    "default></video><audio src=TRAP/hit autoplay></audio><bgsound src=TRAP/hit>",
    # -- SVG and MathML ----------------------------------------------------------------------------------
    "svg": "<svg><script>JS</script><use href='TRAP/hit#x'/><image href='TRAP/hit' width=9 height=9 "
    "xlink:href='TRAP/hit'/><a xlink:href='javascript:JS'><text>x</text></a><feImage href=TRAP/hit /></svg>",
    "svg-animate": "<svg><a><animate attributeName=href values='javascript:JS'/><text>x</text></a>"
    "<animate onbegin=JS attributeName=x dur=1s><set attributeName=onload to=JS></svg>",
    "svg-foreign": "<svg><foreignObject><iframe srcdoc='<script>JS</script>'></iframe><body onload=JS>"
    "<img src=x onerror=JS></foreignObject><style>@import 'TRAP/hit'</style></svg>",
    "math": "<math href='javascript:JS'><mi xlink:href='javascript:JS'>x</mi><maction actiontype='statusline'"
    " xlink:href='TRAP/hit'>x</maction><annotation-xml encoding='text/html'><img src=x onerror=JS>"
    "</annotation-xml></math>",
    "xml": "<?xml version='1.0'?><?xml-stylesheet href='TRAP/hit'?><x xmlns:xlink='http://www.w3.org/1999/"
    "xlink' xlink:href='TRAP/hit' xml:base='TRAP/hit/'><xml id=x src=TRAP/hit></xml></x>"
    "<![CDATA[<img src=x onerror=JS>]]><!ENTITY x SYSTEM 'TRAP/hit'>",
    # -- parsers that disagree -----------------------------------------------------------------------------
    "mxss-noscript": '<noscript><p title="</noscript><img src=x onerror=JS>"></noscript>',
    "mxss-template": "<template><img src=x onerror=JS><script>JS</script></template>"
    "<div><template shadowrootmode=open><img src=x onerror=JS></template></div>",
    "mxss-math-style": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x '
    'onerror=JS&gt;">',
    "mxss-svg-style": '<svg></p><style><a id="</style><img src=x onerror=JS>">',
    "mxss-svg-title": "<svg><title><style><img title='</style></title><img src=x onerror=JS>'>",
    "mxss-select": "<select><style></select><img src=x onerror=JS></style></select>"
    '<select><template><style><!--</style><a title="--><img src=x onerror=JS>"></template></select>',
    "mxss-comments": "<!--><img src=x onerror=JS>--><!--!><img src=x onerror=JS>--><!-- --!><img src=x "
    "onerror=JS> --><!---><img src=x onerror=JS>--><!-<img src=x onerror=JS>-->",
    "mxss-cdata": "<svg><![CDATA[><img src=x onerror=JS>]]></svg><math><![CDATA[<style>]]><img src=x "
    "onerror=JS></math>",
    "mxss-raw-text": "<xmp><p title='</xmp><img src=x onerror=JS>'></xmp><noembed><p title='</noembed><img "
    "src=x onerror=JS>'></noembed><noframes><p title='</noframes><img src=x onerror=JS>'></noframes>"
    "<listing>&lt;img src=x onerror=JS&gt;</listing><textarea><p title='</textarea><img src=x onerror=JS>'>"
    "</textarea><title><p title='</title><img src=x onerror=JS>'></title>",
    "mxss-plaintext": "<plaintext><img src=x onerror=JS></plaintext><script>JS</script>",
    "mxss-table": "<table><img src=x onerror=JS><tr><script>JS</script><td><caption><svg><desc><table>"
    "<caption></caption><img src=x onerror=JS></table>",
    "mxss-entities": "<p title='&lt;/p&gt;&lt;img src=x onerror=JS&gt;'>&lt;script&gt;JS&lt;/script&gt;"
    "</p><p>&amp;lt;img src=x onerror=JS&amp;gt;</p>",
    "mxss-namespaces": "<math><annotation-xml encoding='text/html'><svg><foreignobject><math><mi><style>"
    "</math><img src=x onerror=JS><svg><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a "
    'title="</style><img src=x onerror=JS>"></style></h1>',
    "conditional": "<!--[if gte mso 9]><script>JS</script><![endif]--><![if !mso]><img src=x onerror=JS>"
    "<![endif]><!--[if !IE]><!--><script>JS</script><!--<![endif]--><comment><img src=x onerror=JS>"
    "</comment>",
    # -- text ------------------------------------------------------------------------------------------------
    "bidi": "<p>\u202e\u2066\u2067\u2068</p><p>\u202dtxt.exe\u202c \u061c</p><bdo dir=rtl>x</bdo>",
    "zero-width": "<p>"
    + "\u200b\u200c\u200d\u2060\ufeff" * 2000
    + "x</p><p>Z"
    + "\u0336\u0489" * 2000
    + "</p>",
    "null-bytes": "<scr\x00ipt>JS</scr\x00ipt><img src=x on\x00error=JS><a href='java\x00script:JS'>x</a>",
    "controls": "<img src=x\x0conerror=JS><\x01img src=x onerror=JS><a href='\x1bjavascript:JS'>x</a>",
    "utf-7": "+ADw-script+AD4-JS+ADw-/script+AD4-<p>+ADw-img src=x onerror=JS+AD4-</p>",
    "charset-meta": "<meta charset=utf-7><meta http-equiv=Content-Type content='text/html; charset=utf-7'>"
    "+ADw-img src=x onerror=JS+AD4-\x1b$B<img src=x onerror=JS>\x1b(B",
    "charset-unknown": "<script>JS</script><img src=x onerror=JS>",
    "plain-text": '<script>JS</script> <img src=x onerror=JS> javascript:JS https://x.invalid/"onclick=JS',
    # -- more than a browser likes --------------------------------------------------------------------------
    "deep": "<div>" * 20000 + "<img src=x onerror=JS>" + "</div>" * 20000,
    "deep-quotes": "<blockquote type=cite>" * 300 + "x" + "</blockquote>" * 300,
    "deep-fonts": "<big><font size=7>" * 150 + "x",
    "attributes": "<p "
    + " ".join(f"a{number}=JS" for number in range(100_000))
    + " onclick=JS>x</p>",
    "huge-table": "<table border=1 width=100000>"
    + "<tr>"
    + "<td nowrap>xxxxxxxxxx</td>" * 300
    + "</tr>"
    + "<tr><td colspan=99999 rowspan=99999 height=99999>x</td></tr></table>",
    "huge-sizes": "<div style='width:10000px;height:1000000px;font-size:9999px'>x</div><pre>"
    + "x" * 5000
    + "</pre><img width=99999 height=99999 src=TRAP/image.png>",
    "unclosed": "<a href='https://x.invalid'><table><tr><td><b><i><font color=white>" * 50,
    "unclosed-attribute": "<p>x</p><img src=x onerror='JS'><img alt=\"",
}
