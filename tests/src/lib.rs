//! What no single crate of Loadline can test: who may depend on whom, tidiness, the whole program against real servers, the
//! real window, the report. It is never shipped.

pub mod crowd;
pub mod golden;
pub mod knee;
pub mod program;
pub mod window;

#[cfg(test)]
mod aws;
#[cfg(test)]
mod aws_words;
#[cfg(test)]
mod databases;
#[cfg(test)]
mod debt;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod layering;
#[cfg(test)]
mod load_tests;
#[cfg(test)]
mod mongodb;
#[cfg(test)]
mod mysql;
#[cfg(test)]
mod names;
#[cfg(test)]
mod performance;
#[cfg(test)]
mod pipeline;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod report;
#[cfg(test)]
mod safety;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod window_aws_tests;
#[cfg(test)]
mod window_tests;
#[cfg(test)]
mod worlds;
