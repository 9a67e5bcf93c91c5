//! The side navigation. A page enters it by a line in `GROUPS`.

use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::i18n::t;
use crate::session::{Session, use_session};
use crate::ui::{Glyph, Icon};

struct Entry {
    address: &'static str,
    glyph: Glyph,
    label: fn() -> &'static str,
    /// Who may read this module sees the entry.
    module: Module,
}

struct Group {
    label: fn() -> &'static str,
    entries: &'static [Entry],
}

const GROUPS: &[Group] = &[
    Group {
        label: || t().shell.group_sell,
        entries: &[
            Entry {
                address: "/customers",
                glyph: Glyph::Building,
                label: || t().shell.customers,
                module: Module::Customers,
            },
            Entry {
                address: "/contacts",
                glyph: Glyph::Contact,
                label: || t().shell.contacts,
                module: Module::Contacts,
            },
            Entry {
                address: "/orders",
                glyph: Glyph::Receipt,
                label: || t().order.title,
                module: Module::Orders,
            },
            Entry {
                address: "/products",
                glyph: Glyph::Package,
                label: || t().product.title,
                module: Module::Products,
            },
        ],
    },
    Group {
        label: || t().shell.group_service,
        entries: &[Entry {
            address: "/tickets",
            glyph: Glyph::Ticket,
            label: || t().ticket.title,
            module: Module::Tickets,
        }],
    },
    Group {
        label: || t().shell.group_analyse,
        entries: &[Entry {
            address: "/value",
            glyph: Glyph::Pyramid,
            label: || t().value.title,
            module: Module::Reports,
        }],
    },
    Group {
        label: || t().shell.group_manage,
        entries: &[
            Entry {
                address: "/imports",
                glyph: Glyph::Upload,
                label: || t().import.title,
                module: Module::Imports,
            },
            Entry {
                address: "/users",
                glyph: Glyph::Users,
                label: || t().admin.users,
                module: Module::Users,
            },
            Entry {
                address: "/departments",
                glyph: Glyph::Layers,
                label: || t().admin.departments,
                module: Module::Users,
            },
            Entry {
                address: "/roles",
                glyph: Glyph::Shield,
                label: || t().admin.roles,
                module: Module::Roles,
            },
            Entry {
                address: "/settings",
                glyph: Glyph::Settings,
                label: || t().admin.settings,
                module: Module::Settings,
            },
            Entry {
                address: "/jobs",
                glyph: Glyph::Play,
                label: || t().job.title,
                module: Module::Settings,
            },
            Entry {
                address: "/audit",
                glyph: Glyph::Clock,
                label: || t().admin.audit,
                module: Module::Audit,
            },
        ],
    },
];

fn allowed(session: Session, entry: &Entry) -> bool {
    session.can(entry.module, Operation::Read)
}

/// The address of the first page that the role may see.
pub fn first_allowed(session: Session) -> Option<&'static str> {
    GROUPS
        .iter()
        .flat_map(|group| group.entries)
        .find(|entry| allowed(session, entry))
        .map(|entry| entry.address)
}

/// Beside the page on a wide screen; over it, when opened, on a narrow one.
#[component]
pub fn SideNav(open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let groups = move || {
        GROUPS
            .iter()
            .filter(|group| group.entries.iter().any(|entry| allowed(session, entry)))
            .map(|group| {
                let entries = group
                    .entries
                    .iter()
                    .filter(|entry| allowed(session, entry))
                    .map(|entry| {
                        let label = entry.label;
                        view! {
                            <A href=entry.address attr:class="nav-item">
                                <Icon glyph=entry.glyph class="size-[1.125rem]" />
                                {label}
                            </A>
                        }
                    })
                    .collect_view();
                let label = group.label;
                view! {
                    <div>
                        <p class="muted px-2.5 pt-4 pb-1 text-xs">{label}</p>
                        <div class="space-y-0.5">{entries}</div>
                    </div>
                }
            })
            .collect_view()
    };
    let company = move || session.meta().map(|meta| meta.name).unwrap_or_default();
    view! {
        <Show when=move || open.get()>
            <div class="fixed inset-0 z-40 bg-black/40 lg:hidden" on:click=move |_| open.set(false)></div>
        </Show>
        <aside
            class="fixed inset-y-0 left-0 z-50 flex w-60 flex-col border-r border-base-300 bg-base-100 transition-transform lg:sticky lg:top-0 lg:z-20 lg:h-dvh lg:w-56 lg:translate-x-0"
            class=(["-translate-x-full", "max-lg:invisible"], move || !open.get())
        >
            <div class="flex h-14 shrink-0 items-center gap-2.5 border-b border-base-300 px-4">
                <img src="/icon.svg" alt="" width="26" height="26" />
                <div class="min-w-0 leading-tight">
                    <p class="font-semibold">{move || t().shell.product}</p>
                    <p class="muted truncate text-xs">{company}</p>
                </div>
                <button
                    class="btn btn-ghost btn-square btn-sm -mr-1.5 ml-auto lg:hidden"
                    aria-label=move || t().shell.close_menu
                    on:click=move |_| open.set(false)
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
            <nav class="flex-1 overflow-y-auto px-2.5 pb-4" aria-label=move || t().shell.navigation>
                <div class="pt-3">
                    <A href="/" exact=true attr:class="nav-item">
                        <Icon glyph=Glyph::House class="size-[1.125rem]" />
                        {move || t().home.title}
                    </A>
                </div>
                {groups}
            </nav>
        </aside>
    }
}
