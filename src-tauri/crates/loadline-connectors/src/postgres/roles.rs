//! Timeouts as each login role gets them: role in this database, role, database, server, in this order (PostgreSQL
//! documentation, "pg_db_role_setting").

use super::reading::Reading;
use super::row::Columns;
use super::server::{Configured, Settings};
use super::statements::{ROLE_SETTINGS, ROLES};
use crate::Cancelled;
use loadline_model::{GapReason, Value, key};

const TIMEOUTS: [(&str, &str); 3] = [
    ("statement_timeout", key::STATEMENT_TIMEOUT_MS),
    ("lock_timeout", key::LOCK_TIMEOUT_MS),
    ("idle_in_transaction_session_timeout", key::IDLE_IN_TRANSACTION_TIMEOUT_MS),
];

/// A login role.
#[derive(Clone, Debug, Default, PartialEq)]
struct Role {
    name: String,
    superuser: bool,
    replication: bool,
    own: bool,
}

/// A setting attached to a role (empty: everybody), for this database or for all.
#[derive(Clone, Debug, PartialEq)]
struct Attached {
    role: String,
    in_database: bool,
    name: String,
    value: String,
}

/// Says the effective timeouts of every role an application may use.
pub(super) async fn read(r: &mut Reading<'_>, settings: &Settings) -> Result<(), Cancelled> {
    let Some(roles) = r.rows(&ROLES).await? else { return Ok(()) };
    let Some(attached) = r.rows(&ROLE_SETTINGS).await? else { return Ok(()) };
    let flag = |row: &sqlx::postgres::PgRow, column| row.flag(column).unwrap_or(false);
    let roles = roles.iter().filter_map(|row| {
        let name = row.text("name")?;
        Some(Role {
            name,
            superuser: flag(row, "superuser"),
            replication: flag(row, "replication"),
            own: flag(row, "own"),
        })
    });
    let attached: Vec<Attached> = attached
        .iter()
        .filter_map(|row| {
            let (role, name, value) = (row.text("role")?, row.text("name")?, row.text("value")?);
            Some(Attached { role, in_database: flag(row, "in_database"), name, value })
        })
        .collect();
    for role in applications(roles.collect()) {
        for (name, key) in TIMEOUTS {
            match effective(&role.name, name, &attached, settings.get(name)) {
                Some(ms) => r.set(&ROLE_SETTINGS, key, Some(&role.name), Value::Number(ms)),
                None => {
                    let detail =
                        format!("{name} of {} is hidden behind the value that our own role was given.", role.name);
                    let closes = format!("ALTER ROLE {} RESET {name};", r.server.role);
                    r.answer.miss(GapReason::PermissionDenied, detail, closes);
                }
            }
        }
    }
    Ok(())
}

/// The roles an application may use: not ours, no superusers and no replication roles, as far as others remain.
fn applications(roles: Vec<Role>) -> Vec<Role> {
    let mut left = roles;
    for unlikely in [|r: &Role| r.own, |r: &Role| r.superuser, |r: &Role| r.replication] {
        if left.iter().any(|r| !unlikely(r)) {
            left.retain(|r| !unlikely(r));
        }
    }
    left
}

/// Milliseconds, 0 off. `None`: the server's own value is hidden behind one attached to our role.
fn effective(role: &str, name: &str, attached: &[Attached], server: Option<&Configured>) -> Option<f64> {
    let find = |role: &str, in_database| {
        attached.iter().find(|a| a.role == role && a.in_database == in_database && a.name == name)
    };
    let own = [(role, true), (role, false), ("", true), ("", false)].iter().find_map(|(role, db)| find(role, *db));
    match (own, server) {
        (Some(attached), _) => milliseconds(&attached.value),
        (None, Some(s)) if s.source != "user" && s.source != "database user" => s.value.parse().ok(),
        _ => None,
    }
}

/// A duration as PostgreSQL writes it: a number of milliseconds or with one of its units.
fn milliseconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "ms" => 1.0,
        "us" => 0.001,
        "s" => 1_000.0,
        "min" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|n| n * factor).filter(|ms| ms.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached(role: &str, in_database: bool, value: &str) -> Attached {
        Attached { role: role.into(), in_database, name: "statement_timeout".into(), value: value.into() }
    }

    fn check(given: &[(&str, bool, &str)], source: &str, expected: Option<f64>) {
        let given: Vec<Attached> = given.iter().map(|(r, d, v)| attached(r, *d, v)).collect();
        let server = Configured { value: "7".into(), unit: "ms".into(), source: source.into() };
        assert_eq!(effective("app", "statement_timeout", &given, Some(&server)), expected, "{given:?}");
    }

    #[test]
    fn the_nearest_setting_wins() {
        check(&[], "configuration file", Some(7.0));
        check(&[("", true, "5s"), ("app", false, "30s")], "default", Some(30_000.0));
        check(&[("app", false, "30s"), ("app", true, "2min")], "default", Some(120_000.0));
        check(&[("", true, "5s"), ("other", true, "1")], "default", Some(5_000.0));
        check(&[], "user", None);
        check(&[("app", false, "1h")], "user", Some(3_600_000.0));
    }

    #[test]
    fn durations() {
        for (text, ms) in [
            ("0", Some(0.0)),
            ("250ms", Some(250.0)),
            ("1.5 s", Some(1500.0)),
            ("2d", Some(172_800_000.0)),
            ("x", None),
        ] {
            assert_eq!(milliseconds(text), ms, "{text}");
        }
    }

    #[test]
    fn applications_are_not_us_nor_administrators() {
        let role = |name: &str, superuser, own| Role { name: name.into(), superuser, own, ..Role::default() };
        let names = |roles: Vec<Role>| applications(roles).into_iter().map(|r| r.name).collect::<Vec<_>>();
        assert_eq!(
            names(vec![role("app", false, false), role("loadline", false, true), role("postgres", true, false)]),
            ["app"]
        );
        assert_eq!(names(vec![role("loadline", false, true), role("postgres", true, false)]), ["postgres"]);
        assert_eq!(names(vec![role("app", false, true)]), ["app"]);
    }
}
