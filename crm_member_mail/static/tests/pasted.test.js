import { expect, test } from "@odoo/hoot";
import { STYLE, tidyPasted } from "@crm_member_mail/composer/pasted";

const item = (level, marker, text) =>
    `<p class="MsoListParagraph" style="margin-left:36pt;text-indent:-18pt;mso-list:l0 level${level} lfo1">` +
    `<![if !supportLists]><span style="font-family:Symbol"><span style="mso-list:Ignore">${marker}<span>&nbsp; </span>` +
    `</span></span><![endif]>${text}<o:p></o:p></p>\n`;

function pasted(html) {
    const { body } = new DOMParser().parseFromString(tidyPasted(html), "text/html");
    for (const element of body.querySelectorAll("*")) {
        for (const { name } of [...element.attributes]) {
            if (!["start", "src", STYLE].includes(name)) {
                element.removeAttribute(name);
            }
        }
    }
    return body.innerHTML
        .replace(/<!--.*?-->|<\/?o:p>|<span><\/span>|\n/g, "")
        .replaceAll(STYLE, "style");
}

test("lists of Word", () => {
    expect(
        pasted(
            `<p class="MsoNormal">Before</p>${item(1, "·", "one")}${item(2, "o", "deep")}${item(1, "·", "two")}` +
                `<p class="MsoNormal">Between</p>${item(1, "3.", "three")}${item(1, "4.", "four")}`
        )
    ).toBe(
        "<p>Before</p><ul><li>one<ul><li>deep</li></ul></li><li>two</li></ul>" +
            '<p>Between</p><ol start="3"><li>three</li><li>four</li></ol>'
    );
});

test("a list of Word below another one", () => {
    const other = (...of) => item(...of).replace("mso-list:l0", "mso-list:l1");
    expect(pasted(item(1, "·", "one") + other(1, "1.", "two") + other(1, "2.", "three"))).toBe(
        "<ul><li>one</li></ul><ol><li>two</li><li>three</li></ol>"
    );
    expect(pasted(item(1, "·", "one") + other(2, "a.", "deep") + item(1, "·", "two"))).toBe(
        "<ul><li>one<ol><li>deep</li></ol></li><li>two</li></ul>"
    );
});

test("lists and colours of Gmail and of Outlook on the web", () => {
    expect(
        pasted(
            '<ol><li style="color: rgb(32, 33, 36); font-family: Arial">a</li></ol>' +
                '<p><span style="color: rgb(204, 0, 0); font-size: 12pt">red</span> ' +
                '<span style="background-color: rgb(255, 255, 0)">marked</span> ' +
                '<span style="color: black">plain</span> <font color="#00ff00">green</font></p>'
        )
    ).toBe(
        '<ol><li style="color: rgb(32, 33, 36)">a</li></ol>' +
            '<p><span><font style="color: rgb(204, 0, 0)">red</font></span> ' +
            '<span><font style="background-color: rgb(255, 255, 0)">marked</font></span> ' +
            '<span>plain</span> <font style="color: rgb(0, 255, 0)">green</font></p>'
    );
});

test("pictures that exist only there are left out", () => {
    expect(
        pasted(
            '<p>a<img src="file:///C:/Users/x/clip_image001.png"><img src="cid:image001.png@01DC">' +
                '<img src="blob:https://mail.example/1"><img src="/web/image/7"><img src="image.png"><img>' +
                '<img src="https://else.example/a.png"><img src="data:image/png;base64,iVBORw0KGgo="></p>'
        )
    ).toBe(
        '<p>a<img src="https://else.example/a.png"><img src="data:image/png;base64,iVBORw0KGgo="></p>'
    );
});
