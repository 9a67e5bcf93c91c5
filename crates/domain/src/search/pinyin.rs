//! How ideographs are spelt in pinyin, and by their initials.

use std::borrow::Cow;

use pinyin::ToPinyin;

use super::Part;

/// Readings beside the most frequent one: surnames, and what names of places and companies are read.
const OTHER_READINGS: &[(char, &[&str])] = &[
    ('万', &["mo"]),
    ('乐', &["yue"]),
    ('乘', &["sheng"]),
    ('仇', &["qiu"]),
    ('会', &["kuai"]),
    ('传', &["zhuan"]),
    ('佴', &["nai"]),
    ('便', &["pian"]),
    ('俟', &["qi"]),
    ('六', &["lu"]),
    ('区', &["ou"]),
    ('单', &["shan", "chan"]),
    ('卜', &["bo"]),
    ('厦', &["xia"]),
    ('句', &["gou"]),
    ('召', &["shao"]),
    ('员', &["yun"]),
    ('和', &["huo"]),
    ('尉', &["yu"]),
    ('宓', &["fu"]),
    ('宿', &["xiu"]),
    ('将', &["qiang"]),
    ('尹', &["yun"]),
    ('差', &["chai"]),
    ('弹', &["dan"]),
    ('得', &["dei"]),
    ('折', &["she"]),
    ('曾', &["zeng"]),
    ('朝', &["zhao"]),
    ('朴', &["piao"]),
    ('查', &["zha"]),
    ('歙', &["she"]),
    ('殷', &["yan"]),
    ('泊', &["po"]),
    ('洗', &["xian"]),
    ('澹', &["tan"]),
    ('牟', &["mu"]),
    ('盖', &["ge"]),
    ('盛', &["cheng"]),
    ('秘', &["bi"]),
    ('种', &["chong"]),
    ('祭', &["zhai"]),
    ('缪', &["miao"]),
    ('纪', &["ji"]),
    ('翟', &["zhai"]),
    ('莘', &["xin"]),
    ('蔚', &["yu"]),
    ('薄', &["bo"]),
    ('藏', &["zang"]),
    ('行', &["hang"]),
    ('覃', &["qin"]),
    ('解', &["xie"]),
    ('调', &["tiao", "diao"]),
    ('谌', &["shen"]),
    ('贾', &["gu"]),
    ('车', &["ju"]),
    ('适', &["kuo"]),
    ('逄', &["pang"]),
    ('那', &["nuo"]),
    ('都', &["dou"]),
    ('重', &["chong"]),
    ('长', &["chang", "zhang"]),
    ('阚', &["kan"]),
    ('降', &["xiang"]),
    ('隗', &["kui"]),
    ('黑', &["he"]),
    ('黾', &["mian"]),
];

/// Readings that are tried for one of the first so many ideographs of a spelling.
const VARIED: usize = 4;

/// What is read as one: a syllable, or a word in Latin letters as it stands.
pub struct Unit {
    full: Cow<'static, str>,
    others: Vec<Cow<'static, str>>,
    /// A word stands in full among initials.
    word: bool,
}

fn unit(c: char) -> Option<Unit> {
    let usual = c.to_pinyin()?.plain();
    let listed = OTHER_READINGS.iter().find(|(known, _)| *known == c);
    let mut others: Vec<Cow<'static, str>> = listed
        .into_iter()
        .flat_map(|(_, readings)| *readings)
        .filter(|reading| **reading != usual)
        .map(|reading| Cow::Borrowed(*reading))
        .collect();
    // 吕 is typed lv, lu and lyu.
    let full = if usual.contains('ü') {
        others.extend(["u", "yu"].map(|u| Cow::Owned(usual.replace('ü', u))));
        Cow::Owned(usual.replace('ü', "v"))
    } else {
        Cow::Borrowed(usual)
    };
    Some(Unit {
        full,
        others,
        word: false,
    })
}

/// The stretches of a run that have a reading; kana and rare ideographs have none.
pub fn spoken(run: &[char]) -> Vec<Vec<Unit>> {
    let mut stretches = vec![Vec::new()];
    for c in run {
        match (unit(*c), stretches.last_mut()) {
            (Some(unit), Some(last)) => last.push(unit),
            _ => stretches.push(Vec::new()),
        }
    }
    stretches
}

/// All that can be read of a text.
pub fn all_spoken(parts: &[Part]) -> Vec<Unit> {
    let of_part = |part: &Part| match part {
        Part::Word(word) => vec![Unit {
            full: Cow::Owned(word.clone()),
            others: Vec::new(),
            word: true,
        }],
        Part::Ideographs(run) => run.iter().copied().filter_map(unit).collect(),
    };
    parts.iter().flat_map(of_part).collect()
}

/// The beginnings in pinyin and in initials, at most so many letters each: as usually read, and with one other reading.
pub fn spellings(units: &[Unit], longest: usize) -> Vec<String> {
    let mut all = spelling(units, None, longest).to_vec();
    for (place, unit) in units.iter().enumerate().take(VARIED) {
        for other in &unit.others {
            all.extend(spelling(units, Some((place, other)), longest));
        }
    }
    all.retain(|spelling| !spelling.is_empty());
    all
}

fn spelling(units: &[Unit], instead: Option<(usize, &str)>, longest: usize) -> [String; 2] {
    let (mut full, mut initials) = (String::new(), String::new());
    for (place, unit) in units.iter().enumerate().take(longest) {
        let reading = match instead {
            Some((at, other)) if at == place => other,
            _ => &unit.full,
        };
        if full.len() < longest {
            full.push_str(reading);
        }
        if unit.word {
            initials.push_str(reading);
        } else {
            initials.extend(reading.chars().next());
        }
    }
    [full, initials]
}
