//! Certificates of a test's own: for this machine, valid or long expired.

use super::{Broken, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A self-signed certificate for `localhost` and 127.0.0.1, with its key.
pub struct Certificate {
    /// PEM of the certificate, which is also its authority.
    pub certificate: PathBuf,
    /// PEM of the key, readable to its owner alone.
    pub key: PathBuf,
}

impl Certificate {
    /// Makes one in a folder; an expired one ended in 2020.
    ///
    /// # Errors
    /// What openssl complained about.
    pub fn make(folder: &Path, expired: bool) -> Result<Self, Broken> {
        let file = |name: &str| folder.join(name);
        let text = |path: &Path| path.display().to_string();
        let (key, request, certificate) = (file("own.key"), file("own.csr"), file("own.crt"));
        let configuration = format!(
            "[ca]\ndefault_ca = own\n[own]\ndatabase = {0}/index\nnew_certs_dir = {0}\nrand_serial = yes\ndefault_md = sha256\n\
             policy = any\n[any]\ncommonName = supplied\n[names]\nsubjectAltName = DNS:localhost,IP:127.0.0.1\n\
             basicConstraints = critical,CA:FALSE\n[req]\ndistinguished_name = none\n[none]\n",
            folder.display()
        );
        std::fs::write(file("own.cnf"), configuration).map_err(|e| e.to_string())?;
        std::fs::write(file("index"), "").map_err(|e| e.to_string())?;
        let config = text(&file("own.cnf"));
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"];
        let mut ask = Command::new("openssl");
        ask.args(["req", "-new", "-config", &config, "-keyout", &text(&key), "-out", &text(&request)]).args(curve);
        run(&mut ask)?;
        let (from, until) =
            if expired { ("20200101000000Z", "20200102000000Z") } else { ("20200101000000Z", "20990101000000Z") };
        let mut sign = Command::new("openssl");
        sign.args(["ca", "-batch", "-selfsign", "-notext", "-config", &config, "-extensions", "names"]);
        sign.args(["-in", &text(&request), "-keyfile", &text(&key), "-out", &text(&certificate)]);
        run(sign.args(["-startdate", from, "-enddate", until]))?;
        Ok(Self { certificate, key })
    }
}
