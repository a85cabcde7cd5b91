//! Parts that more than one page uses. Each is one file with its look in `styles/` under the same name.

pub mod answered;
pub mod code_block;
pub mod dialog;
pub mod empty_state;
pub mod error_panel;
pub mod evidence;
pub mod filter_chip;
pub mod icon;
pub mod load_line;
pub mod loaded;
pub mod palette;
pub mod score_bar;
pub mod sentence;
pub mod shortcut_sheet;
pub mod skeleton;
pub mod status;
pub mod table;
pub mod tabs;
pub mod toast;
pub mod when;

pub use answered::{Asked, answered, ask};
pub use code_block::CodeBlock;
pub use dialog::Dialog;
pub use empty_state::EmptyState;
pub use error_panel::ErrorPanel;
pub use filter_chip::FilterChip;
pub use icon::Icon;
pub use loaded::Loaded;
pub use sentence::Sentence;
pub use status::{Mark, Status};
pub use tabs::Tabs;
pub use when::When;
