//! The layout of a fixture file: pretty-printed JSON in which a pair (`["name", "value"]`) is one line.
//!
//! `serde_json`'s own layout gives a header field four lines, and a diff with it.

use serde_json::ser::{Formatter, PrettyFormatter};
use std::io::{self, Write};

#[derive(Clone, Copy, PartialEq)]
enum Open {
    Object,
    Array,
    /// An array directly within an array, and whatever is in it.
    Line,
}

/// A [`Formatter`] that puts an array within an array on one line.
#[derive(Default)]
pub(super) struct Layout {
    pretty: PrettyFormatter<'static>,
    open: Vec<Open>,
}

impl Layout {
    fn on_one_line(&self) -> bool {
        self.open.last() == Some(&Open::Line)
    }

    fn separate<W: ?Sized + Write>(writer: &mut W, first: bool) -> io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if let Some(Open::Array | Open::Line) = self.open.last() {
            self.open.push(Open::Line);
            return writer.write_all(b"[");
        }
        self.open.push(Open::Array);
        self.pretty.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        match self.open.pop() {
            Some(Open::Line) => writer.write_all(b"]"),
            _ => self.pretty.end_array(writer),
        }
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if self.on_one_line() {
            return Self::separate(writer, first);
        }
        self.pretty.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.on_one_line() {
            return Ok(());
        }
        self.pretty.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.on_one_line() {
            self.open.push(Open::Line);
            return writer.write_all(b"{");
        }
        self.open.push(Open::Object);
        self.pretty.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        match self.open.pop() {
            Some(Open::Line) => writer.write_all(b"}"),
            _ => self.pretty.end_object(writer),
        }
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if self.on_one_line() {
            return Self::separate(writer, first);
        }
        self.pretty.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.on_one_line() {
            return Ok(());
        }
        self.pretty.end_object_value(writer)
    }
}
