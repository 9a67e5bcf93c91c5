//! The side navigation. A page enters it by a line in `GROUPS`.

use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::approval::WaitingCount;
use crate::i18n::{Texts, t};
use crate::session::{Session, use_session};
use crate::ui::{Glyph, Icon};

/// A text in the language that is asked for.
type Label = fn(&Texts) -> &'static str;

struct Entry {
    address: &'static str,
    glyph: Glyph,
    label: Label,
    /// Who may read this module sees the entry.
    module: Module,
}

struct Group {
    label: Label,
    entries: &'static [Entry],
}

const APPROVALS: &str = "/approvals";

const GROUPS: &[Group] = &[
    Group {
        label: |t| t.shell.group_sell,
        entries: &[
            Entry {
                address: "/customers",
                glyph: Glyph::Building,
                label: |t| t.shell.customers,
                module: Module::Customers,
            },
            Entry {
                address: "/contacts",
                glyph: Glyph::Contact,
                label: |t| t.shell.contacts,
                module: Module::Contacts,
            },
            Entry {
                address: "/orders",
                glyph: Glyph::Receipt,
                label: |t| t.order.title,
                module: Module::Orders,
            },
            Entry {
                address: "/products",
                glyph: Glyph::Package,
                label: |t| t.product.title,
                module: Module::Products,
            },
        ],
    },
    Group {
        label: |t| t.shell.group_service,
        entries: &[
            Entry {
                address: "/tickets",
                glyph: Glyph::Ticket,
                label: |t| t.ticket.title,
                module: Module::Tickets,
            },
            Entry {
                address: APPROVALS,
                glyph: Glyph::CircleCheck,
                label: |t| t.approval.title,
                // All that is asked for so far is about customers.
                module: Module::Customers,
            },
        ],
    },
    Group {
        label: |t| t.shell.group_analyse,
        entries: &[
            Entry {
                address: "/value",
                glyph: Glyph::Pyramid,
                label: |t| t.value.title,
                module: Module::Reports,
            },
            Entry {
                address: "/rfm",
                glyph: Glyph::Columns,
                label: |t| t.segmentation.rfm_title,
                module: Module::Reports,
            },
            Entry {
                address: "/lifetime",
                glyph: Glyph::Wallet,
                label: |t| t.segmentation.lifetime_title,
                module: Module::Reports,
            },
            Entry {
                address: "/churn",
                glyph: Glyph::Undo,
                label: |t| t.segmentation.churn_title,
                module: Module::Reports,
            },
            Entry {
                address: "/segments",
                glyph: Glyph::Filter,
                label: |t| t.segment.title,
                module: Module::Segments,
            },
            Entry {
                address: "/clusters",
                glyph: Glyph::Users,
                label: |t| t.clusters.title,
                module: Module::Reports,
            },
            Entry {
                address: "/rules",
                glyph: Glyph::Share,
                label: |t| t.rules.title,
                module: Module::Reports,
            },
            Entry {
                address: "/trading",
                glyph: Glyph::Trend,
                label: |t| t.trading.title,
                module: Module::Reports,
            },
            Entry {
                address: "/reports",
                glyph: Glyph::ChartPie,
                label: |t| t.report.title,
                module: Module::Reports,
            },
        ],
    },
    Group {
        label: |t| t.shell.group_manage,
        entries: &[
            Entry {
                address: "/imports",
                glyph: Glyph::Upload,
                label: |t| t.import.title,
                module: Module::Imports,
            },
            Entry {
                address: "/users",
                glyph: Glyph::Users,
                label: |t| t.admin.users,
                module: Module::Users,
            },
            Entry {
                address: "/departments",
                glyph: Glyph::Layers,
                label: |t| t.admin.departments,
                module: Module::Users,
            },
            Entry {
                address: "/roles",
                glyph: Glyph::Shield,
                label: |t| t.admin.roles,
                module: Module::Roles,
            },
            Entry {
                address: "/settings",
                glyph: Glyph::Settings,
                label: |t| t.admin.settings,
                module: Module::Settings,
            },
            Entry {
                address: "/custom-fields",
                glyph: Glyph::Columns,
                label: |t| t.custom.title,
                module: Module::Settings,
            },
            Entry {
                address: "/dictionaries",
                glyph: Glyph::Hash,
                label: |t| t.custom.dictionaries,
                module: Module::Settings,
            },
            Entry {
                address: "/webhooks",
                glyph: Glyph::Webhook,
                label: |t| t.webhook.title,
                module: Module::Webhooks,
            },
            Entry {
                address: "/api-keys",
                glyph: Glyph::Key,
                label: |t| t.api_key.title,
                module: Module::Settings,
            },
            Entry {
                address: "/mail",
                glyph: Glyph::Mail,
                label: |t| t.mail.title,
                module: Module::Settings,
            },
            Entry {
                address: "/jobs",
                glyph: Glyph::Play,
                label: |t| t.job.title,
                module: Module::Settings,
            },
            Entry {
                address: "/backups",
                glyph: Glyph::Database,
                label: |t| t.backup.title,
                module: Module::Settings,
            },
            Entry {
                address: "/audit",
                glyph: Glyph::Clock,
                label: |t| t.admin.audit,
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

/// Address, glyph and name of each page that the role may see. Reactive.
pub fn pages(session: Session) -> Vec<(&'static str, Glyph, Label)> {
    let home = ("/", Glyph::House, (|t: &Texts| t.home.title) as Label);
    let entries = GROUPS
        .iter()
        .flat_map(|group| group.entries)
        .filter(|entry| allowed(session, entry))
        .map(|entry| (entry.address, entry.glyph, entry.label));
    std::iter::once(home).chain(entries).collect()
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
                                {move || label(t())}
                                {(entry.address == APPROVALS).then(|| view! { <WaitingCount /> })}
                            </A>
                        }
                    })
                    .collect_view();
                let label = group.label;
                view! {
                    <div>
                        <p class="muted px-2.5 pt-4 pb-1 text-xs">{move || label(t())}</p>
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
            // The menu of the phone closes when a page is chosen.
            <nav
                class="flex-1 overflow-y-auto px-2.5 pb-4"
                aria-label=move || t().shell.navigation
                on:click=move |_| open.set(false)
            >
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
