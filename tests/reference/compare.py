"""Compares results of the segmentation with pandas, scikit-learn, mlxtend and SciPy.

    compare.py results.json

results.json is what `cargo run --package guanxi-domain --example segmentation reference` prints: random and generated
data with the results for them. Every difference beyond rounding ends the program with an error.
"""

import json
import sys

import numpy as np
import pandas as pd
from mlxtend.frequent_patterns import association_rules, fpgrowth
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler


def rfm(case):
    """Scores by pandas' quantiles: one more than the number of cut points exceeded."""
    scores = np.array(case["scores"])
    columns = [-np.array(case["recency"]), np.array(case["frequency"]), np.array(case["monetary"])]
    for column, found in zip(columns, scores.T):
        cuts = pd.Series(column).quantile([0.2, 0.4, 0.6, 0.8], interpolation="linear").to_numpy()
        # Cut points of whole numbers are whole fifths; pandas' are that up to rounding.
        fifths = np.round(cuts * 5)
        np.testing.assert_allclose(cuts * 5, fifths, atol=1e-3)
        expected = 1 + (column[:, None] * 5 > fifths[None, :]).sum(axis=1)
        np.testing.assert_array_equal(found, expected)


def abc(case):
    """Classes by the cumulative share of the positive amounts before each customer; Gini by its definition."""
    table = pd.DataFrame({"amount": case["monetary"]})
    table = table.sort_values("amount", ascending=False, kind="stable")
    positive = table["amount"].clip(lower=0)
    before = positive.cumsum() - positive
    total = positive.sum()
    expected = pd.Series("c", index=table.index)
    expected[before * 10_000 < 9_500 * total] = "b"
    expected[before * 10_000 < 7_500 * total] = "a"
    expected[table["amount"] <= 0] = "c"
    assert expected.sort_index().tolist() == case["classes"]
    values = np.sort(positive.to_numpy(dtype=float))
    if total > 0:
        differences = np.abs(values[:, None] - values[None, :]).mean()
        np.testing.assert_allclose(case["gini"], differences / (2 * values.mean()), rtol=1e-9, atol=1e-12)


def rules(case):
    """Frequent sets by mlxtend's FP-growth, rules by its association_rules."""
    baskets, number = case["baskets"], len(case["baskets"])
    held = pd.DataFrame(False, index=range(number), columns=range(case["items"]))
    for row, basket in enumerate(baskets):
        held.loc[row, basket] = True
    # Half a basket below the threshold: no rounding decides.
    least = (case["min_baskets"] - 0.5) / number
    sets = fpgrowth(held, min_support=least, use_colnames=True, max_len=5)
    expected = {frozenset(items): round(support * number) for support, items in sets.to_numpy()}
    assert {frozenset(items): count for items, count in case["sets"]} == expected
    found = {(frozenset(r["antecedent"]), frozenset(r["consequent"])): r for r in case["rules"]}
    theirs = association_rules(sets, metric="confidence", min_threshold=0.3 - 1e-12)
    assert len(theirs) == len(found) > 0, (len(theirs), len(found))
    for rule in theirs.to_dict("records"):
        ours = found[(rule["antecedents"], rule["consequents"])]
        for measure in ["support", "confidence", "lift", "leverage"]:
            np.testing.assert_allclose(ours[measure], rule[measure], rtol=1e-9, atol=1e-12)
        if np.isinf(rule["conviction"]):
            assert ours["conviction"] is None
        else:
            np.testing.assert_allclose(ours["conviction"], rule["conviction"], rtol=1e-9)


def kmeans(case):
    """From the same start Lloyd's iterations end at the same partition; restarts end as low as scikit-learn's."""
    values = np.array(case["values"]).reshape(-1, case["width"])
    scaled = StandardScaler().fit_transform(values)
    np.testing.assert_allclose(case["scaled"], scaled, rtol=1e-9, atol=1e-12)
    start = np.array(case["start"]).reshape(-1, case["width"])
    theirs = KMeans(case["clusters"], init=start, n_init=1, algorithm="lloyd", tol=0).fit(scaled)
    np.testing.assert_array_equal(case["labels"], theirs.labels_)
    np.testing.assert_allclose(case["inertia"], theirs.inertia_, rtol=1e-9)
    np.testing.assert_allclose(case["silhouette"], silhouette_score(scaled, theirs.labels_), rtol=1e-9)
    best = KMeans(case["clusters"], n_init=20, random_state=1).fit(scaled)
    assert case["best_inertia"] <= best.inertia_ * 1.001, (case["best_inertia"], best.inertia_)


def ln_beta(a, b):
    return gammaln(a) + gammaln(b) - gammaln(a + b)


def check_fit(case, objective):
    """SciPy finds the same maximum, and the same standard errors from differences of the likelihood."""
    logs = np.log(case["fit"]["values"])
    np.testing.assert_allclose(objective(logs), -case["log_likelihood"], rtol=1e-10)
    theirs = minimize(objective, np.zeros(len(logs)), method="Nelder-Mead",
                      options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 20_000, "maxfev": 20_000})
    np.testing.assert_allclose(np.exp(theirs.x), case["fit"]["values"], rtol=1e-3)
    hessian = np.zeros((len(logs), len(logs)))
    step = 1e-3 * np.eye(len(logs))
    for i in range(len(logs)):
        for j in range(len(logs)):
            corners = [objective(logs + s * step[i] + t * step[j]) * s * t for s in (1, -1) for t in (1, -1)]
            hessian[i, j] = sum(corners) / 4e-6
    errors = np.exp(logs) * np.sqrt(np.diag(np.linalg.inv(hessian)))
    np.testing.assert_allclose(case["fit"]["errors"], errors, rtol=1e-3)


def purchases(case):
    """The likelihoods and expectations in the form of the papers, with hypergeometric functions."""
    shift = {"bg_nbd": 0, "mbg_nbd": 1}[case["model"]]

    def objective(logs):
        r, alpha, a, b = np.exp(logs)
        x, recency, age, customers = np.array(case["groups"]).T
        recency, age, k = recency / 7, age / 7, x + shift
        plain = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + ln_beta(a, b + k) - ln_beta(a, b)
        stays = -(r + x) * np.log(alpha + age)
        left = np.where(k > 0, np.log(a / np.where(k > 0, b + k - 1, 1)) - (r + x) * np.log(alpha + recency), -np.inf)
        return -(customers * (plain + np.logaddexp(stays, left))).sum()

    check_fit(case, objective)
    r, alpha, a, b = case["fit"]["values"]
    x, recency, age = np.array(case["histories"]).T
    recency, age, k = recency / 7, age / 7, x + shift
    odds = np.where(k > 0, a / np.where(k > 0, b + k - 1, 1) * ((alpha + age) / (alpha + recency)) ** (r + x), 0)
    np.testing.assert_allclose(case["alive"], 1 / (1 + odds), rtol=1e-9)
    for days, expected in zip(case["days"], np.array(case["expected"]).T):
        t = days / 7
        series = hyp2f1(r + x, b + k, a + b + k - 1, t / (alpha + age + t))
        if_active = (a + b + k - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * series)
        np.testing.assert_allclose(expected, if_active / (1 + odds), rtol=1e-7)


def spend(case):
    def objective(logs):
        p, q, gamma = np.exp(logs)
        x, mean = np.array(case["spends"]).T
        return -(gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma) + (p * x - 1) * np.log(mean)
                 + p * x * np.log(x) - (p * x + q) * np.log(gamma + mean * x)).sum()

    check_fit(case, objective)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        results = json.load(file)
    checks = {"rfm": [rfm, abc], "rules": [rules], "kmeans": [kmeans], "purchases": [purchases]}
    for name, functions in checks.items():
        for case in results[name]:
            for function in functions:
                function(case)
        print(f"{name}: {len(results[name])} cases agree")
    spend(results["spend"])
    print("spend: 1 case agrees")


if __name__ == "__main__":
    main()
