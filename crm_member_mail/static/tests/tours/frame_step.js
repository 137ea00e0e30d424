/** The frame lets nobody look in, so what it was given and how tall it is has to do. */
export function frameShows(text) {
    return {
        content: `The frame shows "${text}"`,
        trigger: `iframe.o_member_mail_frame[srcdoc*="${text}"]`,
        run({ anchor }) {
            if (anchor.contentDocument) {
                throw new Error("The page can look into the frame: its sandbox is open.");
            }
            if (anchor.getBoundingClientRect().height < 40) {
                throw new Error("The frame is too low to read.");
            }
        },
    };
}
