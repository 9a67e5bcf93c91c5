// Runs before the first paint: theme and language as remembered, so that nothing flashes; then the app.
(function () {
  var root = document.documentElement;
  var read = function (key) {
    try { return localStorage.getItem(key); } catch (_) { return null; }
  };
  var theme = read("guanxi.theme");
  var dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "guanxi-dark" : "guanxi-light";
  var lang = read("guanxi.lang") || navigator.language || "en";
  root.lang = /^zh/i.test(lang) ? "zh-CN" : "en";

  // The chart library is large; pages with charts load it when they open.
  window.guanxiCharts = function () { return import("/{{charts.js}}"); };

  addEventListener("DOMContentLoaded", function () {
    import("/{{app.js}}").then(function (app) {
      return app.default({ module_or_path: "/{{app.wasm}}" });
    }).catch(function (error) {
      var zh = root.lang === "zh-CN";
      var box = document.createElement("p");
      box.className = "boot-error";
      box.textContent = (zh ? "应用无法启动，请重新加载页面。" : "The app could not start. Please reload the page.") + " (" + error + ")";
      document.getElementById("app").replaceChildren(box);
    });
  });
})();
