import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import {
    JournalDashboardGraphField,
    journalDashboardGraphField,
} from "@web/views/fields/journal_dashboard_graph/journal_dashboard_graph_field";

/** Indexes in Odoo's small chart palette: received and sent. */
const COLORS = [0, 3];

/** Odoo's dashboard chart, with a bar per day for received and sent emails, and their totals. */
export class VolumeField extends JournalDashboardGraphField {
    static template = "crm_member_mail.Volume";

    get series() {
        return this.data.map(({ key, values }, index) => ({
            key,
            values: values.map((point) => point.value),
            total: values.reduce((sum, point) => sum + point.value, 0),
            color: getColor(COLORS[index], cookie.get("color_scheme"), COLORS.length),
        }));
    }

    get isEmpty() {
        return this.series.every((line) => !line.total);
    }

    renderChart() {
        if (!this.isEmpty) {
            super.renderChart();
        }
    }

    getBarChartConfig() {
        const scale = { stacked: true, display: false };
        return {
            type: "bar",
            data: {
                labels: this.data[0].values.map((point) => point.label),
                datasets: this.series.map(({ key, values, color }) => ({
                    label: key,
                    data: values,
                    backgroundColor: color,
                })),
            },
            options: {
                // A reload redraws it, which must not look as if something changed.
                animation: false,
                maintainAspectRatio: false,
                plugins: {
                    legend: { display: false },
                    tooltip: { mode: "index", intersect: false, caretSize: 0 },
                },
                scales: { x: scale, y: { ...scale, beginAtZero: true, suggestedMax: 5 } },
            },
        };
    }
}

registry.category("fields").add("member_mail_volume", {
    ...journalDashboardGraphField,
    component: VolumeField,
    displayName: _t("Chart of received and sent emails"),
    extractProps: () => ({ graphType: "bar" }),
});
