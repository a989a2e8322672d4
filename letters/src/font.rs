//! The built-in font, IBM Plex Sans (SIL Open Font License 1.1, `fonts/LICENSE.txt`): the typeface of Det Fælles
//! Designsystem.

use krilla::text::Font;
use rustybuzz::{Face, UnicodeBuffer};

use skranke_domain::letter::NotPrinted;

const REGULAR: &[u8] = include_bytes!("../fonts/IBMPlexSans-Regular.ttf");
const SEMI_BOLD: &[u8] = include_bytes!("../fonts/IBMPlexSans-SemiBold.ttf");

/// One weight, to draw with and to measure with.
pub(crate) struct Weight {
    pub(crate) font: Font,
    face: Face<'static>,
}

/// The weights that letters use.
pub(crate) struct Fonts {
    pub(crate) regular: Weight,
    pub(crate) semi_bold: Weight,
}

impl Fonts {
    pub(crate) fn builtin() -> Result<Self, NotPrinted> {
        Ok(Self { regular: Weight::read(REGULAR)?, semi_bold: Weight::read(SEMI_BOLD)? })
    }
}

fn unreadable() -> NotPrinted {
    NotPrinted::NotConforming("the built-in font cannot be read".to_owned())
}

impl Weight {
    fn read(bytes: &'static [u8]) -> Result<Self, NotPrinted> {
        let font = Font::new(bytes.into(), 0).ok_or_else(unreadable)?;
        Ok(Self { font, face: Face::from_slice(bytes, 0).ok_or_else(unreadable)? })
    }

    /// Whether every character can be drawn.
    pub(crate) fn can_draw(&self, text: &str) -> Result<(), NotPrinted> {
        match text.chars().find(|character| self.face.glyph_index(*character).is_none()) {
            Some(character) => Err(NotPrinted::NoSuchCharacter(character)),
            None => Ok(()),
        }
    }

    /// How wide a text is, in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let advance: i32 = shaped.glyph_positions().iter().map(|glyph| glyph.x_advance).sum();
        #[expect(clippy::cast_precision_loss, reason = "a line is far shorter than 2^24 font units")]
        let advance = advance as f32;
        #[expect(clippy::cast_precision_loss, reason = "a font has some thousand units per em")]
        let units = self.face.units_per_em() as f32;
        advance * size / units
    }
}
