//! Sessions and uploads in stores that every process reaches.

use super::pattern::{Words, find_words};
use super::{Idiom, What};
use crate::history::paths;
use crate::language::Language;
use crate::read::Source;

const fn words(language: Language, all: &'static [&'static str], how: &'static str) -> Words {
    Words { language, all, none: &[], likely: true, how }
}

const SESSIONS: &[Words] = &[
    words(Language::JavaScript, &["connect-redis"], "`connect-redis`"),
    words(Language::JavaScript, &["connect-mongo"], "`connect-mongo`"),
    words(Language::JavaScript, &["connect-pg-simple"], "`connect-pg-simple`"),
    words(Language::Python, &["SESSION_ENGINE", "backends.db"], "`SESSION_ENGINE` in the database"),
    words(Language::Python, &["SESSION_ENGINE", "cached_db"], "`SESSION_ENGINE` in the database"),
    words(Language::Python, &["SESSION_ENGINE", "signed_cookies"], "`SESSION_ENGINE` in signed cookies"),
    words(Language::Python, &["SESSION_TYPE", "redis"], "`SESSION_TYPE` in Redis"),
    words(Language::Ruby, &["session_store", ":cookie_store"], "`session_store :cookie_store`"),
    words(Language::Ruby, &["session_store", ":redis"], "`session_store` in Redis"),
    words(Language::Ruby, &["session_store", ":active_record_store"], "`session_store` in the database"),
    words(Language::Java, &["EnableRedisHttpSession"], "`@EnableRedisHttpSession`"),
    words(Language::Java, &["EnableJdbcHttpSession"], "`@EnableJdbcHttpSession`"),
    words(Language::CSharp, &["AddStackExchangeRedisCache"], "`AddStackExchangeRedisCache`"),
    words(Language::Php, &["SESSION_DRIVER", "'redis'"], "the session driver is `redis` by default"),
    words(Language::Php, &["SESSION_DRIVER", "'database'"], "the session driver is `database` by default"),
    words(Language::Go, &["redistore.NewRediStore"], "`redistore`"),
    words(Language::Go, &["sessions.NewCookieStore"], "sessions in signed cookies"),
    words(Language::Rust, &["RedisStore::new"], "a session store in Redis"),
    words(Language::Rust, &["PostgresStore::new"], "a session store in PostgreSQL"),
];

const UPLOADS: &[Words] = &[
    words(Language::JavaScript, &["multer-s3"], "`multer-s3`"),
    words(Language::JavaScript, &["PutObjectCommand"], "objects are put into S3"),
    words(Language::Python, &["storages.backends"], "`django-storages`"),
    words(Language::Python, &["upload_fileobj"], "files are uploaded to S3"),
    words(Language::Ruby, &["active_storage.service", ":amazon"], "Active Storage on S3"),
    words(Language::Ruby, &["storage :fog"], "CarrierWave on object storage"),
    words(Language::Java, &["PutObjectRequest"], "objects are put into S3"),
    words(Language::CSharp, &["PutObjectRequest"], "objects are put into S3"),
    words(Language::CSharp, &["BlobContainerClient"], "blobs are put into Azure storage"),
    words(Language::Php, &["Storage::disk('s3')"], "Laravel's disk on S3"),
    words(Language::Go, &["PutObjectInput"], "objects are put into S3"),
    words(Language::Rust, &[".put_object("], "objects are put into S3"),
];

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    // The same places are passed over where a state of the process is looked for.
    if paths::is_rehearsal(source.path) {
        return;
    }
    find_words(What::SessionShared, SESSIONS, source, found);
    find_words(What::UploadShared, UPLOADS, source, found);
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn cases() {
        let sessions = [
            ("a.js", "const R = require('connect-redis');\n", "1"),
            (
                "settings.py",
                "SESSION_ENGINE = 'django.contrib.sessions.backends.db'\n# SESSION_ENGINE backends.db\n",
                "1",
            ),
            ("a.cs", "class A { void F() { s.AddStackExchangeRedisCache(o); } }", "1"),
        ];
        table(What::SessionShared, &sessions);
        table(What::UploadShared, &[("a.ts", "new PutObjectCommand({});\n", "1"), ("a.go", "package a\n", "")]);
    }
}
