#[test]
fn hashes() {
    use argon2::{Argon2, Params, PasswordHasher as _};
    for (pw, salt) in [("looking-glass", "alice"), ("sugar-loaf", "bob"), ("green-ledger", "carol")] {
        let mut s = [0u8; 16];
        getrandom::fill(&mut s).unwrap();
        println!("{salt} {}", Argon2::default().hash_password_with_salt(pw.as_bytes(), &s).unwrap());
        println!(
            "cheap {salt} {}",
            Argon2::from(Params::new(8, 1, 1, None).unwrap())
                .hash_password_with_salt(pw.as_bytes(), &s)
                .unwrap()
        );
    }
}
