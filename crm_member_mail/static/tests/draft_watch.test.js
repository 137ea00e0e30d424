import { expect, test } from "@odoo/hoot";
import { waitUntil } from "@odoo/hoot-dom";
import { allowTranslations } from "@web/../tests/web_test_helpers";
import { DraftWatch } from "@crm_member_mail/composer/draft_watch";

/** Other windows hear when the browser has time. */
const until = (isSo) => waitUntil(isSo, { timeout: 60000 });

/** A composer, as far as its watch knows it. */
function composer(answers = []) {
    return {
        isPending: false,
        record: {
            resId: 7,
            data: { revision: 3, answered_id: { id: 1 }, mode: "reply_all" },
            load() {
                this.isLoaded = true;
            },
        },
        env: { services: { orm: { silent: { call: async () => answers } } } },
    };
}

async function twoWindows() {
    allowTranslations();
    const mine = new DraftWatch(composer());
    const other = new DraftWatch(composer());
    mine.start();
    other.start();
    await until(() => mine.state.isOpenTwice && other.state.isOpenTwice);
    return [mine, other];
}

test("two windows with one draft know of each other", async () => {
    const [mine, other] = await twoWindows();
    other.stop();
    await until(() => !mine.state.isOpenTwice);
    mine.stop();
    expect(mine.state.elsewhere).toBe("");
});

test("what is saved in one is loaded in the other, unless something is written there", async () => {
    const [mine, other] = await twoWindows();
    other.known = 4;
    other.tell("saved");
    await until(() => mine.composer.record.isLoaded);
    expect(mine.state.elsewhere).toBe("");
    mine.composer.record.isLoaded = false;
    mine.composer.isPending = true;
    other.known = 5;
    other.tell("saved");
    await until(() => mine.state.elsewhere);
    expect(mine.composer.record.isLoaded).toBe(false);
    expect(mine.state.elsewhere).toBe("This draft was changed in another window.");
    other.stop();
    other.tell("sent");
    await until(() => mine.state.isGone);
    expect(mine.state.elsewhere).toBe("This email was sent in another window.");
    mine.stop();
});

test("what the server says when a draft can't be saved", async () => {
    const watch = new DraftWatch(composer());
    const name = "odoo.addons.crm_member_mail.models.sending.member_mail_draft.DraftChangedError";
    watch.onNotSaved({ exceptionName: name, data: { arguments: ["It was sent.", "sent"] } });
    expect(watch.state.elsewhere).toBe("It was sent.");
    expect(watch.state.isGone).toBe(true);
    watch.onNotSaved({ exceptionName: "odoo.http.SessionExpiredException" });
    expect(watch.state.isLoggedOut).toBe(true);
    expect(() => watch.onNotSaved(new Error("else"))).toThrow();
});

test("one is asked once about each answer of others", async () => {
    const answers = [{ id: 5, who: "Carla", date: "2026-11-30 10:00:00" }];
    const watch = new DraftWatch(composer(answers));
    await watch.lookForAnswers();
    expect(watch.unasked).toHaveLength(1);
    watch.acknowledge();
    expect(watch.unasked).toHaveLength(0);
    answers.push({ id: 6, who: "Bo", date: "2026-11-30 10:01:00" });
    await watch.lookForAnswers();
    expect(watch.unasked.map(({ id }) => id)).toEqual([6]);
});

test("an email that arrives before the draft is here is no trouble", async () => {
    const early = composer([{ id: 5, who: "Carla", date: "2026-11-30 10:00:00" }]);
    const { record } = early;
    delete early.record;
    const watch = new DraftWatch(early);
    await watch.lookForAnswers();
    expect(watch.unasked).toHaveLength(0);
    early.record = record;
    await watch.lookForAnswers();
    expect(watch.unasked).toHaveLength(1);
});
