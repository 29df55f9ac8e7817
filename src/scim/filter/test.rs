//! What a filter asks of one value, and whether that holds (RFC 7644 section 3.4.2.2, table 3).

use super::Operator;
use super::evaluate::{Node, element_matches, is_assigned};
use crate::scim::comparison::Comparison;
use crate::scim::datetime;
use crate::scim::schema::{Attribute, Type};
use jiff::Timestamp;
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

#[derive(Debug, Clone)]
pub(super) enum Test {
    Present,
    Text {
        operator: Operator,
        operand: String,
        form: Form,
    },
    Flag {
        operand: bool,
        absent: bool,
    },
    Number {
        operator: Operator,
        operand: f64,
    },
    Instant {
        operator: Operator,
        operand: Timestamp,
    },
    Element(Box<Node>),
    /// A value is there for which that does not hold.
    Differs(Box<Test>),
}

/// What counts when text is compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// As the attribute's text is compared.
    Compared(Comparison),
    /// Every letter but the padding of base64, which may be left out (RFC 7643 section 2.3.6).
    Unpadded,
}

impl Form {
    fn of(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Compared(comparison) => comparison.key(text),
            Self::Unpadded => Cow::Borrowed(text.trim_end_matches('=')),
        }
    }
}

impl Test {
    pub(super) fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Present, value) => value.is_some_and(is_assigned),
            (Self::Flag { absent, .. }, None) => *absent,
            (Self::Flag { operand, .. }, Some(value)) => value.as_bool() == Some(*operand),
            (
                Self::Text {
                    operator,
                    operand,
                    form,
                },
                Some(Value::String(text)),
            ) => text_holds(*operator, &form.of(text), operand),
            (Self::Number { operator, operand }, Some(Value::Number(number))) => number
                .as_f64()
                .and_then(|number| number.partial_cmp(operand))
                .is_some_and(|order| ordered(*operator, order)),
            (Self::Instant { operator, operand }, Some(Value::String(text))) => {
                datetime::parse(text)
                    .is_some_and(|instant| ordered(*operator, instant.cmp(operand)))
            }
            (Self::Element(node), Some(element)) => element_matches(node, element),
            (Self::Differs(test), Some(value)) => is_assigned(value) && !test.holds(Some(value)),
            _ => false,
        }
    }
}

pub(super) fn text_holds(operator: Operator, text: &str, operand: &str) -> bool {
    match operator {
        Operator::Co => text.contains(operand),
        Operator::Sw => text.starts_with(operand),
        Operator::Ew => text.ends_with(operand),
        _ => ordered(operator, text.cmp(operand)),
    }
}

/// `ne` is decided as `eq` here; the node around it turns the verdict.
pub(super) fn ordered(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        _ => order.is_eq(),
    }
}

pub(super) fn text_test(attribute: &Attribute, operator: Operator, text: &str) -> Test {
    let form = match attribute.kind {
        Type::Binary => Form::Unpadded,
        _ => Form::Compared(attribute.comparison()),
    };
    Test::Text {
        operator,
        operand: form.of(text).into_owned(),
        form,
    }
}
