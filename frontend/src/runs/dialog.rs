use guanxi_domain::job::JobState;
use leptos::prelude::*;

use super::{Run, Runs, path};
use crate::api;
use crate::i18n::{t, t_now};
use crate::ui::{Dialog, Form, FormFailure, use_toasts};

/// Asks for the settings of a run, and for the run.
#[component]
pub fn RunDialog<R: Run>(
    runs: Runs<R>,
    form: Form,
    /// Puts the settings to begin with into the form; each time the dialog opens.
    begin: Callback<()>,
    #[prop(into)] title: Signal<String>,
    /// What a run does.
    #[prop(into)]
    text: Signal<String>,
    #[prop(default = "max-w-lg")] width: &'static str,
    /// Something that no field can say is missing.
    #[prop(optional, into)]
    incomplete: Signal<bool>,
    /// At the left of the buttons.
    #[prop(optional, into)]
    aside: ViewFn,
    /// The fields.
    children: ChildrenFn,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = runs.asking;
    Effect::new(move |_| {
        if open.get() {
            begin.run(());
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move { api::post(path::<R>()).body(&value).json::<R>().await },
            move |run| {
                open.set(false);
                toasts.done(match run.state() {
                    JobState::Done => run.ready(),
                    _ => t_now().runs.queued.to_owned(),
                });
                runs.show(None);
                runs.list.reload();
            },
        );
    };
    let children = StoredValue::new(children);
    let aside = StoredValue::new(aside);
    view! {
        <Dialog open=open title=title width=width>
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{move || text.get()}</p>
                {children.with_value(|children| children())}
                <FormFailure form=form />
                <div class="flex flex-wrap justify-end gap-2">
                    {aside.with_value(ViewFn::run)}
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm min-w-24"
                        data-testid="run-start"
                        disabled=move || form.busy() || incomplete.get()
                    >
                        {move || if form.busy() { t().runs.starting } else { t().runs.start }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
