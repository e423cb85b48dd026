//! Attached files: in, out, and stopped half-way.

use std::fs;
use std::sync::{Arc, Mutex, mpsc};

use kist_pds::*;
use tokio::sync::oneshot;

use crate::records::person;
use crate::world::code;

/// Bytes that don't repeat, so that chunks differ.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[tokio::test]
async fn d9_a_file_comes_back_as_it_was_and_its_progress_is_told() {
    let (folder, person) = person().await;
    let path = folder.path().join("letter.PDF");
    let content = [b"%PDF-1.7\n".as_slice(), &bytes(3 << 20)].concat();
    fs::write(&path, &content).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let progress: ProgressFn = Arc::new(move |at| log.lock().unwrap().push(at));
    let record = person
        .files()
        .attach(&path, FileMeta::default(), progress)
        .await
        .unwrap();
    let file = &record.files[0];
    assert_eq!(
        (file.name.as_str(), file.media_type.as_str()),
        ("letter.PDF", "application/pdf")
    );
    assert_eq!(record.body["title"], "letter.PDF");
    let last = *told.lock().unwrap().last().unwrap();
    assert_eq!((last.done, last.total), (file.size, file.size));

    assert_eq!(person.files().read(file.id).await.unwrap(), content);
    let (to, other) = (folder.path().join("saved.pdf"), folder.path().join("saved.part"));
    fs::write(&other, b"mine").unwrap();
    person.files().save(file.id, &to, no_progress()).await.unwrap();
    assert_eq!(
        (fs::read(&to).unwrap(), fs::read(&other).unwrap()),
        (content, b"mine".to_vec())
    );

    person.records().delete(record.id).await.unwrap();
    assert_eq!(code(person.files().read(file.id).await), "NotFound");
    assert_eq!(code(person.files().save(file.id, &to, no_progress()).await), "NotFound");
}

#[tokio::test]
async fn d9_what_is_no_file_is_not_attached() {
    let (folder, person) = person().await;
    let attach =
        async |path: &std::path::Path| code(person.files().attach(path, FileMeta::default(), no_progress()).await);
    assert_eq!(attach(folder.path()).await, "Malformed");
    assert_eq!(attach(std::path::Path::new("/dev/zero")).await, "Malformed");
    assert_eq!(attach(&folder.path().join("nothing")).await, "NotFound");
    assert_eq!(person.records().list(Filter::default()).await.unwrap(), []);
}

/// Tells when nobody holds it any more.
struct Ended(Option<oneshot::Sender<()>>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.take().unwrap().send(());
    }
}

/// Begins long work, lets go of it at its first progress, and waits until nothing of it runs any more.
pub async fn let_go_half_way<Work: Future>(work: impl FnOnce(ProgressFn) -> Work) {
    let (ended, has_ended) = oneshot::channel();
    let (begun, has_begun) = oneshot::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let ended = Ended(Some(ended));
    let state = Mutex::new((Some(begun), wait));
    let progress: ProgressFn = Arc::new(move |_| {
        let _held = &ended;
        let mut state = state.lock().unwrap();
        if let Some(begun) = state.0.take() {
            begun.send(()).unwrap();
            let _ = state.1.recv();
        }
    });
    tokio::select! {
        _ = work(progress) => panic!("it waits for us"),
        begun = has_begun => begun.unwrap(),
    }
    go_on.send(()).unwrap();
    has_ended.await.unwrap();
}

#[tokio::test]
async fn s5_an_attachment_that_is_dropped_half_way_leaves_nothing() {
    let (folder, person) = person().await;
    let path = folder.path().join("film.bin");
    fs::write(&path, bytes(8 << 20)).unwrap();
    let files = person.files();
    let_go_half_way(|progress| files.attach(&path, FileMeta::default(), progress)).await;
    assert_eq!(person.records().list(Filter::default()).await.unwrap(), []);
    let report = person
        .export(&folder.path().join("export"), ExportOptions::default(), no_progress())
        .await
        .unwrap();
    assert_eq!(report.files, 0);
}
