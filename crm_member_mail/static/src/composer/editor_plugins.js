import { ClipboardPlugin } from "@html_editor/core/clipboard_plugin";
import { ImageSavePlugin } from "@html_editor/main/media/image_save_plugin";
import { TabulationPlugin } from "@html_editor/main/tabulation_plugin";
import { KEPT_ATTRIBUTES, STYLE, tidyPasted } from "./pasted";

/** Keeps lists and colours of what is pasted. */
class Clipboard extends ClipboardPlugin {
    /** Word, Excel and others put a picture of the text beside it: the text is what was meant. */
    handlePasteHtml(selection, clipboardData) {
        const html = clipboardData.getData("text/html");
        const { body } = new DOMParser().parseFromString(html, "text/html");
        const getData = (type) => clipboardData.getData(type);
        const hasText = body.textContent.trim();
        return super.handlePasteHtml(
            selection,
            hasText ? { getData, items: [], files: [] } : clipboardData
        );
    }

    prepareClipboardData(html) {
        const fragment = super.prepareClipboardData(tidyPasted(html));
        for (const element of fragment.querySelectorAll(`[${STYLE}]`)) {
            element.setAttribute("style", element.getAttribute(STYLE));
            element.removeAttribute(STYLE);
        }
        for (const image of fragment.querySelectorAll("img")) {
            image.classList.add("img-fluid");
            if (image.getAttribute("src").startsWith("data:")) {
                this.dispatchTo("added_image_handlers", image);
            }
        }
        return fragment;
    }

    isWhitelisted(item) {
        const isKept =
            item.nodeType === Node.ATTRIBUTE_NODE &&
            (item.name === STYLE || KEPT_ATTRIBUTES.includes(item.name));
        return isKept || super.isWhitelisted(item);
    }
}

/** Tab leaves the text, as in every other field; what it does in other editors has keys of its own. */
class Tabulation extends TabulationPlugin {
    resources = {
        ...this.resources,
        user_commands: [
            ...this.resources.user_commands,
            { id: "leaveText", run: () => this.config.leaveText() },
        ],
        shortcuts: [
            { hotkey: "tab", commandId: "leaveText" },
            { hotkey: "control+m", commandId: "tab" },
            { hotkey: "control+shift+m", commandId: "shiftTab" },
        ],
    };
}

/** A picture that can't be uploaded, now or at all, stays in the text. */
class ImageSave extends ImageSavePlugin {
    async createAttachment(options) {
        try {
            const file = await super.createAttachment(options);
            return file?.error ? null : file;
        } catch {
            return null;
        }
    }
}

const OURS = new Map([
    [ClipboardPlugin, Clipboard],
    [ImageSavePlugin, ImageSave],
    [TabulationPlugin, Tabulation],
]);

/** Plugins of Odoo's editor, with ours in their places. */
export function withOurs(plugins) {
    return plugins.map((plugin) => OURS.get(plugin) || plugin);
}
