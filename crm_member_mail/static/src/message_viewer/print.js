/** Calls the browser's print dialog; separate so that tests can replace it. */
export const printing = {
    print(frameWindow) {
        frameWindow.focus();
        frameWindow.print();
    },
};

/**
 * Print one message: subject, people, date, names of attachments, and the body without remote images.
 *
 * The server makes the document, cleaned and with a policy as for the screen. Its frame may open the
 * print dialog (`allow-modals`) and be accessed from here (`allow-same-origin`), but runs no scripts.
 *
 * @param {Object} orm the service
 * @param {number} messageId
 */
export async function printMessage(orm, messageId) {
    const html = await orm.call("member.mail.message", "get_print_html", [[messageId]]);
    for (const left of document.querySelectorAll(".o_member_mail_print")) {
        left.remove(); // from a browser that never reported the end
    }
    const frame = document.createElement("iframe");
    frame.className = "o_member_mail_print";
    frame.setAttribute("sandbox", "allow-same-origin allow-modals");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.setAttribute("aria-hidden", "true");
    frame.tabIndex = -1;
    frame.srcdoc = html;
    const loaded = new Promise((resolve) =>
        frame.addEventListener("load", resolve, { once: true })
    );
    document.body.append(frame);
    await loaded;
    frame.contentWindow.addEventListener("afterprint", () => frame.remove(), { once: true });
    printing.print(frame.contentWindow);
}
