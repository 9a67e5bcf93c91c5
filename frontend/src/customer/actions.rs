//! What can be done with a customer besides editing.

use guanxi_domain::customer::Customer;
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::blacklist::BlacklistDialog;
use crate::api;
use crate::approval::LiftDialog;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{Ask, Glyph, Icon, Menu, MenuItem, use_confirm, use_toasts};

#[component]
pub fn CustomerActions(customer: Loader<Customer>) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let nav = use_nav();
    let blacklisting = RwSignal::new(false);
    let lifting = RwSignal::new(false);

    // A POST on the record that answers it anew: archive, restore.
    let act = move |action: &'static str| {
        let Some(now) = customer.data_untracked() else {
            return;
        };
        spawn_local(async move {
            let call = api::post(format!("/customers/{}/{action}", now.id)).version(now.version);
            customer
                .change(call, toasts, |_| t_now().common.saved.to_owned())
                .await;
        });
    };
    let archive = move |()| {
        let c = t_now().customer;
        let ask = Ask {
            title: c.archive_title.to_owned(),
            text: c.archive_text.to_owned(),
            button: c.archive.to_owned(),
            ..Ask::default()
        };
        confirm.ask(ask, move |_| act("archive"));
    };
    let delete = move |()| {
        let c = t_now().customer;
        let ask = Ask {
            title: c.delete_title.to_owned(),
            text: c.delete_text.to_owned(),
            button: c.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let Some(now) = customer.data_untracked() else {
                return;
            };
            spawn_local(async move {
                match api::delete(format!("/customers/{}", now.id))
                    .version(now.version)
                    .done()
                    .await
                {
                    Ok(()) => {
                        toasts.done(t_now().common.deleted);
                        nav.replace("/customers");
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let archived =
        move || customer.with(|l| l.data.as_ref().is_some_and(|c| c.archived_at.is_some()));
    let blacklisted = move || customer.with(|l| l.data.as_ref().is_some_and(|c| c.blacklisted));
    let may_update = move || session.can(Module::Customers, Operation::Update);
    let may_delete = move || session.can(Module::Customers, Operation::Delete);
    let label = |pick: fn(&crate::i18n::CustomerTexts) -> &'static str| {
        Signal::derive(move || pick(t().customer).to_owned())
    };
    view! {
        <Show when=move || may_update() || may_delete()>
            <Menu
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
                label=Signal::derive(|| t().common.more.to_owned())
                button_class="btn-quiet btn-square"
            >
                <Show when=may_update>
                    <Show
                        when=archived
                        fallback=move || {
                            view! { <MenuItem glyph=Glyph::Archive label=label(|c| c.archive) on_click=archive /> }
                        }
                    >
                        <MenuItem glyph=Glyph::Restore label=label(|c| c.restore) on_click=move |()| act("restore") />
                    </Show>
                    <Show
                        when=blacklisted
                        fallback=move || {
                            view! {
                                <MenuItem
                                    glyph=Glyph::Ban
                                    label=label(|c| c.blacklist)
                                    on_click=move |()| blacklisting.set(true)
                                />
                            }
                        }
                    >
                        <MenuItem
                            glyph=Glyph::CircleCheck
                            label=label(|c| c.unblacklist)
                            on_click=move |()| lifting.set(true)
                        />
                    </Show>
                </Show>
                <Show when=may_delete>
                    <MenuItem glyph=Glyph::Trash label=label(|c| c.delete) danger=true on_click=delete />
                </Show>
            </Menu>
        </Show>
        <BlacklistDialog open=blacklisting customer=customer />
        <LiftDialog open=lifting customer=customer />
    }
}
