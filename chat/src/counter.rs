//! The counter: takes a message from a channel, keeps it, answers it. Web and Telegram are thin layers over this.
//!
//! Invariants:
//! - What a citizen writes passes redaction before anything else sees it, and is stored before it is answered.
//! - The same message key twice gives the same answer twice and one message in the log.
//! - No text reaches the program's own log: only ids, kinds and counts do.
//! - A conversation is named by a digest of what its citizen holds (a cookie, a Telegram chat), never by that itself.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use cqrs_es::Aggregate as _;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use skranke_content::{Library, fill};
use skranke_domain::conversation::{
    Aside, Band, ChatChannel, Choice, Conversation, ConversationCommand, ConversationEvent,
    ConversationRefusal, Dialogue, Heard, Intent, Place, Redacted, Removed, Reply, TopicSlug,
};
use skranke_domain::id::from_digest;
use skranke_domain::inquiry::{
    Channel, Contact, Inquiry, InquiryCommand, InquiryKind, InquiryRefusal, Line, Receive, Speaker,
    reference_from_digest,
};
use skranke_domain::sealed::{SealError, Seen};
use skranke_domain::time::Clock;
use skranke_domain::{
    Act, Actor, ConversationId, InquiryId, Lang, Refusal, Sealable, StreamId, SubjectId, Tenant,
};
use skranke_store::port::{Direction, Filter, LogError, Position, Recorded};
use skranke_store::{Desk, Failure, LoadError, Receipt};
use uuid::Uuid;

use crate::corpus::corpus;
use crate::pace::{Haste, Pace, PaceLimits};
use crate::redact::{Public, redact};
use crate::understanding::{Hint, Understanding};
use crate::voice::{CounterVoice, Unfit};

/// The longest message that is read, in characters.
pub const MESSAGE_LIMIT: usize = 4_000;
/// How much of a longer one is looked at: enough that nothing personal hides at the cut.
const LOOKED_AT: usize = 5 * MESSAGE_LIMIT;
/// Messages longer than this are understood off the async threads.
const QUICK: usize = 1_000;
/// The longest name, number or address in a form, in characters.
pub(crate) const FIELD_LIMIT: usize = 200;

/// What a channel hands over.
#[derive(Clone, PartialEq, Eq)]
pub enum Incoming {
    /// What the citizen typed, as it came.
    Text(String),
    /// The text form of a pressed button.
    Choice(String),
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Choice(_) => "Choice(..)",
        })
    }
}

/// One message and its answer.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The message as it is kept; `None` when there was nothing to keep.
    pub said: Option<String>,
    /// The answer.
    pub reply: Reply,
    /// The answer's number in the conversation's stream; `None` when nothing was stored.
    pub revision: Option<u64>,
    /// This message had been answered before.
    pub repeated: bool,
    /// Whether it was one too many: then nothing was stored.
    pub haste: Haste,
}

/// Why the counter did not answer.
#[derive(Debug, thiserror::Error)]
pub enum CounterFailure {
    /// The citizen ended this conversation: begin a new one.
    #[error("the conversation has ended")]
    Ended,
    /// There is no conversation to do this with.
    #[error("nothing has been said in this conversation yet")]
    NothingSaid,
    /// What is rated is no answer of this conversation.
    #[error("this conversation has no such answer")]
    NoSuchAnswer,
    /// A form was filled in wrongly.
    #[error(transparent)]
    Inquiry(InquiryRefusal),
    /// The house is broken. Show people a code, log the chain once.
    #[error("the counter could not do its work")]
    House(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a line of a conversation holds.
#[derive(Clone, Debug)]
pub enum Said {
    /// The citizen's words, redacted.
    Citizen(String),
    /// The counter's reply.
    Counter(Box<Reply>),
    /// It was said, and its key is gone.
    Erased,
}

/// One line of a conversation.
#[derive(Clone, Debug)]
pub struct TranscriptLine {
    /// Its number in the stream.
    pub revision: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub said: Said,
}

/// A conversation as it stands.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// Where the dialogue stands.
    pub dialogue: Dialogue,
    /// Whether the citizen ended it.
    pub ended: bool,
    /// Whether the last answer has been rated.
    pub rated: bool,
    /// What was said, oldest first.
    pub lines: Vec<TranscriptLine>,
}

impl Transcript {
    /// Takes in an opened event: what it adds to what was said.
    fn hear(&mut self, event: &ConversationEvent) -> Option<Said> {
        match (event, event.reply()) {
            (ConversationEvent::MessageReceived(message), _) => Some(match message.text.see() {
                Seen::Open(text) => Said::Citizen(text.clone()),
                Seen::Locked | Seen::Erased => Said::Erased,
            }),
            (_, Some(reply)) => {
                self.rated = false;
                Some(match reply.see() {
                    Seen::Open(reply) => Said::Counter(Box::new(reply.clone())),
                    Seen::Locked | Seen::Erased => Said::Erased,
                })
            }
            (ConversationEvent::FeedbackGiven(feedback), None) => {
                let last = self.lines.last().map(|line| line.revision);
                self.rated |= feedback.answer.is_none_or(|answer| Some(answer) == last);
                None
            }
            (_, None) => None,
        }
    }
}

/// Where a conversation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was said yet.
    New,
    /// Going on.
    Going(Box<Dialogue>),
    /// Ended by the citizen.
    Ended,
}

/// What [`Counter::forget`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// How many conversations were ended and erased.
    pub count: usize,
    /// Where to go on from the next time.
    pub next: Position,
}

/// A call-back or a written inquiry, as the form has it.
#[derive(Clone)]
pub struct LeaveInquiry {
    /// Call-back or written.
    pub kind: InquiryKind,
    /// Where it was written.
    pub channel: ChatChannel,
    /// The citizen's name.
    pub name: String,
    /// The phone number, if one was given.
    pub phone: String,
    /// The e-mail address, if one was given.
    pub email: String,
    /// Which municipality gets it.
    pub municipality: Tenant,
    /// The matter, if one was chosen.
    pub topic: Option<TopicSlug>,
    /// The message.
    pub message: String,
    /// When a call suits: `morning`, `afternoon` or `any`.
    pub when: Option<String>,
    /// The language of the form.
    pub lang: Lang,
    /// What the form was named when it was shown: sent twice, it is one inquiry.
    pub form_key: String,
}

impl fmt::Debug for LeaveInquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaveInquiry").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What the citizen gets for an inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryReceipt {
    /// The inquiry.
    pub inquiry: InquiryId,
    /// Its reference.
    pub reference: String,
    /// What was removed from the message.
    pub removed: Removed,
    /// The message sounds like danger: advice for that comes before the receipt.
    pub danger: bool,
}

/// What the counter answers from: the articles, and what was learned from exactly these. Swapped whole, so that no
/// turn is understood by one and answered by another.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The articles, and everything around them.
    pub library: Arc<Library>,
    /// What was learned from them.
    pub understanding: Arc<Understanding>,
}

impl Learned {
    /// Learns a library. This takes a second or two: not on a thread that serves.
    pub fn from(library: Arc<Library>) -> Self {
        let understanding = Arc::new(Understanding::new(corpus(&library)));
        Self { library, understanding }
    }
}

/// The counter.
pub struct Counter {
    desk: Desk,
    /// What it was opened with: everything but the articles stays as it is.
    library: Arc<Library>,
    learned: RwLock<Learned>,
    clock: Arc<dyn Clock>,
    pace: Option<Pace>,
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counter(..)")
    }
}

impl Counter {
    /// A counter over a desk, with what it knows.
    pub fn new(
        desk: Desk,
        library: Arc<Library>,
        understanding: Arc<Understanding>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let learned = RwLock::new(Learned { library: Arc::clone(&library), understanding });
        Self { desk, library, learned, clock, pace: None }
    }

    /// Answers so many messages of one conversation, and asks whoever sends more to wait.
    #[must_use]
    pub fn paced(self, limits: PaceLimits) -> Self {
        Self { pace: Some(Pace::new(limits)), ..self }
    }

    /// What it answers from at this moment.
    pub fn learned(&self) -> Learned {
        self.learned.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers from this from the next turn on.
    pub fn learn(&self, learned: Learned) {
        *self.learned.write().unwrap_or_else(PoisonError::into_inner) = learned;
    }

    /// What the counter knows beside its articles, which may be others by now ([`Self::learned`]).
    pub const fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Keeps a message and answers it. `lang` is the channel's language; without one, the conversation's own.
    ///
    /// `message_key` is the sender's own name for the message: sent again under it, it is answered again and not
    /// done again.
    pub async fn hear(
        &self,
        conversation: ConversationId,
        channel: ChatChannel,
        raw: Incoming,
        lang: Option<Lang>,
        message_key: &str,
    ) -> Result<Turn, CounterFailure> {
        let stream = Conversation::stream(conversation);
        let (state, _) = self.desk.look::<Conversation>(&stream).await.map_err(house)?;
        let dialogue = state.dialogue();
        let lang = lang.unwrap_or(dialogue.lang);
        let now = self.clock.now();
        let Learned { library, understanding } = self.learned();
        let voice = CounterVoice::new(Arc::clone(&library), now);
        let (heard, voice) = match raw {
            Incoming::Choice(code) => match self.choice(&code, lang) {
                Some(heard) => (heard, voice),
                None => return Ok(self.hint(lang, &self.library.messages(lang).counter.unknown_choice)),
            },
            Incoming::Text(raw) => {
                if raw.trim().is_empty() {
                    return Ok(self.hint(lang, &self.library.messages(lang).page.empty));
                }
                let (heard, unfit) = understand(understanding, library, raw, lang, dialogue).await?;
                let voice = match unfit {
                    Some(unfit) => voice.unfit(unfit),
                    None => voice,
                };
                (heard, voice)
            }
        };
        // Danger is answered however fast it is told.
        let haste = self.pace.as_ref().map_or(Haste::None, |pace| pace.count(conversation, now));
        if haste != Haste::None && heard.intent != Intent::Danger {
            return Ok(Turn { haste, ..self.hint(lang, &self.library.messages(lang).counter.slow_down) });
        }
        let (intent, band, score) =
            (heard.intent, heard.band, heard.topics.first().map_or(0, |best| best.score));
        let command = ConversationCommand::Hear {
            subject: subject_of(conversation),
            channel,
            heard: Box::new(heard),
            voice: Arc::new(voice),
        };
        let act =
            self.act(Tenant::COUNTER, conversation, now, Some(format!("hear/{}", digest_text(message_key))));
        let receipt = self.execute(&stream, command, &act).await?;
        tracing::info!(
            conversation.id = %conversation, ?intent, ?band, score, repeated = receipt.repeated,
            "conversation {conversation} answered"
        );
        // Read back rather than remembered: a repeated message must get the first answer, word for word.
        let revision = receipt.revision.unwrap_or_default();
        let recorded =
            self.desk.log().read_stream(&stream, revision, Direction::Backwards, 6).await.map_err(house)?;
        let mut turn = Turn {
            said: None,
            reply: self.plain(lang, ""),
            revision: receipt.revision,
            repeated: receipt.repeated,
            haste: Haste::None,
        };
        let (told, _) = self.open(conversation, recorded)?;
        for line in told.lines {
            match line.said {
                Said::Counter(reply) if line.revision == revision => turn.reply = *reply,
                Said::Citizen(text) if turn.said.is_none() => turn.said = Some(text),
                Said::Citizen(_) | Said::Counter(_) | Said::Erased => {}
            }
        }
        Ok(turn)
    }

    /// Carries out a command on a conversation. The desk decides again three times when another hand was faster;
    /// a citizen with several tabs deserves a little more patience before the house says that it is broken.
    async fn execute(
        &self,
        stream: &StreamId,
        command: ConversationCommand,
        act: &Act,
    ) -> Result<Receipt, CounterFailure> {
        for _ in 0..3 {
            match self.desk.execute::<Conversation>(stream, command.clone(), act).await {
                Err(Failure::Conflict { .. }) => tokio::task::yield_now().await,
                outcome => return outcome.map_err(failure),
            }
        }
        self.desk.execute::<Conversation>(stream, command, act).await.map_err(failure)
    }

    /// A pressed button, if it is one that this knowledge base has.
    fn choice(&self, code: &str, lang: Lang) -> Option<Heard> {
        let choice = Choice::parse(code)?;
        let texts = &self.library.messages(lang).counter;
        let lang = if let Choice::Language(chosen) = choice { chosen } else { lang };
        let label = match &choice {
            Choice::Topic(topic) => self.library.title(topic, lang)?.to_owned(),
            Choice::WithoutEid(topic) => {
                self.library.service(topic)?;
                texts.button_without_eid.clone()
            }
            Choice::Place(code) => self.library.municipality(*code)?.official_name.clone(),
            Choice::Person => texts.button_person.clone(),
            Choice::NoneOfThese => texts.button_none.clone(),
            Choice::Skip => texts.button_skip.clone(),
            Choice::Language(Lang::Da) => texts.button_danish.clone(),
            Choice::Language(Lang::En) => texts.button_english.clone(),
        };
        // A label of our own holds nothing personal.
        Some(Heard::choice(choice, Redacted::vouch(label), lang))
    }

    /// A short answer that leaves no trace.
    fn hint(&self, lang: Lang, text: &str) -> Turn {
        Turn {
            said: None,
            reply: self.plain(lang, text),
            revision: None,
            repeated: false,
            haste: Haste::None,
        }
    }

    fn plain(&self, lang: Lang, text: &str) -> Reply {
        let next = self.library.messages(lang).counter.greeting_next.clone();
        let paragraphs = Some(text.to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
        Reply { lang, paragraphs, next_step: Some(next), ..Reply::default() }
    }

    /// Where a conversation stands.
    pub async fn standing(&self, conversation: ConversationId) -> Result<Standing, CounterFailure> {
        let stream = Conversation::stream(conversation);
        let (state, _) = self.desk.look::<Conversation>(&stream).await.map_err(house)?;
        Ok(match state {
            Conversation::New => Standing::New,
            Conversation::Going(dialogue) => Standing::Going(Box::new(dialogue)),
            Conversation::Ended => Standing::Ended,
        })
    }

    /// The whole conversation, for a page that is loaded again and for the inquiry that it leads to.
    pub async fn transcript(&self, conversation: ConversationId) -> Result<Transcript, CounterFailure> {
        let recorded = self.recorded(conversation).await?;
        if recorded.is_empty() {
            return Ok(Transcript::default());
        }
        let (mut transcript, state) = self.open(conversation, recorded)?;
        transcript.ended = matches!(state, Conversation::Ended);
        transcript.dialogue = state.dialogue();
        Ok(transcript)
    }

    /// A conversation's events, opened.
    pub(crate) async fn told(
        &self,
        conversation: ConversationId,
    ) -> Result<Vec<ConversationEvent>, CounterFailure> {
        let seals = self.desk.keys().for_stream(&Conversation::stream(conversation));
        let mut events = Vec::new();
        for recorded in self.recorded(conversation).await? {
            let mut told = skranke_store::read::<ConversationEvent>(&recorded).map_err(house)?;
            for event in told.events_mut() {
                event.unlock_all(&seals).map_err(house::<SealError>)?;
                events.push(event.clone());
            }
        }
        Ok(events)
    }

    /// A conversation as it lies in the log.
    pub(crate) async fn recorded(
        &self,
        conversation: ConversationId,
    ) -> Result<Vec<Recorded>, CounterFailure> {
        let mut recorded = Vec::new();
        let each = &mut |event| {
            recorded.push(event);
            std::ops::ControlFlow::Continue(())
        };
        let stream = Conversation::stream(conversation);
        self.desk.log().fold_stream(&stream, 0, each).await.map_err(house)?;
        Ok(recorded)
    }

    /// Opens what was read from a conversation's stream, as far as this version knows it.
    fn open(
        &self,
        conversation: ConversationId,
        recorded: Vec<Recorded>,
    ) -> Result<(Transcript, Conversation), CounterFailure> {
        let seals = self.desk.keys().for_stream(&Conversation::stream(conversation));
        let (mut transcript, mut state) = (Transcript::default(), Conversation::default());
        for recorded in recorded {
            let mut told = skranke_store::read::<ConversationEvent>(&recorded).map_err(house)?;
            for event in told.events_mut() {
                state.apply(event.clone());
                event.unlock_all(&seals).map_err(house::<SealError>)?;
                let (revision, at) = (recorded.revision, recorded.recorded_at);
                let said = transcript.hear(event);
                transcript.lines.extend(said.map(|said| TranscriptLine { revision, at, said }));
            }
        }
        Ok((transcript, state))
    }

    /// Leaves a call-back or a written inquiry in the municipality's inbox, with the conversation attached.
    pub async fn leave_inquiry(
        &self,
        conversation: ConversationId,
        form: LeaveInquiry,
    ) -> Result<InquiryReceipt, CounterFailure> {
        // A CPR number in a field that is kept as it was written must not get in by another door than the web form.
        if hides_cpr(&form.phone) {
            return Err(CounterFailure::Inquiry(InquiryRefusal::NotAPhoneNumber));
        }
        if hides_cpr(&form.email.replace('@', " ")) {
            return Err(CounterFailure::Inquiry(InquiryRefusal::NotAnEmail));
        }
        let now = self.clock.now();
        let inquiry = InquiryId::new(digest_uuid(&["inquiry", &conversation.to_string(), &form.form_key]));
        let reference = reference_of(inquiry);
        let transcript = self.transcript(conversation).await?;
        let talked = !transcript.lines.is_empty();
        let (wish, removed) = self.wish(conversation, &form, inquiry, now, &transcript);
        let danger = self.sounds_dangerous(&wish.message).await?;
        let stream = Inquiry::stream(form.municipality, inquiry);
        let act = self.act(form.municipality, conversation, now, Some(format!("receive/{inquiry}")));
        let command = InquiryCommand::Receive(Box::new(wish));
        self.desk.execute::<Inquiry>(&stream, command, &act).await.map_err(|error| match error {
            Failure::Refused(refusal) => CounterFailure::Inquiry(refusal),
            other => house(other),
        })?;
        tracing::info!(inquiry.id = %inquiry, tenant = %form.municipality, kind = ?form.kind, "inquiry {inquiry} received");
        if talked && !transcript.ended {
            let command = ConversationCommand::HandOver {
                subject: subject_of(conversation),
                inquiry,
                reference: reference.clone(),
                municipality: form.municipality,
                said: self.receipt(&form, &reference),
            };
            let act = self.act(Tenant::COUNTER, conversation, now, Some(format!("hand-over/{inquiry}")));
            let told =
                self.desk.execute::<Conversation>(&Conversation::stream(conversation), command, &act).await;
            if let Err(error) = told {
                // The inquiry is safe and the citizen sees the reference; only the conversation does not show it.
                tracing::warn!(conversation.id = %conversation, error = %chain(&error), "the receipt is not in the conversation");
            }
        }
        Ok(InquiryReceipt { inquiry, reference, removed, danger })
    }

    /// Whether a redacted message sounds like danger. Nobody may read it for hours.
    async fn sounds_dangerous(&self, message: &str) -> Result<bool, CounterFailure> {
        let understanding = self.learned().understanding;
        let message = Redacted::vouch(message.to_owned());
        tokio::task::spawn_blocking(move || understanding.hears_danger(&message)).await.map_err(house)
    }

    /// What the inquiry takes in, with personal numbers removed everywhere but in the fields made for them.
    fn wish(
        &self,
        conversation: ConversationId,
        form: &LeaveInquiry,
        inquiry: InquiryId,
        now: Timestamp,
        transcript: &Transcript,
    ) -> (Receive, Removed) {
        let public = self.learned().understanding.public().and_phone(&form.phone);
        let (message, removed) = redact(&tidy(&form.message).0, form.lang, &public);
        let (name, _) = redact(&tidy(&form.name).0, form.lang, &public);
        let filled = |text: &str| Some(tidy(text).0.trim().to_owned()).filter(|text| !text.is_empty());
        let lines = transcript.lines.iter().filter_map(|line| {
            let (speaker, text) = match &line.said {
                Said::Citizen(text) => (Speaker::Citizen, text.clone()),
                Said::Counter(reply) => (Speaker::Counter, reply.plain()),
                Said::Erased => return None,
            };
            Some(Line { speaker, text, at: line.at })
        });
        let lines: Vec<Line> = lines.collect();
        let wish = Receive {
            reference: reference_of(inquiry),
            kind: form.kind,
            channel: match form.channel {
                ChatChannel::Web => Channel::Web,
                ChatChannel::Telegram => Channel::Telegram,
            },
            topic: form.topic.clone().filter(|topic| self.library.title(topic, form.lang).is_some()),
            received: now,
            now,
            subject: SubjectId::new(digest_uuid(&["inquiry subject", &inquiry.to_string()])),
            contact: Contact {
                name: name.as_str().to_owned(),
                phone: filled(&form.phone),
                email: filled(&form.email),
                address: None,
            },
            message: message.as_str().to_owned(),
            when: form.when.clone().filter(|when| ["morning", "afternoon", "any"].contains(&when.as_str())),
            conversation: (!lines.is_empty()).then_some(conversation),
            transcript: lines,
            forwarded_from: None,
            forwarded_case: None,
        };
        (wish, removed)
    }

    fn receipt(&self, form: &LeaveInquiry, reference: &str) -> Reply {
        let texts = &self.library.messages(form.lang).counter;
        let place = self.library.municipality(form.municipality).map_or("", |place| &place.official_name);
        let text = match form.kind {
            InquiryKind::CallBack => &texts.receipt_call_back,
            InquiryKind::Written | InquiryKind::Spoken => &texts.receipt_written,
        };
        let said = fill(text, &[("municipality", place), ("reference", reference)]);
        Reply { next_step: Some(texts.receipt_next.clone()), ..self.plain(form.lang, &said) }
    }

    /// Notes whether an answer helped. Said twice, it is noted once; the other way round, it counts anew.
    pub async fn rate(
        &self,
        conversation: ConversationId,
        answer: u64,
        helpful: bool,
    ) -> Result<(), CounterFailure> {
        let act = self.act(Tenant::COUNTER, conversation, self.clock.now(), None);
        let command = ConversationCommand::RateAnswer { answer, helpful };
        self.execute(&Conversation::stream(conversation), command, &act).await.map(|_| ())
    }

    /// Ends and erases the conversations in which nothing was said since `before`, from a place in the log on.
    ///
    /// What the page promises ("kept for at most so many days") is kept by calling this once a day. The answer
    /// says where to go on from the next time: everything before that place has ended.
    pub async fn forget(&self, before: Timestamp, from: Position) -> Result<Forgotten, CounterFailure> {
        const BATCH: usize = 256;
        let filter = Filter {
            event_types: vec!["ConversationStarted".to_owned()],
            stream_prefixes: vec![format!("{}-", Conversation::TYPE)],
        };
        let mut forgotten = Forgotten { count: 0, next: from };
        let (mut at, mut all_ended) = (from, true);
        loop {
            let page =
                self.desk.log().read_all(at, Direction::Forwards, BATCH, &filter).await.map_err(house)?;
            for started in page.events {
                if started.recorded_at >= before {
                    return Ok(forgotten);
                }
                // Streams of this kind are named by a conversation's id; another name is none of ours.
                let Ok(conversation) = started.stream.key().parse::<ConversationId>() else { continue };
                let last =
                    self.desk.log().read_stream(&started.stream, u64::MAX, Direction::Backwards, 1).await;
                let last = last.map_err(house)?.pop();
                if last.is_some_and(|last| last.recorded_at >= before) {
                    all_ended = false;
                } else {
                    // One that has ended is ended again: a crash may have left its key behind.
                    let fresh = match self.desk.load::<Conversation>(&started.stream).await {
                        Ok((state, _)) => !matches!(state, Conversation::Ended),
                        // The others are not to wait for the newer program; this one has to.
                        Err(LoadError::Newer(newer)) => {
                            tracing::warn!(error = %newer, "a conversation is left to the newer program");
                            all_ended = false;
                            continue;
                        }
                        Err(LoadError::Log(error)) => return Err(error.into()),
                    };
                    self.erase(conversation).await?;
                    forgotten.count += usize::from(fresh);
                }
                if all_ended {
                    forgotten.next = started.position;
                }
            }
            at = page.next;
            if page.end {
                return Ok(forgotten);
            }
        }
    }

    /// Ends a conversation and destroys its key, so that nobody can read it any more.
    ///
    /// Done again, it makes sure: a crash between the two steps must not leave the key behind.
    pub async fn end(&self, conversation: ConversationId) -> Result<(), CounterFailure> {
        self.end_as(conversation, &self.act(Tenant::COUNTER, conversation, self.clock.now(), None)).await
    }

    /// Ends a conversation as [`Self::end`] does, without the citizen's wish: its time is over, or what it led to was
    /// erased.
    pub async fn erase(&self, conversation: ConversationId) -> Result<(), CounterFailure> {
        let act = Act::system(Tenant::COUNTER, self.clock.now(), self.desk.ids().next());
        self.end_as(conversation, &act).await
    }

    async fn end_as(&self, conversation: ConversationId, act: &Act) -> Result<(), CounterFailure> {
        let stream = Conversation::stream(conversation);
        match self.desk.execute::<Conversation>(&stream, ConversationCommand::End, act).await {
            Ok(_) | Err(Failure::Refused(ConversationRefusal::Ended)) => {}
            Err(Failure::Refused(ConversationRefusal::NothingSaid)) => return Ok(()),
            Err(other) => return Err(house(other)),
        }
        let (keys, subject) = (Arc::clone(self.desk.keys()), subject_of(conversation));
        let destroyed = tokio::task::spawn_blocking(move || keys.destroy(Tenant::COUNTER, subject)).await;
        destroyed.map_err(house)?.map_err(house)?;
        tracing::info!(conversation.id = %conversation, "conversation {conversation} ended and erased");
        Ok(())
    }

    fn act(&self, tenant: Tenant, conversation: ConversationId, at: Timestamp, key: Option<String>) -> Act {
        let correlation = self.desk.ids().next();
        let act = Act::system(tenant, at, correlation);
        Act { actor: Actor::Citizen(conversation), idempotency: key, ..act }
    }
}

/// Redacts and understands a typed message; tells what makes it unfit to be answered as it is.
async fn understand(
    understanding: Arc<Understanding>,
    library: Arc<Library>,
    raw: String,
    lang: Lang,
    dialogue: Dialogue,
) -> Result<(Heard, Option<Unfit>), CounterFailure> {
    let quick = raw.len() <= QUICK;
    let work = move || {
        let texts = &library.messages(lang).counter;
        let hint = Hint { page: lang, dialogue };
        read(&understanding, &raw, &hint, &texts.cut_mark, &texts.unreadable_stored)
    };
    if quick { Ok(work()) } else { tokio::task::spawn_blocking(work).await.map_err(house) }
}

/// Cleans, redacts and understands. Pure, and safe for any input.
fn read(
    understanding: &Understanding,
    raw: &str,
    hint: &Hint,
    cut_mark: &str,
    unreadable: &str,
) -> (Heard, Option<Unfit>) {
    let lang = hint.page;
    // Before anything else walks over it: a megabyte is cut to what is looked at.
    let end = raw.char_indices().nth(LOOKED_AT).map_or(raw.len(), |(at, _)| at);
    let (text, garbage) = tidy(raw.get(..end).unwrap_or_default());
    if garbage {
        let heard = unfit_heard(Redacted::vouch(unreadable.to_owned()), Removed::default(), lang);
        return (heard, Some(Unfit::Unreadable));
    }
    if end == raw.len() && text.chars().count() <= MESSAGE_LIMIT {
        return (understanding.hear(&text, hint), None);
    }
    // Redacted as a whole, then cut: a number across the cut is gone before the cut is made.
    let (redacted, removed) = redact(&text, lang, understanding.public());
    let kept: String = redacted.as_str().chars().take(MESSAGE_LIMIT).collect();
    let understood = understanding.hear(&kept, hint);
    let text = Redacted::vouch(format!("{}{cut_mark}", understood.text.as_str()));
    let danger = understood.intent == Intent::Danger || understanding.hears_danger(&redacted);
    let intent = if danger { Intent::Danger } else { understood.intent };
    (Heard { intent, text, removed, ..understood }, Some(Unfit::TooLong))
}

/// A message that is kept but not answered as it is.
fn unfit_heard(text: Redacted, removed: Removed, lang: Lang) -> Heard {
    Heard {
        text,
        removed,
        lang,
        foreign: None,
        intent: Intent::OutOfScope,
        band: Band::Abstain,
        topics: Vec::new(),
        place: Place::None,
        aside: Aside::default(),
        choice: None,
    }
}

/// Takes control characters and invisible direction marks out of a text, and tells whether what came was no text
/// at all. Line breaks stay.
pub(crate) fn tidy(raw: &str) -> (String, bool) {
    let (mut total, mut bad) = (0_usize, 0_usize);
    let mut text = String::with_capacity(raw.len().min(4 * LOOKED_AT));
    for c in raw.chars() {
        total += 1;
        match c {
            '\n' | '\t' => text.push(c),
            // Marks that turn the reading direction could make a text show other than it is.
            '\r'
            | '\u{061C}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
            // Tags write a second text that nobody sees.
            | '\u{E0000}'..='\u{E007F}' => {}
            c if c.is_control() || c == '\u{FFFD}' || ('\u{E000}'..='\u{F8FF}').contains(&c) => bad += 1,
            c => text.push(c),
        }
    }
    let garbage = bad > 0 && (text.trim().is_empty() || bad * 10 > total);
    (text, garbage)
}

/// The conversation that belongs to a secret which only its citizen holds.
pub fn conversation_of(secret: &[u8]) -> ConversationId {
    let digest = Sha256::new_with_prefix(b"skranke conversation\0").chain_update(secret).finalize();
    ConversationId::new(from_digest(&digest.into()))
}

/// The conversation of a Telegram chat: keyed, because chat ids can be guessed.
pub(crate) fn conversation_of_chat(secret: &[u8], chat: i64, number: u32) -> ConversationId {
    let mut material = Vec::with_capacity(secret.len() + 32);
    material.extend((secret.len() as u64).to_be_bytes());
    material.extend(secret);
    material.extend(b"telegram");
    material.extend(chat.to_be_bytes());
    material.extend(number.to_be_bytes());
    conversation_of(&material)
}

/// The sealing subject of a conversation.
pub(crate) fn subject_of(conversation: ConversationId) -> SubjectId {
    SubjectId::new(digest_uuid(&["conversation subject", &conversation.to_string()]))
}

/// The reference of an inquiry, for example `H7QF-4M2X`.
fn reference_of(inquiry: InquiryId) -> String {
    reference_from_digest(&Sha256::digest(inquiry.uuid().as_bytes()).into())
}

/// An id from the digest of some parts, each with its length, so that no two lists of parts are one text.
fn digest_uuid(parts: &[&str]) -> Uuid {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    from_digest(&digest.finalize().into())
}

/// A sender's key as it goes into the log: of one length, whatever was sent.
fn digest_text(key: &str) -> String {
    from_digest(&Sha256::digest(key.as_bytes()).into()).simple().to_string()
}

/// Whether a text holds what looks like a CPR number.
pub(crate) fn hides_cpr(text: &str) -> bool {
    redact(text, Lang::Da, &Public::default()).1.cpr > 0
}

/// What was written, as it may be shown again where it could not be kept: without personal numbers.
pub(crate) fn text_for_screen(text: &str, lang: Lang) -> String {
    let kept: String = text.chars().take(LOOKED_AT).collect();
    redact(&tidy(&kept).0, lang, &Public::default()).0.as_str().to_owned()
}

/// Whether a form's short field is within bounds.
pub(crate) fn fits(text: &str) -> bool {
    text.chars().count() <= FIELD_LIMIT
}

fn house<E: Into<Box<dyn std::error::Error + Send + Sync>>>(error: E) -> CounterFailure {
    CounterFailure::House(error.into())
}

fn failure(error: Failure<ConversationRefusal>) -> CounterFailure {
    match error {
        Failure::Refused(ConversationRefusal::Ended) => CounterFailure::Ended,
        Failure::Refused(ConversationRefusal::NothingSaid) => CounterFailure::NothingSaid,
        Failure::Refused(ConversationRefusal::NoSuchAnswer) => CounterFailure::NoSuchAnswer,
        other => house(other),
    }
}

/// An error with everything behind it, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl CounterFailure {
    /// The field of a form that is at fault, and what to say beside it.
    pub fn field(&self, lang: Lang) -> Option<(&'static str, String)> {
        match self {
            Self::Inquiry(refusal) => Some((refusal.path(), refusal.message(lang))),
            Self::Ended | Self::NothingSaid | Self::NoSuchAnswer | Self::House(_) => None,
        }
    }
}

impl From<LogError> for CounterFailure {
    fn from(error: LogError) -> Self {
        house(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_no_letters_that_are_mixed_up_and_is_the_same_every_time() {
        let inquiry = InquiryId::new(Uuid::from_u128(7));
        let reference = reference_of(inquiry);
        assert_eq!(reference, reference_of(inquiry));
        assert_eq!((reference.len(), reference.find('-')), (9, Some(4)));
        assert!(reference.chars().all(|c| c == '-' || "234679ACDEFGHJKMNPQRTWXY".contains(c)), "{reference}");
    }

    #[test]
    fn conversations_of_different_secrets_and_chats_differ() {
        assert_ne!(conversation_of(b"a"), conversation_of(b"b"));
        assert_ne!(conversation_of_chat(b"s", 1, 0), conversation_of_chat(b"s", 1, 1));
        assert_ne!(conversation_of_chat(b"s", 1, 0), conversation_of_chat(b"t", 1, 0));
        assert_eq!(conversation_of(b"a"), conversation_of(b"a"));
    }

    #[test]
    fn control_characters_go_and_garbage_is_seen() {
        assert_eq!(
            tidy("a\u{202E}b\u{E0041}\u{0007}c\r\nd — æøå, og resten er tekst"),
            ("abc\nd — æøå, og resten er tekst".to_owned(), false)
        );
        assert!(tidy("\u{0}\u{1}\u{2}").1);
        assert!(tidy("PNG\u{FFFD}\u{FFFD}\u{0}\u{0}\u{FFFD}x").1);
        assert!(!tidy("").1 && !tidy("zażółć ქართული 日本語 🙂").1);
    }
}
