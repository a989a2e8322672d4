//! Which language a message is in: Danish or English, or one that is recognised but not spoken here.
//!
//! Short messages are judged by their words: those that only one of the two languages has, first among them the words
//! of the articles. Longer ones that stay undecided are told by their letters ([`Letters`]). Where nothing decides
//! ("sfo"), the language of the page does.
//!
//! German, Polish, Ukrainian, Arabic, Turkish, Swedish and Norwegian are told by script, letters and small words. The
//! bar is high: at least two signs, and more than speak for Danish or English, so that slips never look foreign.

use std::collections::HashSet;

use skranke_domain::Lang;
use skranke_domain::conversation::Foreign;

use super::CorpusArticle;
use super::intent::Examples;
use super::letters::Letters;
use super::normalise::every_word;
use super::vocabulary::Vocabulary;

/// Danish words that are no English ones.
const DANISH: &str = "jeg ikke hvordan hvad hvor hvornaar hvorfor hvem og er det den kan skal vil til med hos min mit mine \
    af paa fra for som der vi du i har have faa faar naar om eller en et man mig dig sig vores jeres kommune kommunen \
    noget nogen ingen uden ogsaa men at ny nyt nye gerne tak hej goddag maa kunne skulle ville blive bliver blev vaere \
    hvilken hvilke hvis efter inden op ud ind ned her hva ikk ik oensker soege soeger betaler koster hjaelp";

/// English words that are no Danish ones.
const ENGLISH: &str = "the is are was were am how what where when why who whom which do does did can cant cannot could \
    should would will my your our their his of to and a an have has had get got need want with without from you me we \
    they it this that there if or not no dont doesnt didnt im ive please thanks thank hello hi on at by about apply \
    help someone for in be been any some after before out up be need needs must may live lives living use still";

const GERMAN: &str = "ich und nicht wie kann habe haben keine kein keinen eine einen einem meine meinen meiner ist sind wo \
    wann warum moechte brauche bitte danke guten mich mir umziehen wohnung anmelden ummelden arzt ausweis hilfe sprechen \
    deutsch krankenkarte gesundheitskarte auf zu nach aus bei oder aber wird wurde beantragen wohngeld rente gibt wir \
    wer welche wieviel zahlt kindergeld elterngeld krankengeld deutsches deutsche steuer brief briefe lieber mutter vater \
    jahre daenische daenischen bekommt umzug abmelden hat haben beim vom als kindergartenplatz \
    muss sie das neue neuen melde bekomme bekommen daenemark hallo personalausweis versicherungskarte fuehrerschein";
const POLISH: &str = "jak nie mam czy gdzie jestem jest moge chce prosze dziekuje dzien dobry potrzebuje zmienic lekarza \
    adres mieszkanie dla moj moja moje polsku pomoc kiedy zlozyc wniosek przeprowadzka pracy dziecko dziecka przedszkola \
    emeryture emerytura dokumenty kartę karte zameldowac nowy nowego sie przez witam dania danii numer";
const TURKISH: &str = "nasil bir icin ve var yok nerede istiyorum merhaba tesekkur tesekkurler degistirmek yardim \
    gerekiyor kimlik benim bana nereye basvuru yapabilirim turkce evet hayir tasindim degistirebilirim bildirebilirim \
    hangi nereden nerede zaman kadar almak alabilirim alirim yapmam cocuk cocugum cocuklarim doktor danimarka danimarkada \
    danimarkaya ehliyet pasaport kira kirami emekli emeklilige evimi tasiniyorum kayit kartimi yaptirabilirim miyim ederim lazim nasi \
    adresimi doktorumu yeni kartimi kaybettim emeklilik cocugumu";
const SWEDISH: &str = "jag och inte hur aer vill behoever maaste flytta flyttar naagon daer haer fraan byta laekare anmaela \
    bostadsbidrag soeker svenska jobbar naer mitt finns goera foersaekringskassan skatteverket vaardcentral koerkort \
    barnomsorg dagis foerskola tack foerskoleplats betalar foeraeldrapenning jobbat tjugo inget vem anmaeler flytt adress \
    ansoeker ansoeka ansoekan bidrag hyra bostad personnummer varfoer vad naesta mitt nytt sjukpenning studiemedel fraagor \
    byter faar kort sjukfoersaekringskort";
const NORWEGIAN: &str = "noe noen meg deg seg mye naa saann trenger vaert blitt barnehage barnehagen barnehageplass fastlege \
    lege nav soeke soeker bruke uten gjoer gjoere kjoere spoer norsk takk hei gjerne foererkort sykepenger pensjon \
    alderspensjon hjelp hjelpe foreldrepenger soeknad oppholdstillatelse utlandet nytt skatt trygd barnetrygd stoenad norske \
    jobb bosted flytting mellom eg ikkje korleis kva kvar bytte flytte sykehus barn hvordan jeg";

/// Danish words that rule Norwegian or Swedish out.
const ONLY_DANISH: &str = "af hvad mig dig noget nogen uden ud bruge soege soeger goer goere laege hjaelp meget \
    op boern koerekort sygedagpenge";

/// Norwegian words that Danish has too: they count only together with others.
const SHARED_NORWEGIAN: [&str; 9] =
    ["bytte", "flytte", "barn", "hvordan", "jeg", "soeker", "lege", "takk", "bruke"];

/// What was found out about a message's language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// The language to answer in.
    pub(crate) lang: Lang,
    /// Another language, if it is one.
    pub(crate) foreign: Option<Foreign>,
    /// Whether Danish and English were told apart by evidence rather than by the page.
    pub(crate) sure: bool,
}

/// Tells languages apart.
#[derive(Debug)]
pub(crate) struct Languages {
    danish: HashSet<&'static str>,
    english: HashSet<&'static str>,
    only_danish: HashSet<&'static str>,
    foreign: [(Foreign, HashSet<&'static str>); 5],
    letters: Letters,
}

fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_whitespace().collect()
}

impl Languages {
    /// Learns the letters of the two languages from the articles and the examples.
    pub(crate) fn new(articles: &[CorpusArticle]) -> Self {
        let danish = set(DANISH);
        let english = set(ENGLISH);
        let only = |words: &HashSet<&'static str>, other: &HashSet<&'static str>| {
            words.difference(other).copied().collect::<HashSet<_>>()
        };
        let plain = |lang: Lang| -> Vec<String> {
            let own = articles.iter().filter(|article| article.lang == lang);
            let texts =
                own.flat_map(|article| article.questions.iter().chain([&article.body]).map(String::as_str));
            texts
                .chain(Examples::of(lang).all().map(|(_, _, text)| text))
                .flat_map(every_word)
                .map(|word| word.text)
                .collect()
        };
        let (read_danish, read_english) = (plain(Lang::Da), plain(Lang::En));
        let letters =
            Letters::learn(read_danish.iter().map(String::as_str), read_english.iter().map(String::as_str));
        Self {
            only_danish: set(ONLY_DANISH),
            foreign: [
                (Foreign::De, set(GERMAN)),
                (Foreign::Pl, set(POLISH)),
                (Foreign::Tr, set(TURKISH)),
                (Foreign::Sv, set(SWEDISH)),
                (Foreign::No, set(NORWEGIAN)),
            ],
            letters,
            danish: only(&danish, &english),
            english: only(&english, &danish),
        }
    }

    /// Judges a message, given as it was written and as plain words.
    pub(crate) fn tell(&self, raw: &str, words: &[&str], page: Lang, bases: [&Vocabulary; 2]) -> Verdict {
        let mut danish = 0.0_f32;
        let mut english = 0.0_f32;
        let [known_danish, known_english] = bases;
        for word in words {
            if self.danish.contains(word) {
                danish += 1.0;
            } else if self.english.contains(word) {
                english += 1.0;
            } else if word.len() > 2 {
                match (known_danish.knows(word), known_english.knows(word)) {
                    (true, false) => danish += 0.8,
                    (false, true) => english += 0.8,
                    _ => {}
                }
            }
        }
        if raw.chars().take(super::normalise::MOST_CHARACTERS).any(|c| "æøåÆØÅ".contains(c)) {
            danish += 0.7;
        }
        if let Some(foreign) = self.foreign(raw, words, danish.max(english)) {
            return Verdict { lang: page, foreign: Some(foreign), sure: true };
        }
        let letters: usize = words.iter().map(|word| word.len()).sum();
        let mut lead = danish - english;
        if lead.abs() < 2.0 && letters >= 12 {
            // Few telling words: let the letter patterns have their say.
            lead += 3.0 * (self.letters.danish(words) - 0.5);
        }
        let (lang, sure) = match lead {
            0.6.. => (Lang::Da, true),
            ..=-0.6 => (Lang::En, true),
            _ => (page, false),
        };
        Verdict { lang, foreign: None, sure }
    }

    fn foreign(&self, raw: &str, words: &[&str], ours: f32) -> Option<Foreign> {
        let (mut letters, mut arabic, mut cyrillic) = (0_u32, 0_u32, 0_u32);
        let (mut polish, mut turkish, mut german, mut umlaut) = (0_u32, 0_u32, 0_u32, 0_u32);
        for c in raw.chars().take(super::normalise::MOST_CHARACTERS) {
            letters += u32::from(c.is_alphabetic());
            match c {
                '\u{0600}'..='\u{06FF}'
                | '\u{0750}'..='\u{077F}'
                | '\u{FB50}'..='\u{FDFF}'
                | '\u{FE70}'..='\u{FEFC}' => {
                    arabic += 1;
                }
                '\u{0400}'..='\u{04FF}' => cyrillic += 1,
                'ą' | 'ę' | 'ł' | 'ż' | 'ź' | 'ś' | 'ć' | 'ń' | 'Ł' | 'Ż' | 'Ś' => polish += 1,
                'ğ' | 'ş' | 'ı' | 'İ' | 'Ş' => turkish += 1,
                'ß' => german += 1,
                'ä' | 'ö' | 'ü' | 'Ä' | 'Ö' | 'Ü' => umlaut += 1,
                _ => {}
            }
        }
        if letters == 0 {
            return None;
        }
        if arabic * 2 > letters {
            return Some(Foreign::Ar);
        }
        if cyrillic * 2 > letters {
            return Some(Foreign::Uk);
        }
        let ruled_out = words.iter().any(|word| self.only_danish.contains(word));
        let mut best: Option<(f32, Foreign)> = None;
        for (foreign, markers) in &self.foreign {
            let hits: HashSet<&&str> = words.iter().filter(|word| markers.contains(**word)).collect();
            let strong = hits.iter().filter(|word| !SHARED_NORWEGIAN.contains(**word)).count();
            let mut score = super::features::to_f32(hits.len());
            let mut others = ours;
            match foreign {
                Foreign::De => {
                    score += if german > 0 { 1.5 } else { 0.0 } + if umlaut > 0 { 0.8 } else { 0.0 }
                }
                Foreign::Pl => score += if polish > 0 { 1.5 } else { 0.0 },
                Foreign::Tr => {
                    score += if turkish > 0 { 1.5 } else { 0.0 } + if umlaut > 0 { 0.4 } else { 0.0 }
                }
                // The neighbours share most small words with Danish; what decides is what Danish does not have.
                Foreign::Sv | Foreign::No | Foreign::Ar | Foreign::Uk => {
                    let swedish = matches!(foreign, Foreign::Sv);
                    score += if swedish && umlaut > 0 { 0.8 } else { 0.0 };
                    if ruled_out || strong < if swedish { 2 } else { 1 } || (!swedish && hits.len() < 2) {
                        continue;
                    }
                    others = if swedish { ours * 0.6 } else { 0.0 };
                }
            }
            let enough =
                score >= 2.0 || (score >= 1.0 && words.len() <= 2 && ours == 0.0 && !hits.is_empty());
            if enough && score > others && best.is_none_or(|(before, _)| score > before) {
                best = Some((score, *foreign));
            }
        }
        best.map(|(_, foreign)| foreign)
    }
}
