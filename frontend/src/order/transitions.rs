//! Moving an order on: a button for each state that may come next.

use guanxi_domain::order::{Order, OrderState, OrderTransitionInput};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::label;
use crate::api;
use crate::i18n::{OrderTexts, fill, lang_now, t, t_now};
use crate::load::Loader;
use crate::nav::{Nav, use_nav};
use crate::session::use_session;
use crate::ui::{Ask, Confirm, Glyph, Icon, Menu, MenuItem, Toasts, use_confirm, use_toasts};

/// What moving from one state to another is called.
fn verb(to: OrderState) -> fn(&OrderTexts) -> &'static str {
    match to {
        OrderState::Draft => |o| o.to_draft,
        OrderState::Submitted => |o| o.submit,
        OrderState::Confirmed => |o| o.confirm,
        OrderState::PartlyShipped => |o| o.ship_part,
        OrderState::Shipped => |o| o.ship,
        OrderState::Delivered => |o| o.deliver,
        OrderState::Completed => |o| o.complete,
        OrderState::Cancelled => |o| o.cancel,
    }
}

/// The step that is usual: its button stands out.
fn usual(state: OrderState) -> Option<OrderState> {
    match state {
        OrderState::Confirmed => Some(OrderState::Shipped),
        other => other
            .next()
            .iter()
            .copied()
            .find(|next| *next != OrderState::Cancelled),
    }
}

fn delete_draft(order: Order, confirm: Confirm, toasts: Toasts, nav: Nav) {
    let o = t_now().order;
    let ask = Ask {
        title: fill(o.delete_title, &[("number", &order.head.number)]),
        text: o.delete_text.to_owned(),
        button: t_now().common.delete.to_owned(),
        danger: true,
        reason: None,
    };
    confirm.ask(ask, move |_| {
        let call = api::delete(format!("/orders/{}", order.head.id)).version(order.head.version);
        spawn_local(async move {
            match call.done().await {
                Ok(()) => {
                    toasts.done(t_now().common.deleted);
                    nav.replace("/orders");
                }
                Err(error) => toasts.error(&error),
            }
        });
    });
}

#[component]
pub fn OrderActions(order: Loader<Order>) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let nav = use_nav();
    let busy = RwSignal::new(false);
    let send = move |to: OrderState, reason: Option<String>| {
        let Some(now) = order.data_untracked() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let call = api::post(format!("/orders/{}/transitions", now.head.id))
                .version(now.head.version)
                .body(&OrderTransitionInput { to, reason });
            let moved = |moved: &Order| {
                let state = moved.head.state.label(lang_now());
                fill(t_now().order.moved, &[("state", state)])
            };
            order.change(call, toasts, moved).await;
            busy.try_set(false);
        });
    };
    let go = move |to: OrderState| {
        if to != OrderState::Cancelled {
            send(to, None);
            return;
        }
        let Some(now) = order.data_untracked() else {
            return;
        };
        let o = t_now().order;
        let ask = Ask {
            title: fill(o.cancel_title, &[("number", &now.head.number)]),
            text: o.cancel_text.to_owned(),
            button: o.cancel.to_owned(),
            danger: true,
            reason: Some(o.cancel_reason.to_owned()),
        };
        confirm.ask(ask, move |reason| send(to, Some(reason)));
    };
    let delete = move |()| {
        if let Some(now) = order.data_untracked() {
            delete_draft(now, confirm, toasts, nav);
        }
    };
    let state = Memo::new(move |_| order.with(|l| l.data.as_ref().map(|o| o.head.state)));
    let may_update = move || session.can(Module::Orders, Operation::Update);
    let may_delete = move || {
        state.get() == Some(OrderState::Draft) && session.can(Module::Orders, Operation::Delete)
    };
    let edit = move || {
        let draft = state.get() == Some(OrderState::Draft) && may_update();
        let id = order.with(|l| l.data.as_ref().map(|o| o.head.id));
        id.filter(|_| draft).map(|id| {
            view! {
                <A href=format!("/orders/{id}/edit") attr:class="btn-quiet" attr:data-testid="edit">
                    <Icon glyph=Glyph::Pencil />
                    {move || t().common.edit}
                </A>
            }
        })
    };
    let steps = move || {
        let state = state.get().filter(|_| may_update())?;
        let usual = usual(state);
        let mut next: Vec<_> = state
            .next()
            .iter()
            .copied()
            .filter(|to| *to != OrderState::Cancelled)
            .collect();
        // The usual one last, at the edge, where the eye and the thumb expect it.
        next.sort_by_key(|to| Some(*to) == usual);
        Some(
            next.into_iter()
                .map(|to| {
                    let text = label(verb(to));
                    view! {
                        <button
                            class=if Some(to) == usual { "btn btn-primary btn-sm" } else { "btn-quiet" }
                            data-testid=format!("to-{to}")
                            disabled=move || busy.get()
                            on:click=move |_| go(to)
                        >
                            {move || text.get()}
                        </button>
                    }
                })
                .collect_view(),
        )
    };
    let may_cancel = move || {
        may_update()
            && state
                .get()
                .is_some_and(|state| state.may_become(OrderState::Cancelled))
    };
    view! {
        {edit}
        {steps}
        <Show when=move || may_cancel() || may_delete()>
            <Menu
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
                label=Signal::derive(|| t().common.more.to_owned())
                button_class="btn-quiet btn-square"
            >
                <Show when=may_cancel>
                    <MenuItem
                        glyph=Glyph::Ban
                        label=label(|o| o.cancel)
                        danger=true
                        on_click=move |()| go(OrderState::Cancelled)
                    />
                </Show>
                <Show when=may_delete>
                    <MenuItem
                        glyph=Glyph::Trash
                        label=Signal::derive(|| t().common.delete.to_owned())
                        danger=true
                        on_click=delete
                    />
                </Show>
            </Menu>
        </Show>
    }
}
