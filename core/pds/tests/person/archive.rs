//! Leaving with everything, and coming back.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use kist_pds::*;
use serde_json::{Value, json};

use crate::files::let_go_half_way;
use crate::records::person;
use crate::world::{NAME, PASSPHRASE, VACCINATION, World, code, platform};

fn with_state() -> ExportOptions {
    ExportOptions {
        sealed_state: true,
        ..ExportOptions::default()
    }
}

fn with_code(report: &ExportReport) -> ImportOptions {
    ImportOptions {
        code: report.code.clone(),
        ..ImportOptions::default()
    }
}

fn desktop() -> Platform {
    Platform {
        kdf_cost: KdfCost::FLOOR,
        ..Platform::desktop("another")
    }
}

async fn new_store(folder: &Path, platform: Platform) -> Person {
    Person::create(folder, platform, PASSPHRASE).await.unwrap()
}

/// Everything that a person can see of their store, but for how this device reaches it.
async fn all(person: &Person) -> Value {
    let records = person.records();
    let mut found = BTreeMap::new();
    for summary in records.list(Filter::default()).await.unwrap() {
        let mut files = Vec::new();
        for revision in records.revisions(summary.id).await.unwrap() {
            for file in &revision.files {
                // Where a file is cut depends on the store's key.
                files.push((file.digest, person.files().read(file.id).await.unwrap()));
            }
        }
        let mut revisions = serde_json::to_value(records.revisions(summary.id).await.unwrap()).unwrap();
        for revision in revisions.as_array_mut().unwrap() {
            for file in revision["files"].as_array_mut().unwrap() {
                file.as_object_mut().unwrap().remove("chunks");
            }
        }
        found.insert(
            summary.id.to_string(),
            json!([revisions, files, summary.title, summary.conflict]),
        );
    }
    let mut consents = Vec::new();
    for consent in person.consents().list().await.unwrap() {
        consents.push(person.consents().get(&consent.id).await.unwrap());
    }
    json!([found, consents])
}

fn python(script: &str, archive: &Path) -> String {
    let ran = Command::new("python3")
        .args(["-c", script])
        .arg(archive)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

/// Unpacks with another program's zip reader and packs again with its writer, changed by `edit` (Python, of the entries).
fn repacked(archive: &Path, edit: &str) -> std::path::PathBuf {
    let script = format!(
        "import sys, zipfile, hashlib, json\n\
         path = sys.argv[1]\n\
         with zipfile.ZipFile(path) as z: entries = {{i.filename: z.read(i) for i in z.infolist()}}\n\
         sums = dict(reversed(line.split('  ', 1)) for line in entries['SHA256SUMS'].decode().splitlines())\n\
         def find(part): return next(name for name in entries if part in name)\n\
         def listed():\n    \
             text = ''.join(f'{{hashlib.sha256(entries[n]).hexdigest()}}  {{n}}\\n' for n in sums if n in entries).encode()\n    \
             entries['SHA256SUMS'] = text\n    \
             about = json.loads(entries['kist-export.json']); about['sums'] = hashlib.sha256(text).hexdigest()\n    \
             entries['kist-export.json'] = json.dumps(about).encode()\n\
         {edit}\n\
         with zipfile.ZipFile(path + '.again', 'w', zipfile.ZIP_DEFLATED) as z:\n    \
             for name in sorted(entries): z.writestr(name, entries[name])\n"
    );
    python(&script, archive);
    archive.with_extension("zip.again")
}

#[tokio::test]
async fn d7_an_export_opens_with_other_programs_and_every_hash_is_right() {
    let (folder, person) = person().await;
    let name = json!({"given_name": "Ŵyn", "family_name": "<b>Archer</b>"});
    let added = person.records().add_self_asserted(NAME, name).await.unwrap();
    person
        .records()
        .correct(added.id, json!({"given_name": "Wyn", "family_name": "A"}))
        .await
        .unwrap();
    person
        .files()
        .attach_bytes(b"Dear Wyn".to_vec(), FileMeta::named("../letter: a/b.txt"))
        .await
        .unwrap();
    person
        .files()
        .attach_bytes(Vec::new(), FileMeta::named("empty"))
        .await
        .unwrap();
    let to = folder.path().join("everything.zip");
    let report = person.export(&to, with_state(), no_progress()).await.unwrap();
    assert_eq!((report.records, report.files, report.history), (3, 2, 1));
    assert!(report.code.is_some() && report.missing_files.is_empty());
    assert_eq!(
        code(person.export(&to, with_state(), no_progress()).await),
        "AlreadyExists"
    );

    let seen = python(
        "import sys, zipfile, hashlib, json\n\
         z = zipfile.ZipFile(sys.argv[1])\n\
         assert z.testzip() is None\n\
         lines = z.read('SHA256SUMS').decode().splitlines()\n\
         sums = {name: sum for sum, name in (line.split('  ', 1) for line in lines)}\n\
         names = z.namelist()\n\
         assert len(set(n.lower() for n in names)) == len(names)\n\
         assert set(sums) == set(names) - {'SHA256SUMS', 'kist/state.sealed', 'kist-export.json'}\n\
         for name, sum in sums.items(): assert hashlib.sha256(z.read(name)).hexdigest() == sum, name\n\
         about = json.loads(z.read('kist-export.json'))\n\
         assert hashlib.sha256(z.read('SHA256SUMS')).hexdigest() == about['sums']\n\
         record = json.loads(z.read(next(n for n in names if n.startswith('records/identity/'))))\n\
         page = z.read('areas/identity.html').decode()\n\
         assert '<script' not in page and 'http-equiv=\"Content-Security-Policy\"' in page and 'Wyn' in page\n\
         letter = next(n for n in names if n.startswith('files/') and n.endswith('.txt'))\n\
         print(len(record['revisions']), record['revisions'][0]['body']['family_name'], z.read(letter).decode(), sep='|')",
        &to,
    );
    assert_eq!(seen, "2|<b>Archer</b>|Dear Wyn\n");
    let ran = Command::new("unzip").arg("-tqq").arg(&to).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}

#[tokio::test]
async fn d7_an_export_of_a_world_comes_back_equal_with_its_agreements_credentials_and_history() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.deliver(&agreement).await;
    world.alice.inbox().refresh().await.unwrap();
    world
        .alice
        .files()
        .attach_bytes(vec![7; 300_000], FileMeta::named("photo.jpg"))
        .await
        .unwrap();
    let to = world.folder.path().join("alice.zip");
    let report = world.alice.export(&to, with_state(), no_progress()).await.unwrap();
    assert_eq!((report.credentials, report.agreements), (1, 1));

    let back = new_store(&world.folder.path().join("back"), platform(&world.clock)).await;
    let taken = back
        .import_archive(&to, with_code(&report), no_progress())
        .await
        .unwrap();
    assert_eq!(
        (taken.records, taken.files, taken.unproven),
        (report.records, report.files, 0)
    );
    assert!(taken.state && taken.history && taken.damaged.is_empty());
    assert_eq!(all(&back).await, all(&world.alice).await);
    assert_eq!(
        back.history().entries().await.unwrap(),
        world.alice.history().entries().await.unwrap()
    );

    // Again: nothing is doubled.
    let again = back
        .import_archive(&to, with_code(&report), no_progress())
        .await
        .unwrap();
    assert_eq!((again.records, again.known, again.files), (0, report.records, 0));
    assert_eq!(all(&back).await, all(&world.alice).await);

    // Out once more: the same content, but for what tells of this export.
    let second = world.folder.path().join("second.zip");
    back.export(&second, with_state(), no_progress()).await.unwrap();
    let content = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n\
         own = ('kist', 'history.json', 'index.html', 'SHA256SUMS')\n\
         for n in sorted(z.namelist()): print('' if n.startswith(own) else n + ' ' + str(z.getinfo(n).CRC))";
    assert_eq!(python(content, &to), python(content, &second));

    // The relationship lives on in the new store.
    world.deliver(&agreement).await;
}

#[tokio::test]
async fn d7_what_is_imported_without_the_code_is_believed_as_far_as_credentials_prove_it() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.deliver(&agreement).await;
    world.alice.inbox().refresh().await.unwrap();
    let to = world.folder.path().join("alice.zip");
    world
        .alice
        .export(&to, ExportOptions::default(), no_progress())
        .await
        .unwrap();
    let delivered = async |person: &Person| {
        let filter = Filter {
            schemas: vec![VACCINATION.into()],
            ..Filter::default()
        };
        person.records().list(filter).await.unwrap().remove(0).provenance
    };
    let before = delivered(&world.alice).await;

    let stranger = new_store(&world.folder.path().join("stranger"), platform(&world.clock)).await;
    let taken = stranger
        .import_archive(&to, ImportOptions::default(), no_progress())
        .await
        .unwrap();
    assert_eq!((taken.unproven, taken.credentials, taken.state), (1, 0, false));
    let marked = delivered(&stranger).await;
    assert_eq!(
        marked.source,
        Source::Imported {
            from: "kist-archive".into()
        }
    );
    assert_eq!(
        (marked.verification, marked.collected_ms),
        (Verification::None, before.collected_ms)
    );
    assert_eq!(stranger.consents().list().await.unwrap(), []);
    assert_eq!(stranger.history().entries().await.unwrap(), []);

    let knowing = new_store(&world.folder.path().join("knowing"), platform(&world.clock)).await;
    knowing
        .trust()
        .add_anchor(world.framework.publish(30).await.unwrap())
        .await
        .unwrap();
    let taken = knowing
        .import_archive(&to, ImportOptions::default(), no_progress())
        .await
        .unwrap();
    assert_eq!((taken.unproven, taken.credentials), (0, 1));
    assert_eq!(delivered(&knowing).await, before);

    // The same words under a forged claim: another body than the credential's.
    let forged = repacked(
        &to,
        "name = find('records/health')\nentries[name] = entries[name].replace(b'Tetanus', b'Cholera'); listed()",
    );
    let fooled = new_store(&world.folder.path().join("fooled"), platform(&world.clock)).await;
    fooled
        .trust()
        .add_anchor(world.framework.publish(30).await.unwrap())
        .await
        .unwrap();
    let taken = fooled
        .import_archive(&forged, ImportOptions::default(), no_progress())
        .await
        .unwrap();
    assert_eq!(taken.unproven, 1);
    assert_eq!(delivered(&fooled).await.verification, Verification::None);
}

#[tokio::test]
async fn a31_a_changed_archive_is_refused_and_says_where_or_gives_what_is_sound() {
    let (folder, person) = person().await;
    for given in ["Alice", "Bob", "Carol"] {
        person
            .records()
            .add_self_asserted(NAME, json!({ "given_name": given }))
            .await
            .unwrap();
    }
    let letter = person
        .files()
        .attach_bytes(b"Dear Alice".to_vec(), FileMeta::named("a.txt"))
        .await
        .unwrap();
    let to = folder.path().join("a.zip");
    let report = person.export(&to, with_state(), no_progress()).await.unwrap();
    let import = async |archive: &Path, options: ImportOptions| {
        let to = tempfile::tempdir().unwrap();
        let store = new_store(&to.path().join("store"), desktop()).await;
        let taken = store.import_archive(archive, options, no_progress()).await;
        let count = store.records().list(Filter::default()).await.unwrap().len();
        (taken, count)
    };
    let sound = || ImportOptions {
        sound_only: true,
        ..ImportOptions::default()
    };

    // Packed again by another program, it is as good as it was.
    let same = repacked(&to, "pass");
    let (taken, count) = import(&same, with_code(&report)).await;
    assert_eq!((taken.unwrap().files, count), (1, 4));

    let damaged = repacked(
        &to,
        "name = find('Bob'); entries[name] = entries[name].replace(b'Bob', b'Eve')",
    );
    let (refused, count) = import(&damaged, ImportOptions::default()).await;
    let refused = refused.unwrap_err();
    assert_eq!((refused.code(), count), ("Corrupt", 0));
    assert!(
        !refused.parameter("entry").unwrap().to_string().contains("Bob"),
        "no title in an error"
    );
    let (taken, count) = import(&damaged, sound()).await;
    assert_eq!(count, 3);
    let found = taken.unwrap().damaged;
    assert!(
        found.len() == 1 && found[0].entry.contains("Bob") && found[0].code == "Corrupt",
        "{found:?}"
    );

    let lost = repacked(&to, "del entries[find('Carol')]");
    let (taken, count) = import(&lost, sound()).await;
    assert_eq!((taken.unwrap().damaged[0].code.as_str(), count), ("NotFound", 3));
    assert_eq!(code(import(&lost, ImportOptions::default()).await.0), "Corrupt");

    // With the list made to fit, only the sealed part tells.
    let forged = repacked(
        &to,
        "name = find('Bob'); entries[name] = entries[name].replace(b'Bob', b'Eve'); listed()",
    );
    assert_eq!(
        code(import(&forged, with_code(&report)).await.0),
        "AuthenticationFailed"
    );
    assert_eq!(import(&forged, ImportOptions::default()).await.1, 4);

    let added = repacked(&to, "entries['records/x.json'] = b'{}'; entries['.DS_Store'] = b'x'");
    assert_eq!(import(&added, ImportOptions::default()).await.1, 4);
    let climbing = repacked(&to, "sums['../../evil'] = ''; entries['../../evil'] = b'x'; listed()");
    assert_eq!(code(import(&climbing, ImportOptions::default()).await.0), "Corrupt");
    let other_file = repacked(&to, "entries[find('files/')] = b'Dear Mallory'; listed()");
    let (taken, count) = import(&other_file, sound()).await;
    assert_eq!((taken.unwrap().damaged.len(), count), (1, 3));
    let far = repacked(
        &to,
        "import re; name = find('Bob'); entries[name] = re.sub(rb'\"time\": \"0000....', b'\"time\": \"0000ff00', entries[name]); listed()",
    );
    assert_eq!(code(import(&far, ImportOptions::default()).await.0), "Corrupt");
    let newer = repacked(&to, "entries['kist-export.json'] = b'{\"kist_export\": 9}'");
    assert_eq!(
        code(import(&newer, ImportOptions::default()).await.0),
        "DowngradeRefused"
    );
    let other = person
        .export(&folder.path().join("b.zip"), with_state(), no_progress())
        .await
        .unwrap();
    assert_eq!(code(import(&to, with_code(&other)).await.0), "KeyMismatch");
    fs::write(folder.path().join("no.zip"), b"PK").unwrap();
    assert_eq!(
        code(import(&folder.path().join("no.zip"), ImportOptions::default()).await.0),
        "Corrupt"
    );
    let bytes = fs::read(&to).unwrap();
    fs::write(folder.path().join("half.zip"), &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(
        code(
            import(&folder.path().join("half.zip"), ImportOptions::default())
                .await
                .0
        ),
        "Corrupt"
    );
    assert_eq!(letter.files.len(), 1);
}

#[tokio::test]
async fn d7_an_archive_is_merged_into_a_store_by_its_ids_and_nothing_deleted_comes_back() {
    let (folder, person) = person().await;
    let records = person.records();
    let kept = records
        .add_self_asserted(NAME, json!({"given_name": "Alice"}))
        .await
        .unwrap();
    let gone = person
        .files()
        .attach_bytes(b"x".to_vec(), FileMeta::named("gone.txt"))
        .await
        .unwrap();
    let to = folder.path().join("a.zip");
    person
        .export(&to, ExportOptions::default(), no_progress())
        .await
        .unwrap();
    records.correct(kept.id, json!({"given_name": "Alys"})).await.unwrap();
    records.delete(gone.id).await.unwrap();
    let own = records
        .add_self_asserted(NAME, json!({"given_name": "Bob"}))
        .await
        .unwrap();
    let before = all(&person).await;
    let taken = person
        .import_archive(&to, ImportOptions::default(), no_progress())
        .await
        .unwrap();
    assert_eq!((taken.records, taken.known, taken.deleted, taken.files), (0, 1, 1, 0));
    assert_eq!(all(&person).await, before);

    let other = new_store(&folder.path().join("other"), desktop()).await;
    other
        .records()
        .add_self_asserted(NAME, json!({"given_name": "Carol"}))
        .await
        .unwrap();
    other
        .import_archive(&to, ImportOptions::default(), no_progress())
        .await
        .unwrap();
    assert_eq!(other.records().list(Filter::default()).await.unwrap().len(), 3);
    assert_eq!(other.records().get(kept.id).await.unwrap().body["given_name"], "Alice");
    assert_eq!(code(other.records().get(own.id).await), "NotFound");

    // A file taken in lives on when the store is opened again.
    let file = other.records().get(gone.id).await.unwrap().files[0].id;
    other.close().await.unwrap();
    let other = Person::open(&folder.path().join("other"), desktop(), PASSPHRASE)
        .await
        .unwrap();
    assert_eq!(other.files().read(file).await.unwrap(), b"x");
}

#[tokio::test]
async fn d7_an_export_that_is_given_up_leaves_nothing_and_an_import_goes_on() {
    let (folder, person) = person().await;
    person
        .files()
        .attach_bytes(vec![1; 3 << 20], FileMeta::named("big"))
        .await
        .unwrap();
    let to = folder.path().join("a.zip");
    let_go_half_way(|progress| person.export(&to, ExportOptions::default(), progress)).await;
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["alice"]);

    person
        .export(&to, ExportOptions::default(), no_progress())
        .await
        .unwrap();
    let mut review = fs::File::open(&to).unwrap();
    let stopped = review_archive(&mut review, i64::MAX, &mut |_, _| ControlFlow::Break(()));
    assert_eq!(code(stopped), "Cancelled");
    let seen = review_archive(&mut review, i64::MAX, &mut |_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!(
        (seen.about.contains.files, seen.about.sealed_state, seen.unlisted),
        (1, false, 0)
    );
    assert_eq!(seen.damaged, []);
}
