import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";
import { MessageSearchModel } from "@crm_member_mail/message_search/message_search";

/** Charts and pivot tables begin with a period, once: the user may have removed it. */
export class FiguresSearchModel extends MessageSearchModel {
    async load(config) {
        await super.load(config);
        if (!this.wasLimited) {
            this.limitPeriod();
            this.wasLimited = true;
        }
    }

    exportState() {
        return { ...super.exportState(), wasLimited: this.wasLimited };
    }

    _importState(state) {
        super._importState(state);
        this.wasLimited = state.wasLimited;
    }
}

const views = registry.category("views");
views.add("member_mail_message_graph", { ...graphView, SearchModel: FiguresSearchModel });
views.add("member_mail_message_pivot", { ...pivotView, SearchModel: FiguresSearchModel });
