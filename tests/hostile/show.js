/**
 * Runs in the page of a signed-in user, and shows one mail after the other.
 *
 * Called with {mode, rounds: [{showImages, ids: {name: id}}], trap, origin, seconds: patience}. Modes:
 * `form` shows each in the real form; `images` clicks "Show images" there; `document` puts what the
 * server made of each into a frame without sandbox and policy, in each of the rounds; `stored` puts the
 * stored body into the page itself.
 */
async (options) => {
    const problems = [];
    let current = "";
    const problem = (text) => problems.push(`${current}: ${text}`);

    window.addEventListener("message", ({ data }) => {
        if (typeof data === "string" && data.startsWith("hostile:")) {
            problem(`a script ran (${data})`);
        }
    });
    for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
        window[name] = () => problem(`window.${name} was called`);
    }
    const loads = new Map();
    document.addEventListener(
        "load",
        ({ target }) => {
            if (target.tagName === "IFRAME") {
                loads.set(target, [...(loads.get(target) || []), target.srcdoc]);
            }
        },
        true
    );

    const frames = (count) =>
        new Promise((resolve) => {
            const step = () => (count-- > 0 ? requestAnimationFrame(step) : resolve());
            step();
        });
    const until = async (what, condition) => {
        const end = Date.now() + options.seconds * 1000;
        for (;;) {
            const found = condition();
            if (found) {
                return found;
            }
            if (Date.now() > end) {
                throw new Error(`${current}: ${what} never happened`);
            }
            // Not with each frame: to draw one costs more than to look.
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    };
    const countLoads = (frame, srcdoc) =>
        (loads.get(frame) || []).filter((loaded) => loaded === srcdoc).length;

    const { env } = odoo.__WOWL_DEBUG__.root;
    // The circle tells whether the user is online, which takes a moment; the indicator, that the server
    // takes its time; the pager, the email's number.
    const ignored =
        ".o_member_mail_body, .o_member_mail_details, .o_notification_manager, head, script, " +
        "i.fa-circle, i.fa-circle-o, .o_loading_indicator, .o_pager";
    /** Everything around the viewer: elements with their classes and texts. */
    const around = () => {
        const lines = [document.title, location.pathname.replace(/\d+/g, "N"), location.hash];
        const walk = (element, depth) => {
            if (element.matches(ignored)) {
                return;
            }
            const text = [...element.childNodes]
                .filter((node) => node.nodeType === Node.TEXT_NODE)
                .map((node) => node.textContent.trim())
                .filter(Boolean)
                .join(" ");
            const { display, visibility, backgroundColor } = getComputedStyle(element);
            lines.push(
                [depth, element.tagName, element.className, text].join("|") +
                    [display, visibility, backgroundColor].join("|")
            );
            for (const child of element.children) {
                walk(child, depth + 1);
            }
        };
        walk(document.documentElement, 0);
        const focus = document.activeElement;
        lines.push(`focus ${focus?.tagName} ${focus?.className}`);
        const bar = document.querySelector(".o_main_navbar").getBoundingClientRect();
        const top = document.elementFromPoint(bar.left + bar.width / 2, bar.top + bar.height / 2);
        lines.push(`on top of the menu: ${top?.closest(".o_main_navbar") ? "the menu" : "?"}`);
        return lines;
    };

    const openForm = (id) =>
        env.services.action.doAction(
            {
                type: "ir.actions.act_window",
                name: "Message",
                res_model: "member.mail.message",
                res_id: id,
                views: [[false, "form"]],
                target: "current",
            },
            { clearBreadcrumbs: true, props: { resIds: Object.values(options.rounds[0].ids) } }
        );
    let isFormOpen = false;
    /** One form for all of them: the user goes on to the next one, which is faster than another form. */
    const showInForm = async (id, marker) => {
        document.activeElement?.blur();
        if (isFormOpen) {
            const next = await until("the pager", () =>
                document.querySelector(".o_pager_next:not(:disabled)")
            );
            next.click();
        } else {
            await openForm(id);
            isFormOpen = true;
        }
        const frame = await until("the frame", () =>
            [...document.querySelectorAll(".o_member_mail_frame")].find((one) =>
                one.srcdoc.includes(marker)
            )
        );
        await until("its load", () => countLoads(frame, frame.srcdoc));
        const measure = document.querySelector(".o_member_mail_measure");
        await until("the measuring", () => countLoads(measure, measure.srcdoc));
        await frames(3);
        if (frame.contentDocument) {
            problem("the page can look into the frame");
        }
        for (const one of [frame, measure]) {
            if (countLoads(one, one.srcdoc) !== 1 || !one.isConnected) {
                problem("the frame was left or replaced");
            }
        }
        const { width } = frame.getBoundingClientRect();
        if (width > document.querySelector(".o_form_sheet").getBoundingClientRect().width) {
            problem("the frame is wider than its page");
        }
        return frame;
    };

    const modes = {
        async form(id, marker) {
            await showInForm(id, marker);
            const lines = around();
            modes.before ??= lines; // the first one is harmless
            const changed = lines.findIndex((line, number) => line !== modes.before[number]);
            if (changed >= 0 || lines.length !== modes.before.length) {
                problem(`the page changed: ${modes.before[changed]} -> ${lines[changed]}`);
            }
        },
        async images(id, marker) {
            const frame = await showInForm(id, marker);
            const before = frame.srcdoc;
            document.querySelector(".o_member_mail_show_images").click();
            await until("the images", () => frame.srcdoc !== before);
            await until("their load", () => countLoads(frame, frame.srcdoc));
        },
        async document(id, marker, showImages) {
            const html = await env.services.orm.call(
                "member.mail.message",
                "get_viewer_html",
                [[id]],
                { show_images: showImages, quotes: true }
            );
            const frame = document.createElement("iframe");
            frame.srcdoc = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
            document.body.append(frame);
            await until("the load", () => countLoads(frame, frame.srcdoc));
            await frames(2);
            if (countLoads(frame, frame.srcdoc) !== 1) {
                problem("the frame was left");
            } else if (!frame.contentDocument.body.textContent.includes(marker)) {
                problem("nothing is shown");
            }
            frame.remove();
        },
        async stored(id, marker) {
            const [{ body }] = await env.services.orm.read("member.mail.message", [id], ["body"]);
            const place = document.createElement("div");
            document.body.append(place);
            place.innerHTML = body;
            await frames(2);
            if (!place.textContent.includes(marker)) {
                problem("nothing is shown");
            }
            for (const name of ["body", "cookie", "defaultView", "title"]) {
                if (document[name] instanceof HTMLElement && name !== "body") {
                    problem(`document.${name} is an element`);
                }
            }
            place.remove();
        },
    };

    try {
        for (const { showImages, ids } of options.rounds) {
            for (const [name, id] of Object.entries(ids)) {
                current = name;
                await modes[options.mode](id, `marker:${name};`, showImages);
                if (
                    location.origin !== options.origin ||
                    !document.querySelector(".o_web_client")
                ) {
                    problem("the page was left");
                }
            }
            // Whoever asked the trap did so before this.
            current = "end";
            await fetch(`${options.trap}/end`, { mode: "no-cors", credentials: "omit" });
            await frames(5);
        }
    } catch (error) {
        problems.push(String(error));
    }
    if (problems.length) {
        console.error(problems.join("\n"));
    } else {
        // eslint-disable-next-line no-console -- the test waits for this line
        console.log("test successful");
    }
};
