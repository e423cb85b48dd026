//! A web server on this machine that has one document.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub struct Site {
    /// Where the document lies.
    pub url: String,
    document: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl Site {
    pub async fn with(document: String) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Site {
            url: format!("http://localhost:{}/document", listener.local_addr().unwrap().port()),
            document: Arc::new(Mutex::new(document)),
            asked: Arc::default(),
        };
        let (document, asked) = (site.document.clone(), site.asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                asked.fetch_add(1, Ordering::SeqCst);
                let document = document.lock().unwrap().clone();
                let reply = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{document}",
                    document.len()
                );
                let _ = stream.write_all(reply.as_bytes()).await;
            }
        });
        site
    }

    /// Puts another document in the place of the one before.
    pub fn replace(&self, document: String) {
        *self.document.lock().unwrap() = document;
    }

    /// How often it was asked for.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
