//! The report as PDF and as page previews, set by typst in a sealed world.
//!
//! The world holds the templates, the content as JSON and the fonts; every other file is refused and there is no clock. Text from
//! outside reaches the template as values of that JSON, never as markup, so it cannot run.

use crate::content::{Content, content};
use crate::{Options, ReportError};
use loadline_model::Assessment;
use std::sync::OnceLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

const FONTS: [&[u8]; 4] = [
    include_bytes!("../../../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../../../assets/fonts/Inter-Medium.otf"),
    include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../../../assets/fonts/JetBrainsMono-Regular.ttf"),
];
const TEMPLATES: [(&str, &str); 3] = [
    ("/report.typ", include_str!("../../../../assets/report/report.typ")),
    ("/blocks.typ", include_str!("../../../../assets/report/blocks.typ")),
    ("/look.typ", include_str!("../../../../assets/report/look.typ")),
];
const DATA: &str = "/data.json";
/// Compilations of which typst may keep parts: the pages of one preview are asked for one after the other.
const KEPT: usize = 4;

/// A finished PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its pages.
    pub pages: u32,
}

/// Sets the report as a tagged PDF.
///
/// # Errors
/// `unknown_section`; `typesetting_failed` or `report_encoding_failed` when Loadline is at fault.
pub fn pdf(assessment: &Assessment, options: &Options) -> Result<Pdf, ReportError> {
    let (content, document) = set(assessment, options)?;
    let options = PdfOptions {
        ident: Smart::Custom(format!("loadline {} {}", assessment.snapshot, assessment.model_version)),
        creator: Smart::Custom(Some("Loadline".to_owned())),
        timestamp: date(&content).map(Timestamp::new_utc),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|e| refused(&e))?;
    Ok(Pdf { bytes, pages: u32::try_from(document.pages().len()).unwrap_or(u32::MAX) })
}

/// The same pages as one SVG each, for a preview.
///
/// # Errors
/// As [`pdf`].
pub fn page_svgs(assessment: &Assessment, options: &Options) -> Result<Vec<String>, ReportError> {
    let (_, document) = set(assessment, options)?;
    Ok(document.pages().iter().map(|page| typst_svg::svg(page, &typst_svg::SvgOptions::default())).collect())
}

fn set(assessment: &Assessment, options: &Options) -> Result<(Content, PagedDocument), ReportError> {
    if let Some(section) = options.unknown_section() {
        return Err(ReportError::UnknownSection(section.to_owned()));
    }
    let content = content(assessment, options);
    let sealed = Sealed::of(&content)?;
    let result = typst::compile::<PagedDocument>(&sealed).output;
    typst::comemo::evict(KEPT);
    Ok((content, result.map_err(|e| refused(&e))?))
}

fn refused(errors: &[typst::diag::SourceDiagnostic]) -> ReportError {
    let said: Vec<String> = errors.iter().take(3).map(|e| e.message.to_string()).collect();
    ReportError::Typesetting(said.join("; "))
}

fn date(content: &Content) -> Option<Datetime> {
    let (year, month, day) = content.civil;
    Datetime::from_ymd_hms(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?, 0, 0, 0)
}

/// What never changes between reports.
struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

fn press() -> &'static Press {
    static PRESS: OnceLock<Press> = OnceLock::new();
    PRESS.get_or_init(|| {
        let fonts: Vec<Font> = FONTS.iter().flat_map(|data| Font::iter(Bytes::new(*data))).collect();
        Press {
            library: LazyHash::new(Library::builder().build()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
        }
    })
}

/// A world of templates and one report's data.
struct Sealed {
    sources: Vec<Source>,
    data: (FileId, Bytes),
    main: FileId,
}

impl Sealed {
    fn of(content: &Content) -> Result<Self, ReportError> {
        let sources = TEMPLATES.iter().map(|(path, text)| Ok(Source::new(place(path)?, (*text).to_owned())));
        Ok(Self {
            sources: sources.collect::<Result<_, ReportError>>()?,
            data: (place(DATA)?, Bytes::new(serde_json::to_vec(content)?)),
            main: place(TEMPLATES[0].0)?,
        })
    }
}

fn place(path: &str) -> Result<FileId, ReportError> {
    let path = VirtualPath::new(path).map_err(|e| ReportError::Typesetting(format!("{path}: {e:?}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn absent(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_with_slash().into())
}

impl World for Sealed {
    fn library(&self) -> &LazyHash<Library> {
        &press().library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &press().book
    }
    fn main(&self) -> FileId {
        self.main
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.iter().find(|s| s.id() == id).cloned().ok_or_else(|| absent(id))
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(absent(id)) }
    }
    fn font(&self, index: usize) -> Option<Font> {
        press().fonts.get(index).cloned()
    }
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
