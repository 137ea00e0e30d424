import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    removeFacet,
    toggleMenuItem,
    toggleSearchBarMenu,
} from "@web/../tests/web_test_helpers";
import { PATIENTLY } from "./patience";

class Message extends models.Model {
    _name = "member.mail.message";

    subject = fields.Char();
    search_text = fields.Char();
    direction = fields.Char();
    date = fields.Datetime();

    _records = [
        { id: 1, subject: "Projector", search_text: "projector offer", direction: "in" },
        { id: 2, subject: "Lunch", search_text: "lunch projects", direction: "out" },
        { id: 3, subject: "Desks", search_text: "desks", direction: "in" },
    ];
}

defineMailModels();
defineModels([Message]);

const SEARCH = `
    <search>
        <field name="search_text" string="Message"/>
        <field name="subject"/>
        <filter name="received" string="Received" domain="[('direction', '=', 'in')]"/>
        <filter name="last_30_days" string="Last 30 days" domain="[('id', '>', 1)]"/>
        <filter name="group_direction" string="Direction" context="{'group_by': 'direction'}"/>
    </search>`;

beforeEach(async () => {
    onRpc("member.mail.message", "get_search_marks", ({ args: [text] }) => ({
        words: text.startsWith("from:") ? [] : [text],
        people: text.startsWith("from:") ? [text.slice(5)] : [],
    }));
    await mountView({
        type: "list",
        resModel: "member.mail.message",
        arch: `<list js_class="member_mail_message_list">
            <field name="date"/><field name="subject" widget="member_mail_marked"/>
        </list>`,
        searchViewArch: SEARCH,
    });
});

const shown = () => queryAllTexts(".o_data_row td[name=subject]");
const facets = () => queryAllTexts(".o_searchview_facet").map((text) => text.replace(/\s+/g, " "));

async function type(text) {
    await contains(".o_searchview_input").edit(text, { confirm: false });
    await advanceTime(300);
    await animationFrame();
}

test("the list follows what is typed, without Enter", async () => {
    expect(shown()).toEqual(["Projector", "Lunch", "Desks"]);
    await type("proj");
    expect(shown()).toEqual(["Projector", "Lunch"]);
    expect(facets()).toEqual(["Message proj"]);
    await type("project");
    expect(facets()).toEqual(["Message project"]);
    await type("projector");
    expect(shown()).toEqual(["Projector"]);
    expect(facets()).toEqual(["Message projector"]);
    await type("");
    expect(shown()).toEqual(["Projector", "Lunch", "Desks"]);
    expect(facets()).toEqual([]);
});

test("nothing is searched between two keys", async () => {
    onRpc("web_search_read", ({ kwargs }) => expect.step(JSON.stringify(kwargs.domain)));
    await type("lun");
    expect(shown()).toEqual(["Lunch"]);
    expect.verifySteps(['[["search_text","ilike","lun"]]']);
});

test("Enter keeps it as a facet, Escape takes it back", async () => {
    await type("proj");
    await press("Enter");
    await animationFrame();
    expect(facets()).toEqual(["Message proj"]);
    expect(".o_searchview_input").toHaveValue("");
    await contains(".o_facet_remove").click();
    expect(facets()).toEqual([]);
    await type("lunch");
    expect(shown()).toEqual(["Lunch"]);
    await press("Escape");
    await animationFrame();
    expect(shown()).toEqual(["Projector", "Lunch", "Desks"]);
});

test("a facet that is removed by hand can be typed again", async () => {
    await type("lunch");
    await contains(".o_facet_remove").click();
    expect(shown()).toEqual(["Projector", "Lunch", "Desks"]);
    await type("lunch");
    expect(shown()).toEqual(["Lunch"]);
});

test("groups are of the last 30 days, unless the user wants all", async () => {
    await toggleSearchBarMenu();
    await toggleMenuItem("Direction");
    expect(queryAllTexts(".o_group_header .o_group_name")).toEqual(["in (1)", "out (1)"]);
    expect(facets()).toInclude("Last 30 days");
    await removeFacet("Last 30 days");
    expect(queryAllTexts(".o_group_header .o_group_name")).toEqual(["in (2)", "out (1)"]);
    await contains("th[data-name=subject]").click();
    expect(facets()).toEqual(["Direction"]);
});

test("a list sorted by another column than the date is of the last 30 days", async () => {
    await contains("th[data-name=subject]").click();
    expect(shown()).toEqual(["Desks", "Lunch"]);
    expect(facets()).toEqual(["Last 30 days"]);
    await contains("th[data-name=subject]").click();
    expect(shown()).toEqual(["Lunch", "Desks"]);
    await removeFacet("Last 30 days");
    expect(shown()).toEqual(["Projector", "Lunch", "Desks"]);
    await contains("th[data-name=subject]").click();
    await contains("th[data-name=subject]").click();
    expect(shown()).toEqual(["Desks", "Lunch", "Projector"]);
    expect(facets()).toEqual([]);
});

test("a list sorted by date, or of what was searched for, is of all time", async () => {
    await contains("th[data-name=date]").click();
    expect(shown()).toHaveLength(3);
    await type("proj");
    await contains("th[data-name=subject]").click();
    expect(shown()).toEqual(["Lunch", "Projector"]);
    expect(facets()).toEqual(["Message proj"]);
});

test("what was searched for is highlighted, as long as it is searched for", async () => {
    await type("proj");
    await waitFor(".o_data_row mark", PATIENTLY);
    expect(queryAllTexts(".o_data_row mark")).toEqual(["Projector"]);
    await contains(".o_facet_remove").click();
    expect(".o_data_row mark").toHaveCount(0);
});
