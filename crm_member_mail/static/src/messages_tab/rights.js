import { user } from "@web/core/user";

/** What the user may do, as the context of `message_actions` has it. */
export async function getRights() {
    const [isManager, canCreateLead] = await Promise.all([
        user.hasGroup("crm_member_mail.group_manager"),
        user.checkAccessRight("crm.lead", "create"),
    ]);
    return { isManager, canCreateLead };
}
