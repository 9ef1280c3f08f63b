//! A certificate of the test's own.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A key and a certificate that it has signed itself, for one name.
pub struct Certificate {
    pub key: PathBuf,
    pub certificate: PathBuf,
    _folder: TempDir,
}

impl Certificate {
    pub fn of(name: &str) -> Self {
        let folder = super::folder();
        let [key, certificate] = ["key.pem", "certificate.pem"].map(|name| folder.path().join(name));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
            .args(["-nodes", "-days", "2", "-subj", &format!("/CN={name}")])
            .args(["-addext", &format!("subjectAltName=DNS:{name}")])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output();
        let made = made.expect("no `openssl` here: apt-get install openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        super::give(&key);
        super::give(&certificate);
        Self { key, certificate, _folder: folder }
    }

    /// What has a server use it.
    pub fn options(&self) -> [String; 3] {
        let [key, certificate] = [&self.key, &self.certificate].map(|path| path.display());
        ["ssl=on".to_owned(), format!("ssl_key_file={key}"), format!("ssl_cert_file={certificate}")]
    }
}
