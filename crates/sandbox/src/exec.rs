//! What is executed, and as `execve` takes it. Acts on nothing.

use std::ffi::CString;
use std::ptr;

/// What is executed inside a sandbox.
#[derive(Debug)]
pub(crate) struct ExecSpec {
    /// Paths to try in turn, at least one.
    pub(crate) candidates: Vec<CString>,
    pub(crate) argv: Vec<CString>,
    /// `NAME=value`.
    pub(crate) env: Vec<CString>,
}

/// What `execve` takes: null-terminated arrays of pointers into the strings of a [`ExecSpec`].
pub(crate) struct ExecPointers {
    argv: Vec<*const libc::c_char>,
    env: Vec<*const libc::c_char>,
}

impl ExecPointers {
    /// Valid as long as `program` lives and is not changed.
    pub(crate) fn new(program: Option<&ExecSpec>) -> Self {
        let array =
            |strings: &[CString]| strings.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect();
        match program {
            Some(program) => Self { argv: array(&program.argv), env: array(&program.env) },
            None => Self { argv: array(&[]), env: array(&[]) },
        }
    }

    pub(crate) fn argv(&self) -> *const *const libc::c_char {
        self.argv.as_ptr()
    }

    pub(crate) fn env(&self) -> *const *const libc::c_char {
        self.env.as_ptr()
    }
}
