//! The object store: the bytes of files, each under a key that nobody can guess. A folder, or S3 with the feature
//! `s3`. An object is there as a whole or not at all; it never changes.

use crate::shared::crypto::{hex, random};
use crate::shared::error::{Error, Result};
use crate::shared::time::Timestamp;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// What is read at once.
const PIECE: u64 = 512 * 1024;
/// S3 takes no smaller parts.
#[cfg(feature = "s3")]
const PART_OF_S3: usize = 5 * 1024 * 1024;

/// How files are kept, from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A folder, or `s3://BUCKET/PREFIX`.
    pub place: String,
    pub quotas: Quotas,
    /// Host and port of a clamd.
    pub scanner: Option<String>,
}

/// How many bytes are kept: for each supplier, and of the organisation itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    pub supplier: i64,
    pub organization: i64,
}

impl Quotas {
    /// `supplier=1024,organization=10240`, in MiB; what is not named stays as it is usually.
    pub fn parse(text: &str) -> Option<Self> {
        let mut quotas = Self { supplier: 1024 << 20, organization: 10 * (1024 << 20) };
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, number) = item.split_once('=')?;
            let bytes = number.trim().parse::<i64>().ok().filter(|number| (1..=1 << 30).contains(number))? << 20;
            match name.trim() {
                "supplier" => quotas.supplier = bytes,
                "organization" => quotas.organization = bytes,
                _ => return None,
            }
        }
        Some(quotas)
    }
}

#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    folder: Option<PathBuf>,
    /// How much is sent to the store at once.
    pub part: usize,
    pub quotas: Quotas,
    pub scanner: Option<Arc<str>>,
}

/// What is being written; dropped before its end, it leaves nothing behind.
pub struct Writing {
    key: String,
    upload: Box<dyn MultipartUpload>,
}

impl Writing {
    pub async fn put(&mut self, part: Vec<u8>) -> Result<()> {
        self.upload.put_part(part.into()).await.map_err(Error::internal)
    }

    /// The object is there, whatever happens to the machine from now on.
    pub async fn finish(mut self) -> Result<String> {
        self.upload.complete().await.map_err(Error::internal)?;
        Ok(self.key)
    }

    /// What was written so far is given up, and gone when this returns.
    pub async fn give_up(mut self) {
        if let Err(error) = self.upload.abort().await {
            tracing::warn!(%error, "an upload that was given up leaves something behind for a day");
        }
    }
}

impl Objects {
    /// Makes the folder if it is absent; nobody else on the machine may look into it.
    pub fn open(settings: Settings) -> Result<Self> {
        let Settings { place, quotas, scanner } = settings;
        let scanner = scanner.map(Into::into);
        if place.starts_with("s3://") {
            let (store, part) = s3(&place)?;
            return Ok(Self { store, folder: None, part, quotas, scanner });
        }
        let folder = PathBuf::from(place);
        if !folder.exists() {
            make(&folder).map_err(Error::internal)?;
        }
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(Error::internal)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder), part: 1024 * 1024, quotas, scanner })
    }

    /// A store that is forgotten with the process, for printing the document.
    pub fn in_memory() -> Self {
        let quotas = Quotas { supplier: 0, organization: 0 };
        Self { store: Arc::new(InMemory::new()), folder: None, part: 1024, quotas, scanner: None }
    }

    pub async fn begin(&self) -> Result<Writing> {
        let key = hex(&random::<20>());
        let upload = self.store.put_multipart(&Key::from(&*key)).await.map_err(Error::internal)?;
        Ok(Writing { key, upload })
    }

    pub async fn range(&self, key: &str, range: Range<u64>) -> Result<Bytes> {
        self.store.get_range(&Key::from(key), range).await.map_err(Error::internal)
    }

    /// Part of an object, piece by piece.
    pub fn stream(&self, key: String, range: Range<u64>) -> impl Stream<Item = std::io::Result<Bytes>> + Send + use<> {
        let store = self.store.clone();
        futures_util::stream::try_unfold(range, move |left| {
            let (store, key) = (store.clone(), Key::from(&*key));
            async move {
                if left.is_empty() {
                    return Ok(None);
                }
                let piece = left.start..left.end.min(left.start + PIECE);
                let bytes = store.get_range(&key, piece.clone()).await.map_err(std::io::Error::other)?;
                Ok(Some((bytes, piece.end..left.end)))
            }
        })
    }

    /// One that is gone already is gone.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&Key::from(key)).await {
            Err(error) if !matches!(error, object_store::Error::NotFound { .. }) => Err(Error::internal(error)),
            _ => Ok(()),
        }
    }

    /// What nobody needs any more; what cannot be deleted now is an orphan, found later.
    pub async fn delete_all(&self, keys: impl IntoIterator<Item = String>) {
        for key in keys {
            if let Err(error) = self.delete(&key).await {
                tracing::warn!(%error, cause = ?error.cause, "the bytes of a file stay for a day");
            }
        }
    }

    /// The keys of what was there before, so many at a time.
    pub fn older(&self, before: Timestamp, at_once: usize) -> impl Stream<Item = Result<Vec<String>>> + Send + use<> {
        let all = self.store.list(None);
        all.try_filter(move |object| std::future::ready(object.last_modified < before.instant()))
            .map_ok(|object| object.location.to_string())
            .map_err(Error::internal)
            .try_chunks(at_once)
            .map_err(|error| error.1)
    }

    /// What was begun so long ago and never finished because its process died. S3 forgets such uploads by a rule of
    /// the bucket.
    pub async fn erase_unfinished(&self, before: Timestamp) -> Result<u64> {
        let Some(folder) = self.folder.clone() else {
            return Ok(0);
        };
        let erased = tokio::task::spawn_blocking(move || unfinished(&folder, before.instant().into())).await;
        erased.map_err(Error::internal)?.map_err(Error::internal)
    }
}

fn make(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The store writes to `KEY#NUMBER` and renames it at the end.
fn unfinished(folder: &Path, before: SystemTime) -> std::io::Result<u64> {
    let mut erased = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_draft = entry.file_name().to_string_lossy().contains('#');
        if is_draft && entry.metadata()?.modified()? < before {
            std::fs::remove_file(entry.path())?;
            erased += 1;
        }
    }
    Ok(erased)
}

#[cfg(feature = "s3")]
fn s3(place: &str) -> Result<(Arc<dyn ObjectStore>, usize)> {
    use object_store::aws::AmazonS3Builder;
    use object_store::prefix::PrefixStore;
    let (bucket, prefix) = place.trim_start_matches("s3://").split_once('/').unwrap_or((&place[5..], ""));
    let store = AmazonS3Builder::from_env().with_bucket_name(bucket).build().map_err(Error::internal)?;
    Ok((Arc::new(PrefixStore::new(store, prefix)), PART_OF_S3))
}

#[cfg(not(feature = "s3"))]
fn s3(_: &str) -> Result<(Arc<dyn ObjectStore>, usize)> {
    Err(Error::internal(std::io::Error::other("this program was built without the feature `s3`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_numbers_under_known_names() {
        let usual = Quotas { supplier: 1 << 30, organization: 10 << 30 };
        assert_eq!(Quotas::parse(""), Some(usual));
        assert_eq!(Quotas::parse("supplier=1"), Some(Quotas { supplier: 1 << 20, ..usual }));
        for wrong in ["supplier", "supplier=0", "supplier=-1", "suppliers=1", "organization=x"] {
            assert_eq!(Quotas::parse(wrong), None, "{wrong}");
        }
    }
}
