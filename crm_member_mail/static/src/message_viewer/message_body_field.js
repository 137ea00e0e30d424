import {
    Component,
    onWillDestroy,
    onWillStart,
    onWillUpdateProps,
    useRef,
    useState,
} from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Taller mail scrolls inside its frame, so that one email cannot make a page without an end. */
const MAX_HEIGHT = 20000;

/**
 * Shows the body of an email, which is hostile until proved otherwise.
 *
 * The server makes a complete document of it (`get_reader_html`), with a Content-Security-Policy of
 * its own. Two frames use it:
 *
 * - the one that is seen. Its sandbox gives it an origin of its own and takes away scripts, forms
 *   and navigation of the page; all that is left is to open links in a new tab;
 * - one that is not seen and only measures: nobody can look into the first from outside, so its
 *   height is unknown. This one can be looked into (`allow-same-origin`), runs no scripts either, and
 *   never gets a document with remote images: requests from it would carry the user's cookies.
 */
export class MemberMailBodyField extends Component {
    static template = "crm_member_mail.MessageBody";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.measureRef = useRef("measure");
        this.state = useState({
            html: "",
            measuredHtml: "",
            blockedImages: 0,
            remoteImages: false,
            height: 120,
            failed: false,
        });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps((nextProps) => {
            if (nextProps.record.resId !== this.shownId) {
                return this.load(nextProps.record.resId);
            }
        });
        onWillDestroy(() => this.resizeObserver?.disconnect());
    }

    get title() {
        return _t("Text of the message");
    }

    get blockedText() {
        return this.state.blockedImages === 1
            ? _t("A remote image is blocked: loading it would tell the sender that you read this.")
            : _t(
                  "Remote images are blocked: loading them would tell the sender that you read this."
              );
    }

    async load(resId, showImages = false) {
        this.shownId = resId;
        let html = "";
        try {
            html = resId ? await this.keepLast.add(this.fetchHtml(resId, showImages)) : "";
            this.state.failed = false;
        } catch (error) {
            // The form around it stays of use, and the error service still reports what happened.
            this.state.failed = true;
            Promise.reject(error);
        }
        this.state.html = html;
        this.state.remoteImages = showImages && !this.state.failed;
        if (!showImages) {
            this.state.measuredHtml = html;
            this.state.blockedImages = countBlockedImages(html);
        }
    }

    fetchHtml(resId, showImages) {
        return this.orm.call("member.mail.message", "get_reader_html", [[resId]], {
            show_images: showImages,
        });
    }

    showImages() {
        return this.load(this.shownId, true);
    }

    get frameStyle() {
        const { height, remoteImages, blockedImages } = this.state;
        // The measuring frame has no remote images, so the height with them is not known. Some room
        // for each of them, up to most of the window, and what does not fit scrolls.
        return remoteImages
            ? `height: min(max(${height}px, 75vh), ${height + 300 * blockedImages}px)`
            : `height: ${height}px`;
    }

    onMeasureLoad() {
        this.measure();
        this.resizeObserver?.disconnect();
        this.resizeObserver = new ResizeObserver(() => this.measure());
        this.resizeObserver.observe(this.measureRef.el);
    }

    measure() {
        const root = this.measureRef.el?.contentDocument?.documentElement;
        if (!root) {
            return;
        }
        const scrollbar = root.scrollWidth > root.clientWidth ? 18 : 0;
        this.state.height = Math.min(root.scrollHeight + scrollbar, MAX_HEIGHT);
    }
}

/** How many remote images the server left out; it notes the number on the root element. */
function countBlockedImages(html) {
    return Number(/^<!DOCTYPE html><html[^>]* data-blocked-images="(\d+)"/.exec(html)?.[1] || 0);
}

export const memberMailBodyField = {
    component: MemberMailBodyField,
    displayName: _t("Email body"),
    supportedTypes: ["html", "text"],
    isEmpty: () => false,
};

registry.category("fields").add("member_mail_body", memberMailBodyField);
