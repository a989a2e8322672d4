//! One character, seen as part of a number.

/// What stands between two groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Words, or too much else: the groups have nothing to do with each other.
    Break,
    Space,
    Hyphen,
    Dot,
    Slash,
    Comma,
    Colon,
    Underscore,
    Other,
}

impl Gap {
    pub(super) const fn is_plain(self) -> bool {
        matches!(self, Self::Space | Self::Hyphen | Self::Dot | Self::Slash | Self::Underscore)
    }
}

/// A character, seen as part of a number.
pub(super) enum Glyph {
    Digit(u8),
    Lookalike(u8),
    Invisible,
    Separator(Gap),
    Letter,
}

/// The first characters of the runs of ten decimal digits that Unicode has for the scripts met here.
const ZEROS: [u32; 24] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0E50, 0xFF10, 0x1_D7CE, 0x1_D7D8, 0x1_D7E2, 0x1_D7EC, 0x1_D7F6,
    0x0AE6, 0x0BE6, 0x0A66, 0x0B66, 0x0C66, 0x0CE6, 0x0D66, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810,
];

pub(super) fn glyph(c: char) -> Glyph {
    match c {
        '0'..='9' => Glyph::Digit(c as u8 - b'0'),
        'O' | 'o' | 'О' | 'о' | 'Ο' | 'ο' => Glyph::Lookalike(0),
        'I' | 'l' | 'І' | 'ӏ' | '|' => Glyph::Lookalike(1),
        '\u{00AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{20E3}'
        | '\u{0300}'..='\u{033F}'
        | '\u{E0000}'..='\u{E01EF}' => Glyph::Invisible,
        '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' | '~' | '\u{2043}' => {
            Glyph::Separator(Gap::Hyphen)
        }
        '.' | '·' | '•' | '．' | '。' | '∙' | '\u{2024}' => Glyph::Separator(Gap::Dot),
        '/' | '\\' | '⁄' | '∕' | '／' => Glyph::Separator(Gap::Slash),
        ',' | ';' | '，' => Glyph::Separator(Gap::Comma),
        ':' | '：' => Glyph::Separator(Gap::Colon),
        '_' | '＿' => Glyph::Separator(Gap::Underscore),
        _ if c.is_whitespace() => Glyph::Separator(Gap::Space),
        // Control characters that are no white space are as good as not there.
        _ if c.is_control() => Glyph::Invisible,
        _ => match u32::from(c) {
            code @ 0x2460..=0x2468 => Glyph::Digit(u8::try_from(code - 0x245F).unwrap_or(0)),
            code @ 0x2474..=0x247C => Glyph::Digit(u8::try_from(code - 0x2473).unwrap_or(0)),
            code @ 0x2488..=0x2490 => Glyph::Digit(u8::try_from(code - 0x2487).unwrap_or(0)),
            code @ 0x2776..=0x277E => Glyph::Digit(u8::try_from(code - 0x2775).unwrap_or(0)),
            0x24EA | 0x24FF | 0x2070 => Glyph::Digit(0),
            0x00B9 => Glyph::Digit(1),
            code @ 0x00B2..=0x00B3 => Glyph::Digit(u8::try_from(code - 0x00B0).unwrap_or(0)),
            code @ 0x2074..=0x2079 => Glyph::Digit(u8::try_from(code - 0x2070).unwrap_or(0)),
            code @ 0x2080..=0x2089 => Glyph::Digit(u8::try_from(code - 0x2080).unwrap_or(0)),
            code => match ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)) {
                Some(zero) => Glyph::Digit(u8::try_from(code - zero).unwrap_or(0)),
                None if c.is_alphanumeric() => Glyph::Letter,
                None => Glyph::Separator(Gap::Other),
            },
        },
    }
}
