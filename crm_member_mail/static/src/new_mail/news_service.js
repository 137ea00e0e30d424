// First of all, since it does not call what it patches.
import "@mail/core/web/store_service_patch";

import { fields } from "@mail/core/common/record";
import { Store } from "@mail/core/common/store_service";
import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";
import { debounce } from "@web/core/utils/timing";
import { MAIL_NOTIFICATION, SEEN } from "../messages_tab/live";
import { NEW_MAIL } from "./new_mail_service";

/** Milliseconds to wait for more. */
const PAUSE = 300;

const NOTHING = { count: 0, more: 0, entries: [] };

// The number is there when a page opens; `res.users._init_messaging` gives it.
patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** What `get_news` of `member.mail.news` answers. */
        this.memberMailNews = fields.Attr(NOTHING);
    },
    computeGlobalCounter() {
        return super.computeGlobalCounter() + (this.memberMailNews?.count ?? 0);
    },
});

/** Keeps what the notification area shows of new emails up to date. */
export const newsService = {
    dependencies: ["bus_service", "mail.store", "orm"],

    start(env, { bus_service: bus, "mail.store": store, orm }) {
        async function load() {
            store.memberMailNews = await orm.silent.call("member.mail.news", "get_news", []);
        }

        const loadSoon = debounce(load, PAUSE);
        bus.subscribe(NEW_MAIL, loadSoon);
        bus.subscribe(SEEN, loadSoon);
        bus.subscribe(MAIL_NOTIFICATION, ({ action, news }) => {
            if (
                action === "restored" ||
                // Taken off somebody, or filed there again.
                (action === "changed" && news) ||
                (action === "removed" && store.memberMailNews.count)
            ) {
                loadSoon();
            }
        });

        return {
            load,
            async markRead({ message_ids: ids }) {
                await orm.silent.call("member.mail.message", "mark_seen", [ids]);
                await load();
            },
        };
    },
};

registry.category("services").add("crm_member_mail.news", newsService);
