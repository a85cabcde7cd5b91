//! The `config` and `credentials` files of AWS's tools.

use super::Surroundings;
use std::collections::BTreeMap;

/// Sections by name, as `config` spells them: `profile x`, `sso-session x`. What is indented below `s3 =`
/// is called `s3.…`.
pub(super) type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// Both files in one; where both know a key of a profile, `credentials` wins, as in AWS's tools.
pub(super) fn read(surroundings: &Surroundings) -> Sections {
    let text = |variable, name| std::fs::read_to_string(surroundings.file(variable, name)).unwrap_or_default();
    let mut sections = Sections::new();
    for (name, keys) in parse(&text("AWS_CONFIG_FILE", "config")) {
        let name = if name == "default" { "profile default".to_owned() } else { name };
        sections.entry(name).or_default().extend(keys);
    }
    for (name, keys) in parse(&text("AWS_SHARED_CREDENTIALS_FILE", "credentials")) {
        sections.entry(format!("profile {name}")).or_default().extend(keys);
    }
    sections
}

fn parse(text: &str) -> Sections {
    let (mut sections, mut current) = (Sections::new(), None);
    let mut service = String::new();
    for line in text.lines() {
        if line.trim().is_empty() || line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        // Indented lines are settings of one service, such as `s3 =`; they hold no credentials.
        let indented = line.starts_with([' ', '\t']);
        if let Some(name) = line.trim().strip_prefix('[').and_then(|l| l.split_once(']')).map(|(name, _)| name) {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            sections.entry(name.clone()).or_default();
            current = Some(name);
            service.clear();
        } else if let (Some(name), Some((key, value))) = (&current, line.split_once('=')) {
            let value = value.split(" #").next().unwrap_or_default().trim();
            let section: &mut BTreeMap<_, _> = sections.entry(name.clone()).or_default();
            let key = key.trim().to_ascii_lowercase();
            match indented {
                true => drop(section.insert(format!("{service}.{key}"), value.to_owned())),
                false => {
                    section.insert(key.clone(), value.to_owned());
                    service = key;
                }
            }
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_as_the_tools_do() {
        let text =
            "# c\n[default]\nregion = eu-west-1 # here\n\n[profile  a b]\nrole_arn=arn:x=y\ns3 =\n  max = 3\nbroken\n";
        let read = parse(text);
        assert_eq!(read["default"]["region"], "eu-west-1");
        assert_eq!(read["profile a b"]["role_arn"], "arn:x=y");
        assert!(!read["profile a b"].contains_key("max"));
        assert_eq!(read["profile a b"]["s3.max"], "3");
        assert!(parse("key = before any section").is_empty());
    }
}
