//! The two public pages that the counter grew from: a municipality's page on mandatory self-service, and the portal's page
//! for authorities that connect a solution. Every system, area, contact and rule that they name can be asked about, and
//! the article that answers names it, in both languages.

mod support;

use std::fmt::Write as _;

use skranke_chat::corpus::corpus;
use skranke_chat::understanding::{Hint, Understanding};
use skranke_domain::Lang;
use skranke_domain::conversation::{Band, Intent, TopicSlug};
use support::library;

/// Something that a page names: the topic that answers, what its article says of it in Danish and in English, and how
/// people ask for it in both.
type Named = (&'static str, [&'static str; 2], [&'static str; 2]);

/// The municipality's page.
const SELF_SERVICE: [Named; 34] = [
    // What it is about, and whom it concerns.
    (
        "obligatorisk-selvbetjening",
        ["på nettet", "online"],
        ["Hvad er obligatorisk selvbetjening?", "What is mandatory self-service?"],
    ),
    (
        "obligatorisk-selvbetjening",
        ["ressourcer", "resources"],
        [
            "hvad er målet med loven om digital selvbetjening",
            "what is the aim of the law on digital self-service",
        ],
    ),
    (
        "obligatorisk-selvbetjening",
        ["sundhedskort", "health card"],
        ["På hvilke områder er der obligatorisk selvbetjening?", "In which areas is self-service mandatory?"],
    ),
    (
        "hvem-gaelder-det",
        ["Alle, der kan", "Everyone who is able"],
        ["Hvem gælder loven for?", "Who does the law on self-service apply to?"],
    ),
    (
        "hvem-gaelder-det",
        ["handicap", "disabilit"],
        ["jeg har et handicap, skal jeg så bruge nettet", "I have a disability, must I use the internet?"],
    ),
    (
        "hvem-gaelder-det",
        ["sprog", "language"],
        [
            "er jeg omfattet når jeg har sprogvanskeligheder",
            "does mandatory self-service apply with language difficulties",
        ],
    ),
    (
        "hvem-gaelder-det",
        ["udsat", "socially"],
        [
            "gælder kravet også for socialt udsatte",
            "does the requirement apply to socially vulnerable people",
        ],
    ),
    (
        "hvem-gaelder-det",
        ["MitID", "MitID"],
        ["gælder kravet når man ikke kan få MitID", "are people who lack MitID excused from self-service"],
    ),
    // The areas.
    ("folkepension", ["olkepension", "ension"], ["søge folkepension", "apply for state pension"]),
    ("boligstoette", ["oligstøtte", "ousing benefit"], ["søge boligstøtte", "apply for housing benefit"]),
    ("flytning", ["flyt", "mov"], ["melde flytning til folkeregisteret", "report a move"]),
    (
        "sundhedskort",
        ["undhedskort", "ealth card"],
        ["bestille et nyt sundhedskort", "order a new health card"],
    ),
    (
        "boernepasning",
        ["ladsanvisning", "lacement office"],
        ["ansøge om plads i vuggestue eller børnehave", "apply for a place in nursery or kindergarten"],
    ),
    ("skoleindskrivning", ["SFO", "SFO"], ["skrive mit barn ind i skolen", "enrol my child in school"]),
    ("sfo", ["SFO", "SFO"], ["melde mit barn ind i SFO", "after-school care SFO for my child"]),
    // The hotline.
    (
        "hotline",
        ["70 20 00 00", "70 20 00 00"],
        ["nummeret til Den Digitale Hotline", "number of the Digital Hotline"],
    ),
    (
        "hotline",
        ["søndag kl. 16-20", "Sunday 4 pm to 8 pm"],
        ["hotlinens åbningstider", "opening hours of the hotline"],
    ),
    (
        "hotline-sagsindsigt",
        ["generelle spørgsmål", "general questions"],
        [
            "kan jeg få svar på generelle spørgsmål på hotlinen",
            "can I ask the hotline general questions by phone",
        ],
    ),
    (
        "hotline-sagsindsigt",
        ["ikke", "no access"],
        ["kan medarbejderne på hotlinen se min sag", "can the hotline staff see my case"],
    ),
    // Those who find it hard.
    (
        "digital-hjaelp",
        ["biblioteket", "library"],
        ["kan jeg låne en computer på biblioteket", "can I borrow a computer at the library"],
    ),
    (
        "digital-hjaelp",
        ["70 10 18 81", "70 10 18 81"],
        ["borger.dks kontaktcenter", "borger.dk contact centre"],
    ),
    (
        "digital-hjaelp",
        ["Borgerservice", "Citizen Service"],
        ["kan Borgerservice hjælpe mig med det digitale", "can Citizen Service help me with the computer"],
    ),
    (
        "fritagelse-selvbetjening",
        ["myndighed", "authority"],
        ["blive fritaget for digital selvbetjening", "be exempted from digital self-service"],
    ),
    (
        "digital-post-fritagelse",
        ["Digital Post", "Digital Post"],
        ["fritagelse for Digital Post", "exemption from Digital Post"],
    ),
    // Without NemID.
    ("nemid", ["NemID", "NemID"], ["findes NemID stadig", "does NemID still exist"]),
    (
        "nemid",
        ["Robinson", "Robinson"],
        ["kan Borgerservice stadig udstede NemID", "can NemID still be issued at Citizen Service"],
    ),
    (
        "mitid",
        ["Borgerservice", "Citizen Service"],
        ["oprette MitID i Borgerservice", "get MitID at Citizen Service"],
    ),
    ("laegeskift", ["læge", "doctor"], ["lægeskift uden MitID", "change doctor without MitID"]),
    (
        "robinsonlisten",
        ["Robinson", "Robinson"],
        ["tilmelding til Robinsonlisten", "sign up for the Robinson list"],
    ),
    // Contacts.
    (
        "borger-dk",
        ["Digitaliseringsstyrelsen", "Agency for Digital Government"],
        ["hvem driver borger.dk", "who runs borger.dk"],
    ),
    (
        "hotline",
        ["72 35 40 00", "72 35 40 00"],
        ["telefonnummer til borgerservice i Furesø", "phone number of Citizen Service in Furesø"],
    ),
    (
        "hotline",
        ["72 35 47 30", "72 35 47 30"],
        ["telefonnummer til Kultur og Erhverv", "phone number of Kultur og Erhverv"],
    ),
    (
        "hotline",
        ["Stiager 2, 3500 Værløse", "Stiager 2, 3500 Værløse"],
        ["Kultur og Erhverv Stiager 2 Værløse", "Kultur og Erhverv Stiager 2 Værløse"],
    ),
    ("borger-dk", ["løsninger", "services"], ["hvad er borger.dk", "what is borger.dk"]),
];

/// The portal's page for authorities.
const CONNECTING: [Named; 22] = [
    (
        "tilslutning",
        ["i stedet for at ringe", "instead of phoning"],
        [
            "hvad er borger.dks definition af selvbetjening",
            "what counts as self-service for a solution on borger.dk",
        ],
    ),
    (
        "byggetilladelse",
        ["yggetilladelse", "uilding permit"],
        ["søge byggetilladelse", "apply for a building permit"],
    ),
    ("biblioteksboeger", ["bøger", "books"], ["reservere biblioteksbøger", "reserve library books"]),
    ("beregn-boligstoette", ["eregn", "alculat"], ["beregne boligstøtte", "calculate housing benefit"]),
    ("sundhed-dk", ["sygdom", "illness"], ["hvad kan jeg se på sundhed.dk", "what can I see on sundhed.dk"]),
    (
        "blanket",
        ["selvbetjening", "self-service"],
        ["kan jeg bruge en blanket fra nettet", "can I use a form from the internet"],
    ),
    (
        "blanket",
        ["printer", "print"],
        ["må jeg printe blanketten og sende den med posten", "may I print the form and post it"],
    ),
    (
        "tilslutning",
        ["Udviklingsvejledningen", "Udviklingsvejledningen"],
        ["hvad er Udviklingsvejledningen", "what is Udviklingsvejledningen"],
    ),
    (
        "tilslutning",
        ["digitaliser.dk", "digitaliser.dk"],
        [
            "hvor finder jeg vejledningen på digitaliser.dk",
            "where on digitaliser.dk is the guide to solutions",
        ],
    ),
    (
        "tilslutning",
        ["obligatoriske", "mandatory"],
        [
            "krav til brugervenlighed for bølgeløsninger",
            "do all usability requirements hold for mandatory solutions",
        ],
    ),
    (
        "tilslutning",
        ["NemLog-in", "NemLog-in"],
        ["skal vores løsning bruge NemLog-in", "must our solution use NemLog-in"],
    ),
    (
        "tilslutning",
        ["Private", "private parties"],
        ["kan private aktører bruge NemLog-in", "can private parties use NemLog-in"],
    ),
    (
        "handlingsside",
        ["handlingsside", "action page"],
        ["hvad er en handlingsside", "what is an action page"],
    ),
    (
        "handlingsside",
        ["Den gode handlingsside", "Den gode handlingsside"],
        ["guiden Den gode handlingsside", "guide to a good action page"],
    ),
    (
        "handlingsside",
        ["skabelonen fra 2017", "template of 2017"],
        ["skabelon til handlingsside", "template for the action page"],
    ),
    (
        "handlingsside",
        ["admin@borger.dk", "admin@borger.dk"],
        ["hvor sender vi skabelonen til handlingssiden", "where do we send the action page template"],
    ),
    (
        "handlingsside",
        ["bruger", "users"],
        ["hvem skriver teksten til handlingssiden", "who writes the text of the action page"],
    ),
    (
        "direkte-link",
        ["kommunekode", "kommunekode"],
        [
            "direkte link til kommunens selvbetjening med kommunekode",
            "direct link with the municipality code",
        ],
    ),
    (
        "tilslutning",
        ["leverandør", "supplier"],
        [
            "hvilke oplysninger skal vi sende for at få en løsning på borger.dk",
            "what do we send to get a solution on borger.dk",
        ],
    ),
    (
        "tilslutning",
        ["admin@borger.dk", "admin@borger.dk"],
        ["admin@borger.dk ny løsning", "admin@borger.dk new solution"],
    ),
    (
        "tilslutning",
        ["webadresse", "web address"],
        [
            "ændringer til en eksisterende løsning på borger.dk",
            "changes to an existing solution on borger.dk",
        ],
    ),
    (
        "boernepasning",
        ["Borgerservice", "Citizen Service"],
        ["skrive barn op til daginstitution", "put a child down for daycare"],
    ),
];

#[test]
fn everything_that_the_two_pages_name_is_answered_by_the_article_that_names_it() {
    let library = library();
    let understanding = Understanding::new(corpus(&library));
    let mut wrong = String::new();
    for (slug, says, asked) in SELF_SERVICE.iter().chain(&CONNECTING) {
        for (lang, says, asked) in [(Lang::Da, says[0], asked[0]), (Lang::En, says[1], asked[1])] {
            let topic = TopicSlug::new(*slug);
            let heard = understanding.hear(asked, &Hint { page: lang, ..Hint::default() });
            let offered = heard.nearest(3);
            let answers = matches!(heard.intent, Intent::Question | Intent::NoEid)
                && match heard.band {
                    Band::Answer => offered.first() == Some(&topic),
                    Band::Choices => offered.contains(&topic),
                    Band::Abstain => false,
                };
            if !answers {
                let _ = writeln!(
                    wrong,
                    "{asked:?} wants {slug}: {:?} {:?} {offered:?}",
                    heard.intent, heard.band
                );
            }
            let article = library.article(&topic, lang).unwrap();
            let named = article.paragraphs.iter().chain([&article.title, &article.next_step]);
            if !named.into_iter().any(|text| text.contains(says)) {
                let _ = writeln!(wrong, "{} does not say {says:?}", article.file());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_contacts_of_the_two_pages_are_in_the_register() {
    let library = library();
    for (slug, phone, address) in [
        ("den-digitale-hotline", "70 20 00 00", ""),
        ("furesoe-borgerservice", "72 35 40 00", "Stiager 2, 3500 Værløse"),
        ("furesoe-kultur-erhverv", "72 35 47 30", "Stiager 2, 3500 Værløse"),
    ] {
        let authority = library.authority(slug).unwrap();
        assert_eq!((authority.phone.as_str(), authority.address.as_str()), (phone, address));
    }
}

#[test]
fn whoever_has_no_nemid_is_asked_what_it_is_about() {
    let understanding = Understanding::new(corpus(&library()));
    for (lang, asked) in
        [(Lang::Da, "Jeg har ikke NemID, hvad gør jeg?"), (Lang::En, "I have no NemID, what do I do?")]
    {
        let heard = understanding.hear(asked, &Hint { page: lang, ..Hint::default() });
        assert_eq!(heard.intent, Intent::NoEid, "{asked}");
    }
}
