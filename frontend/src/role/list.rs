use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::role::Role;
use leptos::prelude::*;
use leptos_router::components::A;

use super::{label, load_roles, role_name};
use crate::i18n::{fill, t};
use crate::session::use_session;
use crate::ui::{Badge, Glyph, Icon, PageHeader, Skeleton, with_data};

#[component]
pub fn RoleListPage() -> impl IntoView {
    let session = use_session();
    let roles = load_roles();
    let row = |role: Role| {
        let count = role.input.permissions.iter().count().to_string();
        let holders = role.holders.to_string();
        let shipped = role.shipped.is_some();
        let address = format!("/roles/{}", role.id);
        view! {
            <li class="border-b border-base-300/70 last:border-b-0">
                <A href=address attr:class="flex items-center gap-3 px-4 py-3 hover:bg-base-200/70">
                    <span class="text-base-content/50">
                        <Icon glyph=Glyph::Shield />
                    </span>
                    <span class="flex flex-1 flex-wrap items-center gap-2 font-medium">
                        {move || role_name(&role)}
                        {shipped.then(|| view! { <Badge text=label(|a| a.role_shipped) /> })}
                    </span>
                    <span class="muted num text-xs">
                        {move || fill(t().admin.role_count, &[("n", &count)])} " · "
                        {move || fill(t().admin.role_holders, &[("n", &holders)])}
                    </span>
                    <Icon glyph=Glyph::ChevronRight />
                </A>
            </li>
        }
    };
    view! {
        <PageHeader title=label(|a| a.roles)>
            <Show when=move || session.can(Module::Roles, Operation::Create)>
                <A href="/roles/new" attr:class="btn btn-primary btn-sm" attr:data-testid="new-role">
                    <Icon glyph=Glyph::Plus />
                    {move || t().admin.role_new}
                </A>
            </Show>
        </PageHeader>
        <div class="panel max-w-3xl overflow-clip">
            {with_data(
                roles,
                || view! { <Skeleton lines=8 /> }.into_any(),
                move |list: Vec<Role>| {
                    view! { <ul data-testid="roles">{list.into_iter().map(row).collect_view()}</ul> }
                },
            )}
        </div>
    }
}
