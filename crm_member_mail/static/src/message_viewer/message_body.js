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
import { useService } from "@web/core/utils/hooks";

/** What the server says about a message that was deleted or undone while it was on the screen. */
const GONE = ["odoo.exceptions.AccessError", "odoo.exceptions.MissingError"];

/** Taller emails scroll inside their frame, so that no email makes an endless page. */
const MAX_HEIGHT = 20000;
/** Taller emails are clipped until "Show all". */
const CLIPPED_HEIGHT = 3000;

/**
 * Ask for the document of a message.
 *
 * @param {Object} orm the service
 * @param {number} messageId
 * @param {string} query what was searched for
 * @param {Object} options of `get_viewer_html`
 */
export function fetchBody(orm, messageId, query, options = { show_images: false, quotes: false }) {
    return orm.call("member.mail.message", "get_viewer_html", [[messageId]], {
        ...options,
        ...(query && { query }),
    });
}

/**
 * Shows the body of an email, which is treated as hostile.
 *
 * The server makes a complete document of it (`get_viewer_html`), with its own Content-Security-Policy.
 * Two frames use it:
 *
 * - the visible one. Its sandbox gives it its own origin and forbids scripts, forms and navigating the
 *   page; it can only open links in a new tab. In browsers with `credentialless`, it loads images
 *   without cookies;
 * - an invisible one that only measures: the first can't be inspected from outside, so its height is
 *   unknown. This one can (`allow-same-origin`). It runs no scripts either, and never gets a document
 *   with remote images, because its requests would carry the user's cookies.
 */
export class MessageBody extends Component {
    static template = "crm_member_mail.MessageBody";
    static props = {
        messageId: Number,
        sender: { type: String, optional: true },
        /** What was searched for: its words are highlighted. */
        query: { type: String, optional: true },
        /** Returns the promise of a message's document (`fetchBody`) that was asked for before, if so. */
        takeBody: { type: Function, optional: true },
        maxHeight: { type: Number, optional: true },
    };
    static defaultProps = { maxHeight: CLIPPED_HEIGHT };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.measureRef = useRef("measure");
        this.state = useState({
            html: "",
            measuredHtml: "",
            blockedImages: 0,
            remoteImages: false,
            trustable: "",
            isEmpty: false,
            hasQuotes: false,
            hasEnding: false,
            quotes: false,
            height: 120,
            showAll: false,
            failed: false,
        });
        onWillStart(() => this.load(this.props.messageId));
        onWillUpdateProps((nextProps) => {
            if (nextProps.messageId !== this.shownId) {
                return this.load(nextProps.messageId);
            }
        });
        onWillDestroy(() => this.resizeObserver?.disconnect());
    }

    get title() {
        return _t("Text of the message");
    }

    get blockedText() {
        return this.state.blockedImages === 1
            ? _t(
                  "A remote image is blocked, because loading it would tell the sender that you opened this email."
              )
            : _t(
                  "Remote images are blocked, because loading them would tell the sender that you opened this email."
              );
    }

    get trustText() {
        return _t("Always show for %s", this.props.sender || this.state.trustable);
    }

    get quotesText() {
        const { quotes, hasQuotes } = this.state;
        if (hasQuotes) {
            return quotes ? _t("Hide quoted text") : _t("Show quoted text");
        }
        return quotes ? _t("Hide signature") : _t("Show signature");
    }

    async load(messageId, { showImages = false, quotes = false } = {}) {
        if (messageId !== this.shownId) {
            this.state.showAll = false;
        }
        this.shownId = messageId;
        let documents = { html: "", measuredHtml: "" };
        try {
            if (messageId) {
                documents = await this.keepLast.add(
                    this.fetchDocuments(messageId, showImages, quotes)
                );
            }
            this.state.failed = false;
        } catch (error) {
            // The rest of the page stays usable, and the error service still reports the error; but not
            // that a message is gone, since it leaves the screen in a moment.
            this.state.failed = true;
            if (!GONE.includes(error.exceptionName)) {
                Promise.reject(error);
            }
        }
        const { html, measuredHtml } = documents;
        this.state.html = html;
        this.state.measuredHtml = measuredHtml;
        this.state.remoteImages = noteOf(html, "images") === "1";
        this.state.blockedImages = Number(noteOf(measuredHtml, "blocked-images") || 0);
        this.state.trustable = noteOf(measuredHtml, "trust");
        this.state.isEmpty = noteOf(html, "empty") === "1";
        this.state.hasQuotes = noteOf(html, "quotes") === "1";
        this.state.hasEnding = noteOf(html, "ending") === "1";
        this.state.quotes = quotes;
    }

    /** The document to show, and the same without remote images for the measuring frame. */
    async fetchDocuments(messageId, showImages, quotes) {
        const asked = showImages === false && !quotes && this.props.takeBody?.(messageId);
        const html = await (asked || this.fetchHtml(messageId, showImages, quotes));
        const isRemote = noteOf(html, "images") === "1";
        return {
            html,
            // `null`: not even for trusted senders.
            measuredHtml: isRemote ? await this.fetchHtml(messageId, null, quotes) : html,
        };
    }

    fetchHtml(messageId, showImages, quotes) {
        const options = { show_images: showImages, quotes };
        return fetchBody(this.orm, messageId, this.props.query, options);
    }

    showImages() {
        return this.load(this.shownId, { showImages: true, quotes: this.state.quotes });
    }

    async trustSender() {
        await this.orm.call("member.mail.trusted.sender", "trust_sender", [this.shownId]);
        await this.load(this.shownId, { quotes: this.state.quotes });
    }

    toggleQuotes() {
        return this.load(this.shownId, {
            showImages: this.state.remoteImages,
            quotes: !this.state.quotes,
        });
    }

    get isClipped() {
        return !this.state.showAll && this.state.height > this.props.maxHeight;
    }

    get paperStyle() {
        return this.isClipped ? `max-height: ${this.props.maxHeight}px` : "";
    }

    get frameStyle() {
        const { height, remoteImages, blockedImages } = this.state;
        // The measuring frame has no remote images, so the height with them is unknown. Leave some room
        // for each of them, up to most of the window; what does not fit scrolls.
        return remoteImages
            ? `height: min(max(${height}px, 75vh), ${height + 300 * blockedImages}px)`
            : `height: ${height}px`;
    }

    onMeasureLoad() {
        this.measure();
        this.resizeObserver?.disconnect();
        this.resizeObserver = new ResizeObserver(() => this.measure());
        this.resizeObserver.observe(this.measureRef.el);
        for (const details of this.measureRef.el.contentDocument?.querySelectorAll("details") ||
            []) {
            details.open = true; // the user may open them in the other frame
        }
        this.measure();
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

/** A value that the server put on the document's root element; "" if there is none. */
function noteOf(html, name) {
    const root = /^<!DOCTYPE html><html[^>]*>/.exec(html)?.[0] || "";
    const value = new RegExp(` data-${name}="([^"]*)"`).exec(root)?.[1] || "";
    return value.replace(/&(amp|quot|#x27|lt|gt);/g, (all, entity) => ENTITIES[entity]);
}

const ENTITIES = { amp: "&", quot: '"', "#x27": "'", lt: "<", gt: ">" };
