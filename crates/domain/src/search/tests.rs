use proptest::prelude::*;

use super::*;

fn named(name: &str) -> Tokens {
    Tokens::of([(Kind::Name, name)])
}

fn finds(tokens: &Tokens, text: &str) -> bool {
    Query::parse(text).is_some_and(|query| tokens.answer(&query))
}

#[track_caller]
fn check(tokens: &Tokens, found: &[&str], not: &[&str]) {
    for text in found {
        assert!(finds(tokens, text), "{text} finds it: {tokens:?}");
    }
    for text in not {
        assert!(!finds(tokens, text), "{text} does not find it: {tokens:?}");
    }
}

#[test]
fn a_chinese_name_by_characters_pinyin_and_initials() {
    check(
        &named("张三"),
        &[
            "张",
            "三",
            "张三",
            "z",
            "zs",
            "ZS",
            "zhang",
            "zhangs",
            "zhangsan",
            "zhang s",
            "zhang san",
            "张s",
            "张 san",
            "ｚｓ",
        ],
        &[
            "李", "张四", "三张", "zsan", "hang", "zl", "zhangli", "!?", "",
        ],
    );
}

#[test]
fn a_company_from_any_character_on() {
    check(
        &named("上海晨光商贸有限公司"),
        &[
            "晨光",
            "商贸 公司",
            "cg",
            "chenguang",
            "shcg",
            "shanghaichenguangshangmaoyouxiangongsi",
            "有限",
            "youxian",
        ],
        &["光晨", "guangchen", "cs"],
    );
    check(
        &named("3M中国"),
        &["3m", "3mzhong", "3mzg", "中国", "zg"],
        &["m中"],
    );
}

#[test]
fn surnames_and_places_as_they_are_read() {
    for (name, found) in [
        ("单美", "shanmei"),
        ("曾国", "zengguo"),
        ("仇英", "qiuying"),
        ("解珍", "xiezhen"),
        ("查理", "zhali"),
        ("翟明", "zhaiming"),
        ("盖叫天", "gejiaotian"),
        ("区少", "oushao"),
        ("尉迟恭", "yuchigong"),
        ("朴一", "piaoyi"),
        ("缪小", "miaoxiao"),
        ("吕布", "lvbu"),
        ("吕布", "lubu"),
        ("中国银行", "zhongguoyinhang"),
        ("重庆银行", "chongqing"),
        ("长城", "changcheng"),
        ("厦门", "xiamen"),
        ("单美", "danmei"),
    ] {
        assert!(finds(&named(name), found), "{found} finds {name}");
    }
    assert!(finds(&named("仇英"), "qy"), "the initials of the surname");
}

#[test]
fn latin_words_by_their_beginning() {
    check(
        &named("Müller & Söhne GmbH"),
        &["muller", "Müller", "soh", "gmbh mül", "mullersohne"],
        &["ller", "muller ag"],
    );
}

#[test]
fn codes_by_parts_and_digits() {
    check(
        &Tokens::of([(Kind::Code, "SO202611-000123")]),
        &[
            "SO202611-000123",
            "so202611",
            "so",
            "202611",
            "000123",
            "123",
            "SO202611000123",
            "202611-000123",
        ],
        &["611", "0123x", "so202612"],
    );
}

#[test]
fn telephones_by_any_digits() {
    let tokens = Tokens::of([(Kind::Phone, "+86 138-0013-8000")]);
    check(
        &tokens,
        &[
            "138",
            "13800138000",
            "8000",
            "000",
            "0013",
            "+86 138 0013 8000",
            "+8613800138000",
            "138 8000",
            "8613800138000",
            "138-0013",
        ],
        &["00", "139", "8002", "13800138009", "138 8002"],
    );
    let tokens = Tokens::of([(Kind::Phone, "13800138000")]);
    check(&tokens, &["+86 138 0013 8000"], &[]);
}

#[test]
fn addresses_of_mail_by_their_parts() {
    check(
        &Tokens::of([(Kind::Email, "li.wei@example.com")]),
        &["li.wei@example.com", "li.w", "wei", "example", "li example"],
        &["xample", "li.bo"],
    );
}

#[test]
fn whole_and_beginning_are_told_apart() {
    let query = Query::parse("Zhang San").expect("words");
    let (whole, longer) = (named("张三"), named("张三丰"));
    assert!(whole.hold(&query.is_whole()) && longer.hold(&query.begins_whole()));
    assert!(!longer.hold(&query.is_whole()));
    let subject = Tokens::of([(Kind::Text, "张三")]);
    assert!(!subject.hold(&query.begins_whole()) && subject.answer(&query));
}

#[test]
fn few_letters_are_looked_up_as_a_whole() {
    let query = Query::parse("sh").expect("a word");
    assert_eq!(query.words, [Word(vec![vec![Term::Is("ish".into())]])]);
    assert_eq!(query.begins_whole(), Term::Is("bsh".into()));
    let longer = Query::parse("shc").expect("a word");
    assert_eq!(
        longer.words,
        [Word(vec![vec![Term::Begins("wshc".into())]])]
    );
    check(&named("上海晨光"), &["s", "sh", "hc", "cg"], &["hg", "sg"]);
}

proptest! {
    // So they find what one would find who went through all tokens.
    #[test]
    fn few_letters_find_what_begins_so(text in "[a-c0-1\u{4e00}-\u{4e20} -]{1,12}", asked in "[a-d0-2\u{4e00}-\u{4e20}]{1,4}") {
        for kind in [Kind::Name, Kind::Text, Kind::Code, Kind::Phone, Kind::Email] {
            let tokens = Tokens::of([(kind, text.as_str())]);
            for sort in ['w', 'a'] {
                let start = token(sort, &asked, MAX_TOKEN);
                let begin = tokens.iter().any(|token| token.starts_with(&start));
                prop_assert_eq!(tokens.hold(&query::begins(sort, &asked, MAX_TOKEN)), begin, "{:?}", tokens);
            }
        }
    }

    #[test]
    fn nothing_panics_and_tokens_stay_simple(text in any::<String>(), asked in any::<String>()) {
        for kind in [Kind::Name, Kind::Text, Kind::Code, Kind::Phone, Kind::Email] {
            let tokens = Tokens::of([(kind, text.as_str())]);
            for token in tokens.iter() {
                prop_assert!(token.chars().all(char::is_alphanumeric), "{token:?}");
                prop_assert!(token.chars().count() <= MAX_TOKEN + 1, "{token:?}");
            }
            if let Some(query) = Query::parse(&asked) {
                tokens.answer(&query);
            }
        }
    }

    #[test]
    fn a_name_is_found_by_itself(text in "[a-zA-Z0-9\u{4e00}-\u{9fa5}éÜ &-]{1,60}") {
        if let Some(query) = Query::parse(&text) {
            let tokens = Tokens::of([(Kind::Name, text.as_str()), (Kind::Phone, text.as_str()), (Kind::Code, text.as_str())]);
            prop_assert!(tokens.answer(&query), "{tokens:?}");
            prop_assert!(tokens.hold(&query.is_whole()), "{tokens:?}");
        }
    }

    #[test]
    fn a_name_is_found_by_each_part(name in "[\u{4e00}-\u{9fa5}]{2,12}", from in 0_usize..12, length in 1_usize..12) {
        let part: String = name.chars().skip(from).take(length).collect();
        if !part.is_empty() {
            prop_assert!(finds(&named(&name), &part));
        }
    }

    #[test]
    fn a_telephone_is_found_by_each_three_digits(digits in "[0-9]{3,15}", from in 0_usize..15, length in 3_usize..15) {
        let part: String = digits.chars().skip(from).take(length).collect();
        if part.len() >= 3 {
            prop_assert!(finds(&Tokens::of([(Kind::Phone, digits.as_str())]), &part));
        }
    }
}
