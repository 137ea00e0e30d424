import { Component, onWillUnmount, reactive, useState, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { SearchModel } from "@web/search/search_model";
import { formView } from "@web/views/form/form_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { useFreshMail } from "../messages_tab/fresh";
import { SearchHint } from "./search_hint";

/** Milliseconds without a keystroke before the search starts. */
const PAUSE = 250;

/** The filters that say of which time messages are, and the one that is chosen by itself. */
const PERIODS = ["last_7_days", "last_30_days", "date"];
const PERIOD = "last_30_days";
const GROUPINGS = ["groupBy", "dateGroupBy"];
/** What messages are in the order of: an index has them. */
const IN_ORDER = "date";
/** What `get_search_marks` says where nothing is searched for. */
const NOTHING = { words: [], people: [], hint: "" };

export class MessageSearchModel extends SearchModel {
    setup() {
        super.setup(...arguments);
        /** What is highlighted and said of a search, see `get_search_marks`. */
        this.marks = reactive({ ...NOTHING });
        /** What was searched for. */
        this.searchedText = "";
    }

    async load() {
        await super.load(...arguments);
        this.updateMarks();
    }

    /** Ask what of the texts that are searched for is to be highlighted. */
    async updateMarks() {
        const text =
            this.query
                .filter(
                    ({ searchItemId, autocompleteValue }) =>
                        autocompleteValue &&
                        this.searchItems[searchItemId].fieldName === "search_text"
                )
                .map(({ autocompleteValue }) => autocompleteValue.value)
                .join(" ") ||
            this.globalContext.member_mail_query ||
            "";
        if (text === this.searchedText) {
            return;
        }
        this.searchedText = text;
        const marks = text
            ? await this.orm.silent.call("member.mail.message", "get_search_marks", [text])
            : NOTHING;
        if (text === this.searchedText) {
            Object.assign(this.marks, marks);
        }
    }

    /**
     * Groups and statistics are of the last 30 days unless a period is chosen: of all messages they
     * would be of little use, and take long. Whoever removes the facet gets all.
     *
     * @returns {boolean} whether there was no period
     */
    limitPeriod() {
        const periods = this.getSearchItems((item) => PERIODS.includes(item.name));
        const own = periods.find((item) => item.name === PERIOD);
        const ids = periods.map((item) => item.id);
        if (!own || this.query.some(({ searchItemId }) => ids.includes(searchItemId))) {
            return false;
        }
        this.query.push({ searchItemId: own.id });
        this.hadPeriod = true;
        return true;
    }

    /**
     * The same for a list that is about to be sorted by another column than the date, unless the period
     * was there already and the user removed it; what was searched for is no more than fits.
     *
     * @returns {boolean} whether the list is about to be loaded anew for that
     */
    limitSorted() {
        const isSearched = this.query.some(
            ({ searchItemId }) => this.searchItems[searchItemId].type === "field"
        );
        if (this.hadPeriod || isSearched || !this.limitPeriod()) {
            return false;
        }
        this._notify();
        return true;
    }

    _notify() {
        const isGrouped = this.query.some(({ searchItemId }) =>
            GROUPINGS.includes(this.searchItems[searchItemId].type)
        );
        if (isGrouped && !this.wasGrouped) {
            this.limitPeriod();
        }
        this.wasGrouped = isGrouped;
        this.updateMarks();
        super._notify();
    }

    /** Search for `text` while the user types, instead of what was typed before; '' ends the search. */
    searchTyped(text) {
        const item = this.getSearchItems((i) => i.fieldName === "search_text")[0];
        if (!this.query.includes(this.typed)) {
            this.typed = undefined; // the user removed its facet
        }
        if (!item || (this.typed?.autocompleteValue.value ?? "") === text) {
            return;
        }
        this.query = this.query.filter((element) => element !== this.typed);
        this.typed = undefined;
        if (text) {
            const autocompleteValue = { label: text, operator: "ilike", value: text };
            this.typed = { searchItemId: item.id, autocompleteValue };
            this.query.push(this.typed);
        }
        this._notify();
    }

    /** Keep what was typed when the next text is typed. */
    keepTyped() {
        this.typed = undefined;
    }
}

export class MessageSearchBar extends SearchBar {
    setup() {
        super.setup();
        onWillUnmount(() => clearTimeout(this.typing));
    }

    onSearchInput(ev) {
        super.onSearchInput(ev);
        clearTimeout(this.typing);
        const text = ev.target.value.trim();
        if (!ev.isComposing) {
            this.typing = setTimeout(() => this.env.searchModel.searchTyped(text), PAUSE);
        }
    }

    selectItem(item) {
        clearTimeout(this.typing);
        const isMessage = this.getSearchItem(item.searchItemId)?.fieldName === "search_text";
        if (isMessage) {
            this.env.searchModel.searchTyped(this.state.query.trim());
            this.env.searchModel.keepTyped();
        } else if (!item.isAddCustomFilterButton) {
            this.env.searchModel.searchTyped("");
        }
        return super.selectItem(item);
    }

    getDropdownNavigation() {
        const options = super.getDropdownNavigation();
        const { callback } = options.hotkeys.escape;
        options.hotkeys.escape.callback = (...args) => {
            clearTimeout(this.typing);
            this.env.searchModel.searchTyped("");
            return callback(...args);
        };
        return options;
    }
}

/** What the search did not understand of what was typed. */
class MessageSearchHint extends Component {
    static template = xml`<SearchHint hint="marks.hint"/>`;
    static components = { SearchHint };
    static props = {};

    setup() {
        this.marks = useState(this.env.searchModel.marks || {});
    }
}

class MessageListRenderer extends ListRenderer {
    onClickSortColumn(column) {
        const { model } = this.props.list;
        const isSorted = !this.preventReorder && !model.useSampleModel && this.isSortable(column);
        if (!isSorted || column.name === IN_ORDER || !this.env.searchModel.limitSorted?.()) {
            super.onClickSortColumn(column);
            return;
        }
        // The list is loaded anew for its period: then in this order, and not twice.
        const orderBy = [{ name: column.name, asc: true }];
        model._updateConfig(model.config, { orderBy }, { reload: false });
    }
}

/** What `useFreshMail` needs to know of a list. */
const shownIn = (controller) => () => {
    const records = controller.model.root.records || [];
    return ["member.mail.message", records.map(({ resId }) => resId)];
};

class MessageListController extends ListController {
    static template = "crm_member_mail.MessageListView";
    static components = {
        ...ListController.components,
        SearchBar: MessageSearchBar,
        SearchHint: MessageSearchHint,
    };

    setup() {
        super.setup();
        useFreshMail(shownIn(this));
    }
}

class MessageKanbanController extends KanbanController {
    static template = "crm_member_mail.MessageKanbanView";
    static components = {
        ...KanbanController.components,
        SearchBar: MessageSearchBar,
        SearchHint: MessageSearchHint,
    };

    setup() {
        super.setup();
        useFreshMail(shownIn(this));
    }
}

const views = registry.category("views");
views.add("member_mail_message_list", {
    ...listView,
    Controller: MessageListController,
    Renderer: MessageListRenderer,
    SearchModel: MessageSearchModel,
});
views.add("member_mail_message_kanban", {
    ...kanbanView,
    Controller: MessageKanbanController,
    SearchModel: MessageSearchModel,
});
// What was searched for in the list is highlighted in the form that is opened from it.
views.add("member_mail_message_form", { ...formView, SearchModel: MessageSearchModel });
