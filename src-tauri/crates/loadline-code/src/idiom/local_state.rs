//! Sessions and uploads that only one process can read.

use super::pattern::{Pattern, Words, find_calls, find_words};
use super::{Idiom, What};
use crate::history::paths;
use crate::language::Language;
use crate::read::Source;

const SESSION_CALLS: &[Pattern] = &[
    Pattern {
        on: &[""],
        without: &["store"],
        file_with: &["express-session"],
        ..Pattern::of(Language::JavaScript, &["session"], "`express-session` without `store` keeps sessions in memory")
    },
    Pattern {
        on: &["", "session", "expressSession"],
        file_with: &["express-session", "memorystore"],
        ..Pattern::of(Language::JavaScript, &["MemoryStore"], "`MemoryStore`")
    },
    Pattern {
        on: &["sessions", "memstore"],
        ..Pattern::of(
            Language::Go,
            &["NewFilesystemStore", "NewStore", "NewMemoryStore"],
            "a session store in the process",
        )
    },
    Pattern {
        on: &[""],
        ..Pattern::of(
            Language::Php,
            &["session_start"],
            "`session_start` keeps sessions in files of the machine by default",
        )
    },
    Pattern {
        file_with: &["AddSession"],
        file_without: &["AddStackExchangeRedisCache", "AddDistributedSqlServerCache"],
        ..Pattern::of(
            Language::CSharp,
            &["AddDistributedMemoryCache"],
            "`AddSession` over `AddDistributedMemoryCache` keeps sessions in memory",
        )
    },
    Pattern {
        on: &["MemoryStore"],
        file_with: &["tower_sessions", "actix_session", "axum_session"],
        ..Pattern::of(Language::Rust, &["default", "new"], "a session store in memory")
    },
    Pattern {
        on: &["session", "httpSession"],
        file_without: &["spring.session", "EnableRedisHttpSession", "EnableJdbcHttpSession"],
        likely: false,
        ..Pattern::of(
            Language::Java,
            &["setAttribute"],
            "`HttpSession` lives in the process unless Spring Session stores it",
        )
    },
];

const SESSION_WORDS: &[Words] = &[
    Words {
        language: Language::Python,
        all: &["SESSION_ENGINE", "backends.file"],
        none: &[],
        likely: true,
        how: "`SESSION_ENGINE` writes files of the machine",
    },
    Words {
        language: Language::Python,
        all: &["SESSION_TYPE", "filesystem"],
        none: &[],
        likely: true,
        how: "`SESSION_TYPE` writes files of the machine",
    },
    Words {
        language: Language::Python,
        all: &["sessions", "= {}"],
        none: &["def ", "(", "self."],
        likely: false,
        how: "a dictionary of sessions in the module",
    },
    Words {
        language: Language::Ruby,
        all: &["session_store", ":memory_store"],
        none: &[],
        likely: true,
        how: "`session_store :memory_store`",
    },
    Words {
        language: Language::Ruby,
        all: &["Rack::Session::Pool"],
        none: &[],
        likely: true,
        how: "`Rack::Session::Pool` keeps sessions in memory",
    },
    Words {
        language: Language::Php,
        all: &["SESSION_DRIVER", "'file'"],
        none: &[],
        likely: true,
        how: "the session driver is `file` by default",
    },
];

const UPLOAD_CALLS: &[Pattern] = &[
    Pattern {
        on: &[""],
        with: &["dest"],
        ..Pattern::of(Language::JavaScript, &["multer"], "`multer` with `dest` writes to the local disk")
    },
    Pattern {
        on: &["multer"],
        ..Pattern::of(Language::JavaScript, &["diskStorage"], "`multer.diskStorage` writes to the local disk")
    },
    Pattern::of(Language::Python, &["FileSystemStorage"], "`FileSystemStorage` writes to the local disk"),
    Pattern {
        on: &["file", "upload", "f", "uploaded_file"],
        file_with: &["request.files"],
        likely: false,
        ..Pattern::of(Language::Python, &["save"], "an uploaded file is saved on the local disk")
    },
    Pattern {
        file_with: &["MultipartFile"],
        ..Pattern::of(Language::Java, &["transferTo"], "`MultipartFile.transferTo` writes to the local disk")
    },
    Pattern {
        file_with: &["IFormFile"],
        with: &["FileMode.Create"],
        ..Pattern::of(Language::CSharp, &["FileStream"], "an `IFormFile` is written to the local disk")
    },
    Pattern {
        on: &[""],
        ..Pattern::of(Language::Php, &["move_uploaded_file"], "`move_uploaded_file` writes to the local disk")
    },
    Pattern {
        on: &["Storage"],
        with: &["'local'", "'public'", "\"local\"", "\"public\""],
        ..Pattern::of(Language::Php, &["disk"], "a local disk of Laravel")
    },
    Pattern::of(Language::Go, &["SaveUploadedFile"], "`SaveUploadedFile` writes to the local disk"),
    Pattern {
        on: &["os"],
        file_with: &["FormFile("],
        ..Pattern::of(
            Language::Go,
            &["Create", "OpenFile", "WriteFile"],
            "an uploaded file is written to the local disk",
        )
    },
    Pattern {
        on: &["File"],
        file_with: &["Multipart"],
        ..Pattern::of(Language::Rust, &["create"], "an uploaded file is written to the local disk")
    },
];

const UPLOAD_WORDS: &[Words] = &[
    Words {
        language: Language::Python,
        all: &["MEDIA_ROOT", "="],
        none: &["settings.", "tmp", "temp"],
        likely: true,
        how: "`MEDIA_ROOT` is a folder of the machine",
    },
    Words {
        language: Language::Ruby,
        all: &["active_storage.service", ":local"],
        none: &[],
        likely: true,
        how: "Active Storage on the local disk",
    },
    Words {
        language: Language::Ruby,
        all: &["storage :file"],
        none: &[],
        likely: true,
        how: "CarrierWave on the local disk",
    },
];

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    // What a developer's machine or a test does is no state of production.
    if paths::is_rehearsal(source.path) {
        return;
    }
    find_calls(What::SessionInProcess, SESSION_CALLS, source, found);
    find_words(What::SessionInProcess, SESSION_WORDS, source, found);
    // Django's own setting names the folder even where a storage backend takes the files.
    let elsewhere = ["storages.backends", "S3Boto3Storage", "GoogleCloudStorage", "AzureStorage"];
    if !elsewhere.iter().any(|w| source.text.contains(w)) {
        find_calls(What::UploadOnDisk, UPLOAD_CALLS, source, found);
        find_words(What::UploadOnDisk, UPLOAD_WORDS, source, found);
    }
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn sessions() {
        table(
            What::SessionInProcess,
            &[
                ("app.js", "const session = require('express-session');\napp.use(session({ secret }));\n", "2"),
                ("app.js", "const session = require('express-session');\napp.use(session({ store: r }));\n", ""),
                ("settings.py", "SESSION_ENGINE = 'django.contrib.sessions.backends.file'\n", "1"),
                ("app.py", "sessions = {}\n", "1?"),
                ("app.go", "package a\nvar s = sessions.NewFilesystemStore(p, k)\n", "2"),
                ("app.php", "<?php\nsession_start();\n", "2"),
                ("config/session.php", "<?php\nreturn ['driver' => env('SESSION_DRIVER', 'file')];\n", "2"),
                ("Startup.cs", "class A { void F() { s.AddDistributedMemoryCache(); s.AddSession(); } }", "1"),
                ("app.rs", "use tower_sessions::*;\nfn f() { MemoryStore::default(); }", "2"),
                ("A.java", "class A { void f() { session.setAttribute(\"u\", u); } }", "1?"),
                ("config/app.rb", "use Rack::Session::Pool\n", "1"),
                ("config/development.rb", "use Rack::Session::Pool\n", ""),
                ("latest/config/app.rb", "use Rack::Session::Pool\n", "1"),
            ],
        );
    }

    #[test]
    fn uploads() {
        table(
            What::UploadOnDisk,
            &[
                ("up.js", "const up = multer({ dest: 'uploads/' });\n", "1"),
                ("up.ts", "const s = multer.diskStorage({});\nmulter({ storage: s3 });\n", "1"),
                ("settings.py", "MEDIA_ROOT = BASE_DIR / 'media'\n", "1"),
                ("settings.py", "STORAGES = 'storages.backends.s3'\nMEDIA_ROOT = BASE_DIR / 'media'\n", ""),
                ("A.java", "class A { void f(MultipartFile m) { m.transferTo(p); } }", "1"),
                ("A.cs", "class A { void F(IFormFile f) { new FileStream(p, FileMode.Create); } }", "1"),
                (
                    "a.php",
                    "<?php\nmove_uploaded_file($a, $b);\nStorage::disk('local')->put($f);\nStorage::disk('s3');\n",
                    "2 3",
                ),
                ("a.go", "package a\nfunc f() { r.FormFile(\"f\"); os.Create(p) }", "2"),
                ("a.rs", "fn f(m: Multipart) { File::create(p); }", "1"),
                ("config/environments/production.rb", "config.active_storage.service = :local\n", "1"),
            ],
        );
    }
}
