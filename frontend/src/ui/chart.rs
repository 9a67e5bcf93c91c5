//! Charts by `ECharts`, loaded when the first one is shown.

use js_sys::{Function, Promise, Reflect};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

use crate::i18n::t;

fn method(object: &JsValue, name: &str) -> Result<Function, JsValue> {
    Reflect::get(object, &name.into())?.dyn_into()
}

/// A chart that has been drawn, and what has to live as long.
struct Drawn {
    handle: JsValue,
    _on_click: Option<Closure<dyn Fn(f64, String)>>,
}

impl Drawn {
    async fn new(
        element: HtmlElement,
        option: String,
        on_click: Option<Callback<usize>>,
    ) -> Result<Self, JsValue> {
        let module: Promise = method(&window(), "guanxiCharts")?
            .call0(&JsValue::UNDEFINED)?
            .dyn_into()?;
        let module = JsFuture::from(module).await?;
        let handle =
            method(&module, "draw")?.call2(&JsValue::UNDEFINED, &element, &option.into())?;
        let on_click = match on_click {
            None => None,
            Some(callback) => {
                let closure = Closure::<dyn Fn(f64, String)>::new(move |index: f64, _: String| {
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    // An index, −1 left out.
                    if index >= 0.0 {
                        callback.run(index as usize);
                    }
                });
                method(&handle, "onClick")?.call1(&handle, closure.as_ref())?;
                Some(closure)
            }
        };
        Ok(Self {
            handle,
            _on_click: on_click,
        })
    }

    fn update(&self, option: &str) -> Result<(), JsValue> {
        method(&self.handle, "update")?
            .call1(&self.handle, &option.into())
            .map(|_| ())
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        if let Ok(dispose) = method(&self.handle, "dispose") {
            // The chart is going away; what it throws helps nobody.
            let _ = dispose.call0(&self.handle);
        }
    }
}

/// A chart from an `ECharts` option (`serde_json::json!`); colours, type and tooltip come from the theme.
///
/// Say in `label` what the chart shows, and put a table of the same data below it.
#[component]
pub fn Chart(
    #[prop(into)] option: Signal<Value>,
    #[prop(into)] label: Signal<String>,
    /// Tailwind's class for the height.
    #[prop(default = "h-72")]
    height: &'static str,
    /// Gets the index of the data point.
    #[prop(optional, into)]
    on_click: Option<Callback<usize>>,
) -> impl IntoView {
    let element = NodeRef::<html::Div>::new();
    let drawn = StoredValue::new_local(None::<Drawn>);
    let begun = StoredValue::new(false);
    let ready = RwSignal::new(false);
    let failed = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let json = option.with(Value::to_string);
        if begun.get_value() {
            let updated =
                drawn.with_value(|drawn| drawn.as_ref().is_none_or(|d| d.update(&json).is_ok()));
            failed.set(!updated);
            return;
        }
        begun.set_value(true);
        spawn_local(async move {
            let result = Drawn::new(element.into(), json, on_click).await;
            // The page may have been left while the library was loading: then `Drawn` is dropped here.
            if begun.try_get_value().is_none() {
                return;
            }
            failed.set(result.is_err());
            ready.set(true);
            let newest = option.with_untracked(Value::to_string);
            drawn.try_update_value(|drawn| {
                *drawn = result.ok();
                if let Some(drawn) = drawn {
                    // Data that came while the library was loading.
                    let _ = drawn.update(&newest);
                }
            });
        });
    });
    view! {
        <div class=format!("relative {height}") role="img" aria-label=move || label.get()>
            <div node_ref=element class="size-full"></div>
            <Show when=move || !ready.get()>
                <div class="absolute inset-0 animate-pulse rounded-box bg-base-300/50"></div>
            </Show>
            <Show when=move || failed.get()>
                <p class="muted absolute inset-0 grid place-items-center">{move || t().common.chart_failed}</p>
            </Show>
        </div>
    }
}
