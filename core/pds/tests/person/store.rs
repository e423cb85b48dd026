//! The store's folder: made, opened, damaged, put back.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kist_pds::*;
use serde_json::json;
use tempfile::TempDir;

use crate::world::{NAME, PASSPHRASE, code};

fn desktop() -> Platform {
    Platform {
        kdf_cost: KdfCost::FLOOR,
        ..Platform::desktop("test")
    }
}

/// A store with one record, closed.
async fn store(platform: Platform) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let person = Person::create(&folder.path().join("alice"), platform, PASSPHRASE)
        .await
        .unwrap();
    add(&person, "Alice").await;
    person.close().await.unwrap();
    folder
}

async fn add(person: &Person, name: &str) {
    let body = json!({ "given_name": name });
    person.records().add_self_asserted(NAME, body).await.unwrap();
}

async fn names(person: &Person) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for summary in person.records().list(Filter::default()).await? {
        let record = person.records().get(summary.id).await?;
        names.push(record.body["given_name"].as_str().unwrap().to_owned());
    }
    Ok(names)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, target) = (entry.as_ref().unwrap(), to.join(entry.as_ref().unwrap().file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn z2_a_store_opens_with_its_passphrase_and_no_other() {
    let folder = store(desktop()).await;
    let dir = folder.path().join("alice");
    assert!(Person::exists(&dir) && !Person::exists(folder.path()));
    for wrong in ["", "a passphrase", "A passphrase of some length"] {
        let refused = Person::open(&dir, desktop(), wrong).await.err().unwrap();
        assert_eq!((refused.code(), refused.category()), ("KeyMismatch", Category::Unlock));
    }
    let nowhere = Person::open(folder.path(), desktop(), PASSPHRASE).await;
    assert_eq!(nowhere.err().unwrap().code(), "NotFound");

    let person = Person::open(&dir, desktop(), PASSPHRASE).await.unwrap();
    assert_eq!(names(&person).await.unwrap(), ["Alice"]);
    let second = Person::open(&dir, desktop(), PASSPHRASE).await;
    assert_eq!(second.err().unwrap().code(), "InUse");

    person.change_passphrase("another passphrase").await.unwrap();
    person.close().await.unwrap();
    let old = Person::open(&dir, desktop(), PASSPHRASE).await;
    assert_eq!(old.err().unwrap().code(), "KeyMismatch");
    let person = Person::open(&dir, desktop(), "another passphrase").await.unwrap();
    assert_eq!(names(&person).await.unwrap(), ["Alice"]);
}

#[tokio::test]
async fn z2_creating_over_anything_is_refused_and_touches_nothing() {
    let folder = store(desktop()).await;
    let dir = folder.path().join("alice");
    let again = Person::create(&dir, desktop(), "another").await;
    assert_eq!(again.err().unwrap().code(), "AlreadyExists");

    // The keyring is lost, and the vault is not: with the recovery code there is hope, unless it is deleted.
    let keyring = fs::read(dir.join("keyring.json")).unwrap();
    fs::remove_file(dir.join("keyring.json")).unwrap();
    let over = Person::create(&dir, desktop(), PASSPHRASE).await;
    assert_eq!(over.err().unwrap().code(), "AlreadyExists");
    fs::write(dir.join("keyring.json"), keyring).unwrap();
    let person = Person::open(&dir, desktop(), PASSPHRASE).await.unwrap();
    assert_eq!(names(&person).await.unwrap(), ["Alice"]);

    // Somebody's own folder has a folder of that name.
    let own = folder.path().join("documents");
    fs::create_dir_all(own.join("vault")).unwrap();
    fs::write(own.join("vault/photo.jpg"), b"a photograph").unwrap();
    let over = Person::create(&own, desktop(), PASSPHRASE).await;
    assert_eq!(over.err().unwrap().code(), "AlreadyExists");
    assert_eq!(fs::read(own.join("vault/photo.jpg")).unwrap(), b"a photograph");
}

/// A key store that fails until it is mended.
struct Failing {
    area: SoftwareSecureArea,
    mended: AtomicBool,
}

impl SecureArea for Failing {
    fn seal(&self, secret: &[u8]) -> std::result::Result<Vec<u8>, kist_crypto::Error> {
        match self.mended.load(Ordering::SeqCst) {
            true => self.area.seal(secret),
            false => Err(kist_crypto::Error::PlatformKey {
                state: PlatformKeyState::Locked,
            }),
        }
    }

    fn open(&self, sealed: &[u8]) -> std::result::Result<SecretBytes, kist_crypto::Error> {
        self.area.open(sealed)
    }

    fn signing_key(&self, name: &str) -> std::result::Result<kist_crypto::es256::PublicKey, kist_crypto::Error> {
        self.area.signing_key(name)
    }

    fn sign(&self, name: &str, message: &[u8]) -> std::result::Result<[u8; 64], kist_crypto::Error> {
        self.area.sign(name, message)
    }
}

fn software_area(seed: u8) -> SoftwareSecureArea {
    SoftwareSecureArea::new(kist_crypto::Secret::new([seed; 32]))
}

#[tokio::test]
async fn a36_an_interrupted_creation_leaves_no_store_and_the_next_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("alice");
    let area = Arc::new(Failing {
        area: software_area(1),
        mended: AtomicBool::new(false),
    });
    let platform = Platform {
        secure_area: Some(area.clone()),
        ..desktop()
    };
    let refused = Person::create(&dir, platform.clone(), PASSPHRASE).await.err().unwrap();
    assert_eq!((refused.code(), refused.retry()), ("PlatformKey", Retry::Later));
    assert!(!Person::exists(&dir));
    let unfinished = Person::open(&dir, platform.clone(), PASSPHRASE).await;
    assert_eq!(unfinished.err().unwrap().code(), "NotFound");

    area.mended.store(true, Ordering::SeqCst);
    let person = Person::create(&dir, platform, PASSPHRASE).await.unwrap();
    add(&person, "Alice").await;
    assert_eq!(names(&person).await.unwrap(), ["Alice"]);
    let mut left: Vec<_> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["keyring.json", "vault"]);
}

#[tokio::test]
async fn z2_the_platforms_key_store_opens_the_store_on_this_device_alone() {
    let with = |seed| Platform {
        secure_area: Some(Arc::new(software_area(seed))),
        ..desktop()
    };
    let folder = store(with(1)).await;
    let dir = folder.path().join("alice");
    let before = Person::open_with_device(&dir, with(1)).await;
    assert_eq!(before.err().unwrap().code(), "PlatformKey");
    let person = Person::open(&dir, with(1), PASSPHRASE).await.unwrap();
    person.enable_device_unlock().await.unwrap();
    person.close().await.unwrap();

    let person = Person::open_with_device(&dir, with(1)).await.unwrap();
    assert_eq!(names(&person).await.unwrap(), ["Alice"]);
    person.close().await.unwrap();
    // Copied to another device the folder is closed, with the passphrase too.
    assert!(Person::open_with_device(&dir, with(2)).await.is_err());
    assert!(Person::open(&dir, with(2), PASSPHRASE).await.is_err());
    for without in [
        Person::open(&dir, desktop(), PASSPHRASE).await,
        Person::open_with_device(&dir, desktop()).await,
    ] {
        assert_eq!(without.err().unwrap().code(), "PlatformKey");
    }
    let desktop = store(desktop()).await;
    let person = Person::open(&desktop.path().join("alice"), self::desktop(), PASSPHRASE)
        .await
        .unwrap();
    assert_eq!(code(person.enable_device_unlock().await), "PlatformKey");
}

#[tokio::test]
async fn a26_an_older_copy_put_back_is_refused_and_a_power_cut_never_locks_out() {
    let state = Arc::new(MemorySmallState::default());
    let platform = || Platform {
        small_state: Some(state.clone()),
        ..desktop()
    };
    let folder = store(platform()).await;
    let (dir, old, newest) = (
        folder.path().join("alice"),
        folder.path().join("old"),
        folder.path().join("newest"),
    );
    copy(&dir, &old);
    let person = Person::open(&dir, platform(), PASSPHRASE).await.unwrap();
    add(&person, "Alice Archer").await;
    person.close().await.unwrap();
    copy(&dir, &newest);

    fs::remove_dir_all(&dir).unwrap();
    copy(&old, &dir);
    let refused = Person::open(&dir, platform(), PASSPHRASE).await.err().unwrap();
    assert_eq!(
        (refused.code(), refused.category()),
        ("RollbackDetected", Category::Integrity)
    );
    assert_eq!(
        code(Person::open(&dir, platform(), "wrong").await.map(drop)),
        "KeyMismatch"
    );

    fs::remove_dir_all(&dir).unwrap();
    copy(&newest, &dir);
    let person = Person::open(&dir, platform(), PASSPHRASE).await.unwrap();
    // The process ends here: what was acknowledged is in the store, and the note of its generation is older.
    add(&person, "Alice A. Archer").await;
    drop(person);
    let person = Person::open(&dir, platform(), PASSPHRASE).await.unwrap();
    assert_eq!(names(&person).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a6_a_damaged_keyring_is_named_and_nothing_is_lost() {
    let folder = store(desktop()).await;
    let (dir, keyring) = (folder.path().join("alice"), folder.path().join("alice/keyring.json"));
    let whole = fs::read(&keyring).unwrap();
    let allowed = ["Corrupt", "KeyMismatch", "KdfPolicyViolation", "DowngradeRefused"];
    for position in (0..whole.len()).step_by(9) {
        let mut damaged = whole.clone();
        damaged[position] ^= 1;
        fs::write(&keyring, damaged).unwrap();
        if let Err(error) = Person::open(&dir, desktop(), PASSPHRASE).await {
            assert!(allowed.contains(&error.code()), "{error} at {position}");
        }
    }
    for damaged in [&b""[..], b"{}", b"null", &[0xff; 100], &whole[..whole.len() / 2]] {
        fs::write(&keyring, damaged).unwrap();
        let refused = Person::open(&dir, desktop(), PASSPHRASE).await.err().unwrap();
        assert_eq!(refused.code(), "Corrupt");
        assert_eq!(refused.parameter("part"), Some(&Parameter::Word("keyring".into())));
    }
    // A cost that would take all memory is refused before anything is derived.
    let text = String::from_utf8(whole.clone()).unwrap();
    let costly = text.replace("\"memory_kib\": 19456", "\"memory_kib\": 4294967295");
    assert_ne!(costly, text);
    fs::write(&keyring, costly).unwrap();
    let refused = Person::open(&dir, desktop(), PASSPHRASE).await.err().unwrap();
    assert_eq!(refused.code(), "KdfPolicyViolation");

    fs::write(&keyring, whole).unwrap();
    let person = Person::open(&dir, desktop(), PASSPHRASE).await.unwrap();
    assert_eq!(names(&person).await.unwrap(), ["Alice"]);
}

#[tokio::test]
async fn a6_a_damaged_store_is_corrupt_and_never_gives_wrong_data() {
    let folder = store(desktop()).await;
    let (dir, copied) = (folder.path().join("alice"), folder.path().join("copy"));
    let store = dir.join("vault/store.kist");
    let length = fs::metadata(&store).unwrap().len() as usize;
    let mut refused = 0;
    for position in (0..length).step_by(length / 60) {
        let _ = fs::remove_dir_all(&copied);
        copy(&dir, &copied);
        let mut bytes = fs::read(&store).unwrap();
        bytes[position] ^= 1;
        fs::write(copied.join("vault/store.kist"), bytes).unwrap();
        let read = match Person::open(&copied, desktop(), PASSPHRASE).await {
            Ok(person) => names(&person).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(names) => assert_eq!(names, ["Alice"]),
            Err(error) => {
                assert_eq!((error.code(), error.category()), ("Corrupt", Category::Integrity));
                refused += 1;
            }
        }
    }
    assert!(refused > 10, "{refused}");
    for damage in [&b""[..], b"not a store at all"] {
        fs::write(copied.join("vault/store.kist"), damage).unwrap();
        let refused = Person::open(&copied, desktop(), PASSPHRASE).await;
        assert_eq!(refused.err().unwrap().code(), "Corrupt");
    }
    fs::remove_dir_all(copied.join("vault")).unwrap();
    let refused = Person::open(&copied, desktop(), PASSPHRASE).await;
    assert_eq!(refused.err().unwrap().code(), "Corrupt");
    // The original was only read.
    let person = Person::open(&dir, desktop(), PASSPHRASE).await.unwrap();
    assert_eq!(names(&person).await.unwrap(), ["Alice"]);
}

#[tokio::test]
async fn u1_every_code_that_is_given_stands_in_the_table() {
    fn check(dir: &Path, found: &mut usize) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                check(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for after in text.split("Error::new(\"").skip(1) {
                let code = after.split('"').next().unwrap();
                assert!(
                    CODES.iter().any(|known| known.0 == code),
                    "{code} in {}",
                    path.display()
                );
                *found += 1;
            }
        }
    }
    let mut found = 0;
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found > 50);
    let mut codes: Vec<_> = CODES.iter().map(|known| known.0).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), CODES.len());
}
