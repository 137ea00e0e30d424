import { Component, onMounted, onWillStart, onWillUpdateProps, useRef, useState } from "@odoo/owl";
import { useFileViewer } from "@web/core/file_viewer/file_viewer_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { formatSize, MailFile } from "../message_viewer/attachments";
import { Marked } from "../message_search/marks";
import { absoluteDate, isoDate, relativeDate } from "../messages_tab/dates";
import { useMailNotifications } from "../messages_tab/live";

/**
 * All files of the messages of a contact or lead, newest first.
 *
 * Pictures and PDF open in Odoo's viewer, everything else is downloaded. Keys: up and down move through the
 * files, `f` forwards the file.
 */
export class FilesView extends Component {
    static template = "crm_member_mail.FilesView";
    static components = { Marked };
    static props = {
        resModel: String,
        resId: Number,
        query: String,
        words: { type: Array, optional: true },
        concerns: Function,
        takesFocus: { type: Boolean, optional: true },
    };

    setup() {
        // Not from useService: a notification may come while the user leaves.
        this.orm = this.env.services.orm;
        this.action = useService("action");
        this.fileViewer = useFileViewer();
        this.keepLast = new KeepLast();
        this.state = useState({ files: [], total: 0, isLoaded: false, fetching: false });
        Object.assign(this, { absoluteDate, isoDate, relativeDate });
        const root = useRef("root");
        onWillStart(() => this.load(this.props));
        onMounted(() => this.props.takesFocus && root.el.querySelector("a, button")?.focus());
        onWillUpdateProps((props) => {
            // Other props may follow before these files are there.
            if (props.query !== this.asked) {
                return this.load(props);
            }
        });
        useMailNotifications(
            (payload) => this.props.concerns(payload),
            () => this.load(this.props)
        );
    }

    async load({ resModel, resId, query }, offset = 0) {
        this.asked = query;
        const found = await this.keepLast.add(
            this.orm.silent.call("member.mail.tab", "get_files", [resModel, resId], {
                query,
                offset,
            })
        );
        const files = found.files.map((values) =>
            Object.assign(new MailFile(), values, { key: `${values.remote}${values.id}` })
        );
        const before = offset ? this.state.files : [];
        Object.assign(this.state, {
            files: [...before, ...files],
            total: found.total,
            isLoaded: true,
        });
    }

    loadMore() {
        return this.load(this.props, this.state.files.length);
    }

    get summary() {
        const { total } = this.state;
        return total === 1 ? _t("1 file") : _t("%s files", formatInteger(total));
    }

    sizeOf(file) {
        return file.size ? formatSize(file.size) : "";
    }

    whoOf({ who, direction }) {
        const name = who.name || who.email || _t("(no sender)");
        return direction === "out" ? _t("Sent by %s", name) : name;
    }

    label(file, text) {
        return `${text}: ${file.name}`;
    }

    get labels() {
        return {
            open: _t("Open"),
            download: _t("Download"),
            forward: _t("Forward this file"),
            load: _t("Load from the mail server"),
        };
    }

    open(file) {
        const files = this.state.files.filter(({ remote }) => !remote);
        this.fileViewer.open(file, files);
    }

    openMessage({ message_id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "member.mail.message",
            res_id: message_id,
            views: [[false, "form"]],
            context: { member_mail_query: this.props.query },
        });
    }

    async forward({ id }) {
        const { resModel, resId } = this.props;
        return this.action.doAction(
            await this.orm.call("member.mail.draft", "forward_file", [id, resModel, resId])
        );
    }

    async fetch({ id }) {
        this.state.fetching = id;
        try {
            await this.orm.call("member.mail.remote.attachment", "action_fetch", [[id]]);
            await this.load(this.props);
        } finally {
            this.state.fetching = false;
        }
    }

    onKeydown(ev, file) {
        const isPlain = !(ev.ctrlKey || ev.metaKey || ev.altKey);
        if (isPlain && ev.key === "f" && !file.remote) {
            ev.preventDefault();
            ev.stopPropagation();
            this.forward(file);
        }
    }
}

registry.category("lazy_components").add("crm_member_mail.FilesView", FilesView);
