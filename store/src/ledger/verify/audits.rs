//! What a pack tells of an auditor's work: how each sample was drawn, and what was found and answered. Texts stay sealed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cqrs_es::Aggregate;
use skranke_domain::engagement::{
    Engagement, FindingAnswered, FindingRecorded, FrameDay, SampleDrawn, Severity,
};

use super::count;
use crate::record::Record;

/// The samples and the findings in a pack.
#[derive(Default)]
pub(super) struct Audits {
    samples: Vec<String>,
    /// By stream and number: what it is about, and how often it was answered.
    findings: BTreeMap<(String, u32), (String, u64)>,
}

impl Audits {
    /// Takes in an event. One of a form that this version does not know tells nothing here; it is proved all the same.
    pub(super) fn take(&mut self, event: &Record<'_>) {
        let of_an_engagement = event.stream.strip_prefix(Engagement::TYPE);
        if !of_an_engagement.is_some_and(|rest| rest.starts_with('-')) {
            return;
        }
        let stream = event.stream.to_owned();
        match event.event_type {
            "SampleDrawn" => {
                self.samples
                    .extend(serde_json::from_slice(event.data).ok().map(|drawn| sample(&stream, &drawn)));
            }
            "FindingRecorded" => {
                if let Ok(recorded) = serde_json::from_slice::<FindingRecorded>(event.data) {
                    let said = finding(&stream, &recorded);
                    self.findings.insert((stream, recorded.finding), (said, 0));
                }
            }
            "FindingAnswered" => {
                if let Ok(answered) = serde_json::from_slice::<FindingAnswered>(event.data)
                    && let Some((_, answers)) = self.findings.get_mut(&(stream, answered.finding))
                {
                    *answers += 1;
                }
            }
            _ => {}
        }
    }

    /// All of it in sentences: the samples, then the findings.
    pub(super) fn told(self) -> impl Iterator<Item = String> {
        let findings = self.findings.into_values().map(|(said, answers)| match answers {
            0 => format!("{said}, not answered."),
            answers => format!("{said}, with {}.", count(answers, "answer")),
        });
        self.samples.into_iter().chain(findings)
    }
}

fn sample(stream: &str, drawn: &SampleDrawn) -> String {
    let SampleDrawn { sample, seed, frame, position, size, frame_sha256, cases, .. } = drawn;
    let day = match frame.day {
        FrameDay::Received => "received",
        FrameDay::Decided => "decided",
        FrameDay::Closed => "closed",
    };
    let kle = frame.kle.as_ref().map(|kle| format!(" under subject {kle}")).unwrap_or_default();
    let mut said = format!(
        "Sample {sample} of {stream}: {} drawn of {size} {day} from {} to {}{kle}, by seed {seed}, as the log stood at \
         position {position}. The frame's SHA-256 is {frame_sha256}. Drawn:",
        count(cases.len() as u64, "case"),
        frame.from,
        frame.until,
    );
    for case in cases {
        let _ = write!(said, " {case}");
    }
    said.push('.');
    said
}

fn finding(stream: &str, recorded: &FindingRecorded) -> String {
    let severity = match recorded.severity {
        Severity::Observation => "an observation",
        Severity::Recommendation => "a recommendation",
        Severity::Remark => "a remark",
    };
    let about =
        recorded.case.map_or_else(|| "the engagement as a whole".to_owned(), |case| format!("case {case}"));
    let rule = recorded.rule.as_ref().map(|rule| format!(", measured by {rule}")).unwrap_or_default();
    format!("Finding {} of {stream}: {severity} about {about}{rule}", recorded.finding)
}
