//! Runbooks and decision records.

/// `runbook` or `decision_record`, by path.
pub(super) fn kind(path: &str) -> Option<&'static str> {
    let lower = path.to_ascii_lowercase();
    let page = [".md", ".mdx", ".rst", ".adoc", ".org", ".txt"].iter().any(|e| lower.ends_with(e));
    if !page {
        return None;
    }
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let in_folder = |words: &[&str]| folders.split('/').any(|f| words.contains(&f));
    let stem = name.rsplit_once('.').map_or(name, |(s, _)| s);
    if matches!(stem, "readme" | "index") || stem.ends_with("template") {
        return None;
    }
    if in_folder(&["runbooks", "runbook", "playbooks"]) || stem.contains("runbook") || stem.contains("playbook") {
        return Some("runbook");
    }
    let numbered = stem.starts_with("adr-") || stem.starts_with("adr_");
    (in_folder(&["adr", "adrs", "decisions", "decision-records"]) || numbered).then_some("decision_record")
}

/// The first heading, else the name of the file; cut at 120 characters.
pub(super) fn title(path: &str, text: &str) -> String {
    let heading = text.lines().take(40).find_map(|l| l.strip_prefix("# ").or_else(|| l.strip_prefix("= ")));
    let name = path.rsplit('/').next().unwrap_or(path);
    let said = heading.map_or_else(|| name.rsplit_once('.').map_or(name, |(s, _)| s), str::trim);
    said.chars().take(120).collect()
}
