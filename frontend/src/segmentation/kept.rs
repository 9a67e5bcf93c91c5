//! The settings that are kept for coming runs, and whether one is made every night.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::lifetime::{PurchaseModel, TimeUnit};
use guanxi_domain::segmentation::rfm::RfmScoring;
use guanxi_domain::segmentation::run::{
    FIELDS, SegmentationDefaults, SegmentationDefaultsInput, SegmentationSettings,
};
use guanxi_domain::{Lang, Money};
use leptos::prelude::*;
use serde_json::Value;

use crate::api::{self, ApiError};
use crate::format;
use crate::i18n::{SegmentationTexts, fill, lang, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{ConflictDialog, Editor, Form, FormFailure, Glyph, Icon, use_toasts};

/// The settings as a form has them.
pub fn values(settings: &SegmentationSettings) -> Value {
    // Plain structs always serialise.
    serde_json::to_value(settings).unwrap_or_default()
}

const PATH: &str = "/segmentation-settings";

/// What is kept, as the parts of a page know it.
#[derive(Clone, Copy)]
pub struct Kept {
    found: Loader<SegmentationDefaults>,
}

impl Kept {
    pub fn load() -> Self {
        Self {
            found: Loader::new(|| api::get(PATH).json()),
        }
    }

    /// Asks for them anew.
    pub async fn fetch(self) -> Result<SegmentationSettings, ApiError> {
        let kept: SegmentationDefaults = api::get(PATH).json().await?;
        self.found.set(kept.clone());
        Ok(kept.input.settings)
    }

    /// These are the settings that are kept. Reactive.
    fn are(self, settings: &Value) -> bool {
        let settings = serde_json::from_value::<SegmentationSettings>(settings.clone());
        self.found.with(|found| match (&found.data, settings) {
            (Some(kept), Ok(settings)) => kept.input.settings == settings,
            _ => false,
        })
    }

    /// Changes them by [`Kept::change`].
    fn editor(
        self,
        done: impl Fn(&SegmentationDefaults) + Send + Sync + 'static,
    ) -> Editor<SegmentationDefaults> {
        let nothing = SegmentationDefaultsInput::default();
        Editor::new(&FIELDS, PATH, 0, &nothing, move |kept| {
            done(&kept);
            self.found.set(kept);
        })
    }

    /// Sends a change of what is shown.
    fn change(self, editor: Editor<SegmentationDefaults>, change: impl FnOnce(Form)) {
        let Some(kept) = self.found.data_untracked() else {
            return;
        };
        // One at a time: a change that is on its way is not begun anew.
        if !untrack(|| editor.form.busy()) {
            editor.begin(kept.version, &kept.input);
            change(editor.form);
            editor.save();
        }
    }
}

fn may_change() -> bool {
    use_session().can(Module::Segments, Operation::Update)
}

/// Whether a run is made every night and when; a switch for whoever may change it.
#[component]
pub fn Nightly(kept: Kept) -> impl IntoView {
    let toasts = use_toasts();
    let editor = kept.editor(move |kept| {
        let s = t_now().segmentation;
        let turned = if kept.input.nightly {
            s.nightly_turned_on
        } else {
            s.nightly_turned_off
        };
        toasts.done(turned);
    });
    let form = editor.form;
    let on = Memo::new(move |_| {
        let found = kept.found.data();
        found.is_some_and(|kept| kept.input.nightly)
    });
    let click = move |event: leptos::ev::MouseEvent| {
        // The switch shows what is kept, not what is asked for.
        event.prevent_default();
        kept.change(editor, |form| form.set("nightly", !on.get_untracked()));
    };
    let when = move || {
        let found = kept.found.data();
        found.map(|kept| due(&kept)).unwrap_or_default()
    };
    let there = move || kept.found.with(|found| found.data.is_some());
    view! {
        <Show when=there>
            <div
                class="mt-2 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-[0.8125rem]"
                class=("opacity-60", move || form.busy())
                data-testid="nightly"
            >
                {move || {
                    if may_change() {
                        view! {
                            <label class="flex cursor-pointer items-center gap-2 font-medium">
                                <input
                                    type="checkbox"
                                    role="switch"
                                    class="toggle toggle-primary toggle-sm"
                                    prop:checked=move || on.get()
                                    on:click=click
                                />
                                {move || t().segmentation.nightly}
                            </label>
                        }
                            .into_any()
                    } else {
                        view! {
                            <span class="flex items-center gap-2 font-medium">
                                <Icon glyph=Glyph::Clock class="size-4" />
                                {move || t().segmentation.nightly}
                            </span>
                        }
                            .into_any()
                    }
                }} <span class="muted num">{when}</span>
            </div>
            <FormFailure form=form />
        </Show>
        <KeptConflict editor=editor />
    }
}

/// When the next run of every night is due, in the company's time zone.
fn due(kept: &SegmentationDefaults) -> String {
    let (at, zone) = (kept.next_at, &kept.time_zone);
    let s = t().segmentation;
    let (text, time) = if kept.input.nightly {
        (s.nightly_next, format::time_in(at, zone))
    } else {
        (s.nightly_off, format::clock_in(at, zone))
    };
    fill(text, &[("time", &time), ("zone", zone)])
}

/// Keeps the settings of a run's form for coming runs.
pub fn keeper(kept: Kept, form: Form) -> Editor<SegmentationDefaults> {
    let toasts = use_toasts();
    let editor = kept.editor(move |kept| {
        // What was chosen in a conflict is what this run shall have, too.
        form.set("settings", values(&kept.input.settings));
        toasts.done(t_now().segmentation.keep_done);
    });
    Effect::new(move |_| {
        if let Some(error) = editor.form.failure() {
            form.fail(error);
        }
    });
    editor
}

#[component]
pub fn KeepButton(
    kept: Kept,
    /// Of a run.
    form: Form,
    /// The run's [`keeper`].
    editor: Editor<SegmentationDefaults>,
) -> impl IntoView {
    let keep = move |_| {
        if form.check() {
            let settings = form.value_untracked()["settings"].take();
            kept.change(editor, |form| form.set("settings", settings));
        }
    };
    let same = Memo::new(move |_| kept.are(&form.get("settings")));
    let text = move || {
        let s = t().segmentation;
        if same.get() { s.keep_same } else { s.keep }
    };
    view! {
        <Show when=may_change>
            <button
                type="button"
                class="btn-quiet mr-auto max-sm:w-full"
                data-testid="keep-settings"
                disabled=move || same.get() || editor.form.busy()
                on:click=keep
            >
                {text}
            </button>
        </Show>
    }
}

/// What is asked when somebody else has changed the kept settings meanwhile.
#[component]
pub fn KeptConflict(editor: Editor<SegmentationDefaults>) -> impl IntoView {
    view! { <ConflictDialog editor=editor show=shown names=named /> }
}

/// What a member of the settings is called.
fn named(pointer: &str) -> Option<&'static str> {
    let s: &SegmentationTexts = t().segmentation;
    Some(match pointer {
        "/nightly" => s.nightly,
        "/settings/rfm/window_days" => s.window_days,
        "/settings/rfm/scoring" => s.scoring,
        "/settings/rfm/high_from" => s.high_from,
        "/settings/rfm/limits/recency_days" => s.limit_recency,
        "/settings/rfm/limits/frequency" => s.limit_frequency,
        "/settings/rfm/limits/monetary" => s.limit_monetary,
        "/settings/lifetime/model" => s.model,
        "/settings/lifetime/time_unit" => s.time_unit,
        "/settings/lifetime/horizon_months" => s.horizon,
        "/settings/lifetime/margin_rate" => s.margin_rate,
        "/settings/lifetime/discount_rate" => s.discount,
        "/settings/lifetime/min_repeat_buyers" => s.min_repeat,
        "/settings/holdout_days" => s.holdout,
        "/settings/lifecycle/new_days" => s.new_days,
        "/settings/lifecycle/lost_days" => s.lost_days,
        "/settings/lifecycle/decline_sales" => s.decline_sales,
        "/settings/lifecycle/growth_sales" => s.growth_sales,
        "/settings/churn/medium_from" => s.medium_from,
        "/settings/churn/high_from" => s.high_risk_from,
        _ => return None,
    })
}

/// Words, shares and amounts as people read them.
fn shown(name: &str, value: &Value) -> Option<String> {
    fn word<T: std::str::FromStr>(
        value: &Value,
        label: fn(T, Lang) -> &'static str,
    ) -> Option<String> {
        let word: T = value.as_str()?.parse().ok()?;
        Some(label(word, lang()).to_owned())
    }
    match name.rsplit('/').next()? {
        "scoring" => word(value, RfmScoring::label),
        "model" => word(value, PurchaseModel::label),
        "time_unit" => word(value, TimeUnit::label),
        "margin_rate" | "discount_rate" | "decline_sales" | "growth_sales" | "medium_from" => {
            share(value)
        }
        // Of risks a share, of scores a number.
        "high_from" if name.contains("churn") => share(value),
        "monetary" => {
            let limits: [Money; 4] = serde_json::from_value(value.clone()).ok()?;
            Some(limits.map(format::money).join(", "))
        }
        _ => None,
    }
}

/// Of ten-thousandths.
fn share(value: &Value) -> Option<String> {
    let parts: i32 = value.as_i64()?.try_into().ok()?;
    Some(format::percent(f64::from(parts) / 10_000.0))
}
