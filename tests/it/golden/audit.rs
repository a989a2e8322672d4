//! The audit: samples that were drawn, and findings with their answers.

use skranke_domain::engagement::{
    EngagementEvent, FindingAnswered, FindingRecorded, Frame, FrameDay, SampleDrawn, Seed, Severity,
};
use skranke_domain::kle::KleNumber;

use super::*;

pub(super) fn of_an_engagement() -> [EngagementEvent; 3] {
    [
        EngagementEvent::SampleDrawn(SampleDrawn {
            sample: 1,
            seed: Seed(u64::MAX),
            frame: Frame {
                day: FrameDay::Decided,
                from: date(2026, 1, 1),
                until: date(2026, 12, 31),
                kle: KleNumber::try_new("32.03"),
            },
            n: 25,
            position: 4711,
            size: 1,
            frame_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            cases: vec![case()],
        }),
        EngagementEvent::FindingRecorded(FindingRecorded {
            finding: 1,
            case: Some(case()),
            subject: subject(),
            severity: Severity::Remark,
            rule: Some("FVL § 19".into()),
            text: sealed("Parten blev ikke hørt"),
        }),
        EngagementEvent::FindingAnswered(FindingAnswered { finding: 1, text: sealed("Parten er hørt nu") }),
    ]
}
