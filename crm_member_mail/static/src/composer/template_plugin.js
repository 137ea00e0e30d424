import { SearchPowerboxPlugin } from "@html_editor/main/powerbox/search_powerbox_plugin";
import { Plugin } from "@html_editor/plugin";
import { selectElements } from "@html_editor/utils/dom_traversal";
import { parseHTML } from "@html_editor/utils/html";
import { withSequence } from "@html_editor/utils/resource";
import { _t } from "@web/core/l10n/translation";
import { describe } from "./templates";

const FILLED = ".o_member_mail_filled";
const CATEGORY = "memberMailTemplates";

/** Templates and canned responses among the editor's `/` commands. */
export class TemplatePlugin extends Plugin {
    static id = "memberMailTemplates";
    static dependencies = ["dom", "history", "selection", "baseContainer"];
    static shared = ["insertTemplate", "showPlaceholders"];
    resources = {
        user_commands: {
            id: "memberMailTemplate",
            run: (choice) => this.config.insertTemplate(choice),
        },
        // What the others get is not written here.
        content_not_editable_providers: (root) => [...selectElements(root, FILLED)],
        powerbox_categories: withSequence(5, { id: CATEGORY, name: _t("Templates") }),
        powerbox_items: this.config.templates.map((choice) => ({
            categoryId: CATEGORY,
            commandId: "memberMailTemplate",
            commandParams: choice,
            title: choice.name,
            ...describe(choice),
        })),
    };

    /** Put HTML where one writes: behind what is selected, not in its place. */
    insertTemplate({ html, signs }) {
        const { baseContainer, dom, history, selection } = this.dependencies;
        if (signs) {
            this.editable.querySelector(".o_member_mail_signature")?.remove();
        }
        let { endContainer: anchorNode, endOffset: anchorOffset } =
            selection.getEditableSelection();
        const fixed = (anchorNode.nodeType === 1 ? anchorNode : anchorNode.parentElement)?.closest(
            "[contenteditable=false]"
        );
        if (fixed || !this.editable.contains(anchorNode) || anchorNode === this.editable) {
            // There is no line to write in: a new one.
            const line = baseContainer.createBaseContainer();
            line.append(this.document.createElement("br"));
            fixed ? fixed.after(line) : this.editable.prepend(line);
            [anchorNode, anchorOffset] = [line, 0];
        }
        selection.setSelection({ anchorNode, anchorOffset });
        dom.insert(parseHTML(this.document, html));
        history.addStep();
        selection.focusEditable();
    }

    showPlaceholders({ id, html }) {
        for (const block of this.editable.querySelectorAll(`${FILLED}[data-template="${id}"]`)) {
            block.replaceWith(parseHTML(this.document, html));
        }
        this.dependencies.history.addStep();
    }
}

/** `::` finds them as well, as it does in Odoo's conversations. */
export class ColonsPlugin extends SearchPowerboxPlugin {
    static id = "memberMailColons";

    get before() {
        const { startContainer, startOffset } = this.dependencies.selection.getEditableSelection();
        return (startContainer.nodeValue || "").slice(0, startOffset);
    }

    onBeforeInput(ev) {
        if (ev.data === ":" && !this.before.endsWith(":")) {
            this.historySavePointRestore = this.dependencies.history.makeSavePoint();
        }
    }

    onInput(ev) {
        this.searchTerm = undefined;
        if (ev.data === ":" && this.before.endsWith("::")) {
            this.openPowerbox();
        } else {
            this.update();
        }
    }

    isSearching({ endContainer, endOffset }) {
        return (
            endContainer === this.searchNode &&
            (this.searchNode.nodeValue || "").slice(this.offset - 1, this.offset + 1) === "::" &&
            endOffset > this.offset
        );
    }

    openPowerbox() {
        const { powerbox } = this.dependencies;
        super.openPowerbox();
        this.enabledCommands = this.enabledCommands.filter(
            ({ categoryId }) => categoryId === CATEGORY
        );
        if (this.enabledCommands.length) {
            powerbox.updatePowerbox(this.enabledCommands, this.categories);
        } else {
            powerbox.closePowerbox();
        }
    }
}
