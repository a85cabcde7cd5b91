//! System packages, installed only where they are missing. Debian-like machines are served by apt; on others the list is
//! printed so that a person can install its counterpart.

use crate::run::{run, succeeds};
use crate::wasm;
use anyhow::{Result, bail};
use std::process::Command;

/// A package and a file or program that shows it is there.
struct Package {
    name: &'static str,
    shows: Shows,
}

enum Shows {
    Program(&'static str),
    PkgConfig(&'static str),
    File(&'static str),
    PythonModule(&'static str),
    PerlModule(&'static str),
}

use Shows::{File, PerlModule, PkgConfig, Program, PythonModule};

const BUILD: &[Package] = &[
    Package { name: "pkg-config", shows: Program("pkg-config") },
    Package { name: "build-essential", shows: Program("cc") },
    Package { name: "libgtk-3-dev", shows: PkgConfig("gtk+-3.0") },
    Package { name: "libwebkit2gtk-4.1-dev", shows: PkgConfig("webkit2gtk-4.1") },
    Package { name: "librsvg2-dev", shows: PkgConfig("librsvg-2.0") },
];

const TEST: &[Package] = &[
    Package { name: "postgresql-15", shows: File("/usr/lib/postgresql/15/bin/initdb") },
    Package { name: "postgresql-15-hypopg", shows: File("/usr/share/postgresql/15/extension/hypopg.control") },
    Package { name: "pgbouncer", shows: File("/usr/sbin/pgbouncer") },
    // Not `mariadb-server`, which would start a service of the system.
    Package { name: "mariadb-server-core", shows: File("/usr/sbin/mariadbd") },
    Package { name: "mariadb-client", shows: Program("mariadb-dump") },
    // Other people's judges of the same servers: 2 MB together, read only by tests.
    Package { name: "check-postgres", shows: Program("check_postgres") },
    Package { name: "pgbadger", shows: Program("pgbadger") },
    // Its JSON output.
    Package { name: "libjson-xs-perl", shows: PerlModule("JSON::XS") },
    Package { name: "mysqltuner", shows: Program("mysqltuner") },
    Package { name: "percona-toolkit", shows: Program("pt-duplicate-key-checker") },
    Package { name: "prometheus", shows: Program("prometheus") },
    // Brings redis-cli and redis-benchmark along; a Sentinel is the same program.
    Package { name: "redis-server", shows: Program("redis-server") },
    Package { name: "memcached", shows: Program("memcached") },
    Package { name: "openssl", shows: Program("openssl") },
    Package { name: "xvfb", shows: Program("Xvfb") },
    Package { name: "xauth", shows: Program("xauth") },
    Package { name: "webkit2gtk-driver", shows: Program("WebKitWebDriver") },
    Package { name: "dbus", shows: Program("dbus-run-session") },
    Package { name: "gnome-keyring", shows: Program("gnome-keyring-daemon") },
    Package { name: "poppler-utils", shows: Program("pdftotext") },
    Package { name: "strace", shows: Program("strace") },
    Package { name: "nodejs", shows: Program("node") },
    // `python3 -m venv` needs the pip that this package brings along.
    Package { name: "python3-venv", shows: PythonModule("ensurepip") },
];

/// Installs what `what` needs: `build`, `test` (includes build) or `bench` (includes both).
pub(crate) fn install(what: &str) -> Result<()> {
    let groups: &[&[Package]] = match what {
        "build" => &[BUILD],
        "test" | "bench" => &[BUILD, TEST],
        other => bail!("unknown group `{other}`: build, test or bench"),
    };
    if cfg!(target_os = "linux") {
        let missing: Vec<&str> =
            groups.iter().flat_map(|g| g.iter()).filter(|p| !p.present()).map(|p| p.name).collect();
        if !missing.is_empty() {
            apt(&missing)?;
        }
    }
    wasm::ensure_target()
}

impl Package {
    fn present(&self) -> bool {
        match self.shows {
            Program(name) => succeeds(Command::new("sh").args(["-c", &format!("command -v {name}")])),
            PkgConfig(module) => succeeds(Command::new("pkg-config").args(["--exists", module])),
            File(path) => std::path::Path::new(path).exists(),
            PerlModule(name) => succeeds(Command::new("perl").args([&format!("-M{name}"), "-e", "1"])),
            PythonModule(name) => succeeds(Command::new("python3").args(["-c", &format!("import {name}")])),
        }
    }
}

/// Installs packages with apt, as root or through sudo.
pub(crate) fn apt(packages: &[&str]) -> Result<()> {
    if !succeeds(Command::new("sh").args(["-c", "command -v apt-get"])) {
        bail!(
            "these packages are missing and this machine has no apt-get; install their counterparts: {}",
            packages.join(" ")
        );
    }
    eprintln!("installing: {}", packages.join(" "));
    let root = crate::run::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    let apt = |words: &[&str]| {
        let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
        if !root {
            command.arg("apt-get");
        }
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdout(std::process::Stdio::null());
        run(&mut command)
    };
    apt(&["update", "-qq"])?;
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(packages);
    apt(&words)
}

/// The AWS emulator and the vendor's own client, which builds accounts in it; the path of the server.
pub(crate) fn moto() -> Result<std::path::PathBuf> {
    Ok(python(&["moto[server]==5.2.5", "boto3==1.44.5"])?.with_file_name("moto_server"))
}

/// The server that speaks MongoDB's wire protocol on WiredTiger, and the vendor's own client, which fills it; the path of
/// the server. A test tool: it is never linked.
pub(crate) fn secantus() -> Result<std::path::PathBuf> {
    Ok(python(&["SecantusDB==0.7.0b3", "pymongo==4.20.0"])?.with_file_name("secantusd-py"))
}

/// A Python of its own with these packages, in the cache; made once per list.
pub(crate) fn python(packages: &[&str]) -> Result<std::path::PathBuf> {
    let name: String = packages.join("-").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let folder = crate::places::cache().join("python").join(name);
    let python = folder.join("bin/python");
    if !folder.join(".complete").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
        std::fs::write(folder.join(".complete"), "")?;
    }
    Ok(python)
}
