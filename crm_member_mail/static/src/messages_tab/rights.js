import { user } from "@web/core/user";

/** What the user may do, for the context of `message_actions`. */
export async function getRights() {
    const [isManager, canCreateLead] = await Promise.all([
        user.hasGroup("crm_member_mail.group_manager"),
        user.checkAccessRight("crm.lead", "create"),
    ]);
    return { isManager, canCreateLead };
}
