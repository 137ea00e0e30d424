import { onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { SearchModel } from "@web/search/search_model";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** Milliseconds without a keystroke before the search starts. */
const PAUSE = 250;

/** The filters that say of which time messages are, and the one that is chosen by itself. */
const PERIODS = ["last_7_days", "last_30_days", "date"];
const PERIOD = "last_30_days";
const GROUPINGS = ["groupBy", "dateGroupBy"];

export class MessageSearchModel extends SearchModel {
    /**
     * Groups and statistics are of the last 30 days unless a period is chosen: of all messages they
     * would be of little use, and take long. Whoever removes the facet gets all.
     */
    limitPeriod() {
        const periods = this.getSearchItems((item) => PERIODS.includes(item.name));
        const own = periods.find((item) => item.name === PERIOD);
        const ids = periods.map((item) => item.id);
        if (own && !this.query.some(({ searchItemId }) => ids.includes(searchItemId))) {
            this.query.push({ searchItemId: own.id });
        }
    }

    _notify() {
        const isGrouped = this.query.some(({ searchItemId }) =>
            GROUPINGS.includes(this.searchItems[searchItemId].type)
        );
        if (isGrouped && !this.wasGrouped) {
            this.limitPeriod();
        }
        this.wasGrouped = isGrouped;
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

class MessageListController extends ListController {
    static components = { ...ListController.components, SearchBar: MessageSearchBar };
}

class MessageKanbanController extends KanbanController {
    static components = { ...KanbanController.components, SearchBar: MessageSearchBar };
}

const views = registry.category("views");
views.add("member_mail_message_list", {
    ...listView,
    Controller: MessageListController,
    SearchModel: MessageSearchModel,
});
views.add("member_mail_message_kanban", {
    ...kanbanView,
    Controller: MessageKanbanController,
    SearchModel: MessageSearchModel,
});
